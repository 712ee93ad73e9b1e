/**
 * The dual reconstruction decoder of MixMIM (Liu et al. 2022, section 3.1): a small ViT rebuilds
 * both images of a mixed one, each from its own tokens and mask tokens in the places of the other's.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { table, truncatedNormal } from "../nn/initializers.ts";
import { linear } from "../nn/linear.ts";
import { hiddenWidth } from "../nn/mlp.ts";
import {
  type SineCosineConvention,
  sineCosinePositions,
} from "../nn/position_embedding.ts";
import { rematerializedBlock } from "../nn/rematerialized_block.ts";
import type { Scope } from "../nn/scope.ts";
import { transformerBlock } from "../nn/transformer_block.ts";
import {
  completeDecoder,
  type DecoderConfiguration,
  type DecoderOutput,
  predict,
} from "./decoder.ts";

/** The shape of a MixMIM decoder. */
export interface MixmimDecoderConfiguration extends DecoderConfiguration {
  /** Of the position table. Default: official. */
  positions?: SineCosineConvention;
}

/**
 * Predicts both images of each mixed one.
 *
 * @param latent the encoder's normalised output for the mixed images, `(B, N, D)`.
 * @param mask 1 where a cell comes from the partner, `(1, N)`.
 * @returns the prediction `(2B, N, outputs)`: rows 0 … B − 1 for the images themselves, rows B …
 *   2B − 1 for their partners.
 *
 * @example
 * ```ts
 * import { mixmimDecoder } from "./mixmim_decoder.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * describeParameters((scope, input) => {
 *   const decoder = { width: 16, depth: 1, heads: 2, outputs: 3072 };
 *   const latent = input({ shape: [2, 49, 64] });
 *   const { prediction } = mixmimDecoder(scope, latent, input({ shape: [1, 49] }), decoder);
 *   console.log(prediction.shape); // [ 4, 49, 3072 ]
 * });
 * ```
 */
export function mixmimDecoder(
  scope: Scope,
  latent: Tensor,
  mask: Tensor,
  { positions: convention = "official", ...configuration }: MixmimDecoderConfiguration,
): DecoderOutput {
  const complete = completeDecoder({ epsilon: 1e-5, ...configuration });
  const { width, depth, heads, mlpRatio, epsilon } = complete;
  const length = latent.shape[1]!;
  const grid = Math.round(Math.sqrt(length));

  const embedded = linear(scope.at("decoder_embed"), latent, width);
  const token = scope.parameter("mask_token", [1, 1, width], {
    initial: truncatedNormal(0.02),
  });
  const positions = scope.parameter("decoder_pos_embed", [1, length, width], {
    initial: table(() => sineCosinePositions({ width, grid, convention })),
    trainable: false,
  });
  const partner = mask.expandDims(2); // (1, N, 1)
  const own = tf.sub(1, partner);
  const ofImages = embedded.mul(own).add(token.mul(partner));
  const ofPartners = embedded.mul(partner).add(token.mul(own));
  let tokens: Tensor = tf.concat([ofImages, ofPartners], 0).add(positions); // (2B, N, D)
  const shape = { heads, hidden: hiddenWidth(width, mlpRatio), epsilon };
  const blocks: Tensor[] = [];
  for (let index = 0; index < depth; index++) {
    tokens = rematerializedBlock(
      scope.at("decoder_blocks").at(index),
      tokens,
      (scope, tokens) => transformerBlock(scope, tokens, shape).tokens,
    );
    blocks.push(tokens);
  }
  return { prediction: predict(scope, tokens, complete), blocks };
}
