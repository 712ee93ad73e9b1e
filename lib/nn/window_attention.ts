/**
 * Self-attention inside the windows of a feature map, with a learned bias for each relative position
 * (Swin, Liu et al. 2021, section 3.2), as Swin and MixMIM use it.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { attend, type Attended, requireHeads } from "./attention.ts";
import { truncatedNormal } from "./initializers.ts";
import { linear } from "./linear.ts";
import type { Scope } from "./scope.ts";
import { lookUp } from "./token_embedding.ts";
import { relativePositionIndex, type WindowGrid } from "./window_tables.ts";

export { relativePositionIndex, type WindowGrid };

type MapShape = [batch: number, rows: number, columns: number, channels: number];

/** Throws unless the map can be cut into whole windows. */
export function requireWholeWindows(rows: number, columns: number, window: number): void {
  const fits = Number.isInteger(window) && window > 0 && rows % window === 0 &&
    columns % window === 0;
  if (fits) return;
  throw new Error(
    `A map of ${rows}×${columns} cannot be cut into windows of ${window}×${window}: ` +
      "its rows and columns must be multiples of the window",
  );
}

/**
 * Cuts a map into windows: `(B, H, W, C)` → `(B, N, windows, C)` with N = window²; both windows and
 * the tokens in them are in row order. The windows come after the tokens, so that attention can
 * take them for further heads and a bias for each window is never repeated for the batch.
 *
 * @throws {Error} when a side of the map is not a multiple of the window.
 *
 * @example
 * ```ts
 * import { partitionWindows } from "./window_attention.ts";
 * import { tf } from "../engine/mod.ts";
 * console.log(partitionWindows(tf.zeros([2, 8, 12, 3]), 4).shape); // [ 2, 16, 6, 3 ]
 * ```
 */
export function partitionWindows(map: Tensor, window: number): Tensor {
  const [batch, rows, columns, channels] = map.shape as MapShape;
  requireWholeWindows(rows, columns, window);
  const down = rows / window;
  const across = columns / window;
  const tokens = window * window;
  if (down * across === 1) return map.reshape([batch, tokens, 1, channels]);
  return map
    .reshape([batch, down, window, across, window, channels])
    .transpose([0, 2, 4, 1, 3, 5]) // (B, w, w, H / w, W / w, C)
    .reshape([batch, tokens, down * across, channels]);
}

/** The inverse of {@linkcode partitionWindows}: `(B, N, windows, C)` → `(B, H, W, C)`. */
export function joinWindows(
  windows: Tensor,
  { rows, columns, window }: WindowGrid,
): Tensor {
  const [batch, , count, channels] = windows.shape as MapShape;
  if (count === 1) return windows.reshape([batch, rows, columns, channels]);
  return windows
    .reshape([batch, window, window, rows / window, columns / window, channels])
    .transpose([0, 3, 1, 4, 2, 5])
    .reshape([batch, rows, columns, channels]);
}

/**
 * The learned bias of each pair of a window's tokens, `(heads, N, N)`.
 *
 * @param scope holds `relative_position_bias_table` `[(2w − 1)², heads]`.
 */
export function relativePositionBias(
  scope: Scope,
  { window, heads }: { window: number; heads: number },
): Tensor {
  const tokens = window * window;
  const table = scope.parameter(
    "relative_position_bias_table",
    [(2 * window - 1) ** 2, heads],
    { initial: truncatedNormal(0.02) },
  );
  const index = tf.tensor1d(relativePositionIndex(window), "int32");
  return lookUp(table, index).transpose().reshape([heads, tokens, tokens]);
}

/** Options of {@linkcode windowAttention}. */
export interface WindowAttentionOptions {
  heads: number;
  /** Tokens of a window's side, w. */
  window: number;
  /** Added to the logits: `(windows, N, N)`, the same for all heads and images. */
  mask?: Tensor;
  /** Default: true. */
  qkvBias?: boolean;
}

/**
 * Multi-head self-attention among the tokens of each window: `(B, H, W, C)` → `(B, H, W, C)`.
 *
 * @param scope holds `qkv`, `proj` and `relative_position_bias_table`.
 * @returns the map, and the weights `(B, windows · heads, N, N)`, windows first.
 * @throws {Error} when the map has no whole windows, the heads do not divide C, or the mask does not
 *   fit.
 *
 * @example
 * ```ts
 * import { windowAttention } from "./window_attention.ts";
 * import { describeParameters } from "./scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   windowAttention(scope, input({ shape: [1, 14, 14, 8] }), { heads: 2, window: 7 })
 * );
 * console.log(specifications.get("relative_position_bias_table")!.shape); // [ 169, 2 ]
 * ```
 */
export function windowAttention(
  scope: Scope,
  map: Tensor,
  { heads, window, mask, qkvBias = true }: WindowAttentionOptions,
): Attended {
  const [batch, rows, columns, width] = map.shape as MapShape;
  requireHeads(width, heads);
  const x = partitionWindows(map, window);
  const [, tokens, windows] = x.shape as MapShape;
  if (mask !== undefined && mask.shape.join() !== [windows, tokens, tokens].join()) {
    throw new Error(
      `The mask of window attention is [${mask.shape}], ` +
        `${windows} windows of ${tokens} tokens need [${windows},${tokens},${tokens}]`,
    );
  }
  const relative = relativePositionBias(scope, { window, heads })
    .reshape([1, heads, tokens, tokens]);
  const bias = mask === undefined
    ? tf.tile(relative, [windows, 1, 1, 1])
    : relative.add(mask.reshape([windows, 1, tokens, tokens]));

  const qkv = linear(scope.at("qkv"), x, 3 * width, { bias: qkvBias });
  const [queries, keys, values] = tf.split(qkv, 3, -1)
    .map((part) => part.reshape([batch, tokens, windows * width])) as [
      Tensor,
      Tensor,
      Tensor,
    ];
  const attended = attend(queries, keys, values, {
    heads: windows * heads,
    bias: bias.reshape([1, windows * heads, tokens, tokens]),
  });
  const output = linear(
    scope.at("proj"),
    attended.output.reshape([batch, tokens, windows, width]),
    width,
  );
  return {
    output: joinWindows(output, { rows, columns, window }),
    weights: attended.weights,
  };
}
