/**
 * The decoder of MAE (He et al. 2022, section 3): mask tokens take the place of the removed patches,
 * and a small ViT looks at all of them.
 *
 * @module
 */
import { gatherTokens, type Tensor, tf } from "../engine/mod.ts";
import type { Mask } from "../maskers/mask.ts";
import { linear } from "../nn/linear.ts";
import { hiddenWidth } from "../nn/mlp.ts";
import { rematerializedBlock } from "../nn/rematerialized_block.ts";
import type { Scope } from "../nn/scope.ts";
import { transformerBlock } from "../nn/transformer_block.ts";
import {
  completeDecoder,
  type DecoderConfiguration,
  type DecoderOutput,
  decoderPositions,
  maskTokens,
  predict,
} from "./decoder.ts";

/**
 * Predicts every token from the visible ones.
 *
 * @param latent the encoder's normalised output, class token first, `(B, 1 + K, D)`.
 *
 * @example
 * ```ts
 * import { maeDecoder } from "./mae_decoder.ts";
 * import { maskFromOrder } from "../maskers/mask.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const specifications = describeParameters((scope, input) => {
 *   const mask = maskFromOrder(input({ shape: [1, 16], dtype: "int32" }), 0.75);
 *   maeDecoder(scope, input({ shape: [1, 5, 8] }), mask, { width: 16, heads: 2, outputs: 48 });
 * });
 * console.log(specifications.get("decoder_pred.weight")!.shape); // [ 16, 48 ]
 * ```
 */
export function maeDecoder(
  scope: Scope,
  latent: Tensor,
  mask: Mask,
  configuration: DecoderConfiguration,
): DecoderOutput {
  const complete = completeDecoder(configuration);
  const { width, depth, heads, mlpRatio, epsilon } = complete;
  const [batch, length] = mask.restore.shape as [number, number];
  const removed = mask.removed.shape[1]!;

  const embedded = linear(scope.at("decoder_embed"), latent, width);
  const [classToken, visible] = tf.split(embedded, [1, length - removed], 1) as [
    Tensor,
    Tensor,
  ];
  const shuffled = tf.concat([visible, maskTokens(scope, batch, removed, width)], 1);
  const patches = gatherTokens(shuffled, mask.restore); // (B, N, D), in image order
  let tokens: Tensor = tf.concat([classToken, patches], 1)
    .add(decoderPositions(scope, length, width));
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
