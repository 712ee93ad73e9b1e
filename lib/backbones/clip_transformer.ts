/**
 * The transformer that both towers of CLIP (Radford et al. 2021) are made of, under the parameter
 * names of OpenAI's code: `resblocks.i.{ln_1, attn, ln_2, mlp}`.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { attend, type Attended, type AttendOptions } from "../nn/attention.ts";
import { xavierUniform, zeros } from "../nn/initializers.ts";
import { layerNorm } from "../nn/layer_norm.ts";
import { linear, product } from "../nn/linear.ts";
import { type Activation, mlp } from "../nn/mlp.ts";
import type { Scope } from "../nn/scope.ts";

/** Of CLIP's layer norms. */
export const clipEpsilon = 1e-5;

/** Hidden width of CLIP's MLPs over the width. */
export const clipMlpRatio = 4;

/** The shape of a tower's transformer. */
export interface ClipTransformerConfiguration {
  /** D */
  width: number;
  layers: number;
  heads: number;
  /** Default: quick-gelu, as released by OpenAI. */
  activation?: Activation;
}

/** What the transformer gives. */
export interface ClipTransformerOutput {
  /** After the last block that ran, `(B, N, D)`. */
  tokens: Tensor;
  /** After each block, `(B, N, D)`. */
  blocks: Tensor[];
  /** Of the last block that ran, `(B, heads, N, N)`. */
  attention: Tensor;
}

/** PyTorch's multi-head attention: queries, keys and values in one `in_proj_weight`. */
function clipAttention(scope: Scope, x: Tensor, options: AttendOptions): Attended {
  const width = x.shape.at(-1)!;
  const weight = scope.parameter("in_proj_weight", [width, 3 * width], {
    initial: xavierUniform,
    layout: "linear",
  });
  const bias = scope.parameter("in_proj_bias", [3 * width], { initial: zeros });
  const qkv = product(x, weight).add(bias);
  const [queries, keys, values] = tf.split(qkv, 3, -1) as [Tensor, Tensor, Tensor];
  const attended = attend(queries, keys, values, options);
  return { ...attended, output: linear(scope.at("out_proj"), attended.output, width) };
}

/**
 * The blocks of a tower: `(B, N, D)` → `(B, N, D)`.
 *
 * @param scope holds `resblocks`.
 * @param bias added to the attention logits.
 */
export function clipTransformer(
  scope: Scope,
  x: Tensor,
  { layers, heads, activation = "quick-gelu" }: ClipTransformerConfiguration,
  bias?: Tensor,
): ClipTransformerOutput {
  const hidden = clipMlpRatio * x.shape.at(-1)!;
  const blocks: Tensor[] = [];
  let attention: Tensor | undefined;
  for (let index = 0; index < layers; index++) {
    const block = scope.at("resblocks").at(index);
    const attended = clipAttention(
      block.at("attn"),
      layerNorm(block.at("ln_1"), x, clipEpsilon),
      bias ? { heads, bias } : { heads },
    );
    x = x.add(attended.output);
    const normalized = layerNorm(block.at("ln_2"), x, clipEpsilon);
    x = x.add(
      mlp(block.at("mlp"), normalized, { hidden, activation, names: ["c_fc", "c_proj"] }),
    );
    blocks.push(x);
    attention = attended.weights;
  }
  if (attention === undefined) {
    throw new Error(`CLIP needs 1 layer or more, got ${layers}`);
  }
  return { tokens: x, blocks, attention };
}
