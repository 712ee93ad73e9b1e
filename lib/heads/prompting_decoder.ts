/**
 * The prompting decoder of MILAN (Hou et al. 2022, section 3.2): only the removed patches are
 * updated; the encoder's tokens are frozen prompts that they look at.
 *
 * @module
 */
import { gatherTokens, type Tensor, tf } from "../engine/mod.ts";
import type { Mask } from "../maskers/mask.ts";
import { attend } from "../nn/attention.ts";
import { layerNorm } from "../nn/layer_norm.ts";
import { linear } from "../nn/linear.ts";
import { hiddenWidth, mlp } from "../nn/mlp.ts";
import { rematerializedBlock } from "../nn/rematerialized_block.ts";
import type { Scope } from "../nn/scope.ts";
import {
  completeDecoder,
  type DecoderConfiguration,
  type DecoderOutput,
  decoderPositions,
  maskTokens,
  predict,
} from "./decoder.ts";

/**
 * One block: queries from the removed patches alone, keys and values from the prompts and them.
 * The prompts come without the block's norm, as in the authors' code. Their order does not matter
 * to attention, so they are not put back into image order.
 */
function promptingBlock(
  scope: Scope,
  removed: Tensor,
  prompts: Tensor,
  { heads, width, mlpRatio, epsilon }: Required<DecoderConfiguration>,
): Tensor {
  const normalized = layerNorm(scope.at("norm1"), removed, epsilon);
  const context = tf.concat([prompts, normalized], 1); // (B, 1 + N, D)
  const attention = scope.at("attn");
  const queries = linear(attention.at("q"), normalized, width);
  const [keys, values] = tf.split(
    linear(attention.at("kv"), context, 2 * width),
    2,
    -1,
  ) as [
    Tensor,
    Tensor,
  ];
  const { output } = attend(queries, keys, values, { heads });
  const attended = removed.add(linear(attention.at("proj"), output, width));
  const hidden = layerNorm(scope.at("norm2"), attended, epsilon);
  return attended.add(
    mlp(scope.at("mlp"), hidden, { hidden: hiddenWidth(width, mlpRatio) }),
  );
}

/**
 * Predicts every token; only the removed patches' representations are worked on.
 *
 * @param latent the encoder's normalised output, class token first, `(B, 1 + K, D)`.
 * @returns the prediction, and the removed patches after each block, `(B, N - K, D)`.
 *
 * @example
 * ```ts
 * import { promptingDecoder } from "./prompting_decoder.ts";
 * import { maskFromOrder } from "../maskers/mask.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const specifications = describeParameters((scope, input) => {
 *   const mask = maskFromOrder(input({ shape: [1, 16], dtype: "int32" }), 0.75);
 *   const decoder = { width: 16, depth: 1, heads: 2, outputs: 512 };
 *   promptingDecoder(scope, input({ shape: [1, 5, 8] }), mask, decoder);
 * });
 * console.log(specifications.get("decoder_blocks.0.attn.kv.weight")!.shape); // [ 16, 32 ]
 * ```
 */
export function promptingDecoder(
  scope: Scope,
  latent: Tensor,
  mask: Mask,
  configuration: DecoderConfiguration,
): DecoderOutput {
  const complete = completeDecoder(configuration);
  const { width, depth } = complete;
  const [batch, length] = mask.restore.shape as [number, number];
  const removedCount = mask.removed.shape[1]!;

  const embedded = linear(scope.at("decoder_embed"), latent, width);
  const position = decoderPositions(scope, length, width);
  const patchPositions = position.slice([0, 1], [1, -1]).tile([batch, 1, 1]);
  const [classToken, visible] = tf.split(embedded, [1, length - removedCount], 1) as [
    Tensor,
    Tensor,
  ];
  const visiblePrompts = visible.add(gatherTokens(patchPositions, mask.visible));
  const classPrompt = classToken.add(position.slice([0, 0], [1, 1]));
  const prompts = tf.concat([classPrompt, visiblePrompts], 1);

  let removed: Tensor = maskTokens(scope, batch, removedCount, width)
    .add(gatherTokens(patchPositions, mask.removed));
  const blocks: Tensor[] = [];
  for (let index = 0; index < depth; index++) {
    removed = rematerializedBlock(
      scope.at("decoder_blocks").at(index),
      removed,
      (scope, removed, prompts) => promptingBlock(scope, removed, prompts!, complete),
      [prompts],
    );
    blocks.push(removed);
  }
  const patches = gatherTokens(tf.concat([visiblePrompts, removed], 1), mask.restore);
  const tokens = tf.concat([classPrompt, patches], 1);
  return { prediction: predict(scope, tokens, complete), blocks };
}
