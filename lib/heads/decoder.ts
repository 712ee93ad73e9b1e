/**
 * What the decoders of masked autoencoders have in common: their shape, their position embeddings
 * and their mask token.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { layerNorm } from "../nn/layer_norm.ts";
import { linear } from "../nn/linear.ts";
import { normal, table } from "../nn/initializers.ts";
import { sineCosinePositions } from "../nn/position_embedding.ts";
import type { Scope } from "../nn/scope.ts";

/** The shape of a decoder. */
export interface DecoderConfiguration {
  /** Default: 512. */
  width?: number;
  /** Default: 8. */
  depth?: number;
  /** Default: 16. */
  heads?: number;
  /** Hidden width of the MLPs over the width. Default: 4. */
  mlpRatio?: number;
  /** Of the layer norms. Default: 1e-6. */
  epsilon?: number;
  /** Values that it predicts for each token: P·P·C for pixels, the teacher's width for features. */
  outputs: number;
}

/** What a decoder gives, by name. */
export interface DecoderOutput {
  /** Class token and patches in image order, `(B, 1 + N, outputs)`. */
  prediction: Tensor;
  /** After each block. */
  blocks: Tensor[];
}

/** A configuration with its defaults (MAE, appendix A.1) filled in. */
export function completeDecoder(
  configuration: DecoderConfiguration,
): Required<DecoderConfiguration> {
  return {
    width: 512,
    depth: 8,
    heads: 16,
    mlpRatio: 4,
    epsilon: 1e-6,
    ...configuration,
  };
}

/** The fixed position embeddings `[1, 1 + N, D]` of a decoder. */
export function decoderPositions(scope: Scope, length: number, width: number): Tensor {
  return scope.parameter("decoder_pos_embed", [1, 1 + length, width], {
    initial: table(() =>
      sineCosinePositions({
        width,
        grid: Math.round(Math.sqrt(length)),
        classToken: true,
      })
    ),
    trainable: false,
  });
}

/** The learned token that stands for every removed patch, `(B, count, D)`. */
export function maskTokens(
  scope: Scope,
  batch: number,
  count: number,
  width: number,
): Tensor {
  const token = scope.parameter("mask_token", [1, 1, width], { initial: normal(0.02) });
  return tf.tile(token, [batch, count, 1]);
}

/** decoder_norm, then decoder_pred: `(B, 1 + N, D)` → `(B, 1 + N, outputs)`. */
export function predict(
  scope: Scope,
  tokens: Tensor,
  { epsilon, outputs }: Required<DecoderConfiguration>,
): Tensor {
  const normalized = layerNorm(scope.at("decoder_norm"), tokens, epsilon);
  return linear(scope.at("decoder_pred"), normalized, outputs);
}
