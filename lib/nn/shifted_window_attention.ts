/**
 * Attention in windows that stand half a window further down and right, so that neighbouring windows
 * of the layer before exchange what they know (Swin, Liu et al. 2021, section 3.2).
 *
 * @module
 */
import { roll, type Tensor, tf } from "../engine/mod.ts";
import type { Scope } from "./scope.ts";
import { windowAttention } from "./window_attention.ts";
import { type ShiftedGrid, shiftMask } from "./window_tables.ts";

export { type ShiftedGrid, shiftMask };

/** Options of {@linkcode shiftedWindowAttention}. */
export interface ShiftedWindowAttentionOptions {
  heads: number;
  /** Tokens of a window's side. */
  window: number;
  /** Whether the windows are moved by half a window. */
  shifted: boolean;
  /**
   * Moves the windows even on a map that is one window high or wide, as detectors do; classifiers
   * do not. Default: false.
   */
  padSmallMaps?: boolean;
}

/** How far the windows of a layer are moved. */
function shiftOf(
  rows: number,
  columns: number,
  { window, shifted, padSmallMaps = false }: ShiftedWindowAttentionOptions,
): number {
  const smaller = Math.min(rows, columns);
  if (smaller < window && !padSmallMaps) {
    throw new Error(
      `A map of ${rows}×${columns} is smaller than its windows of ${window}×${window}: ` +
        `use windows of at most ${smaller}, larger images, or padSmallMaps`,
    );
  }
  if (!shifted || (smaller === window && !padSmallMaps)) return 0;
  return Math.floor(window / 2);
}

/**
 * Attention in windows, shifted or not: `(B, H, W, C)` → `(B, H, W, C)`. The map is padded with zeros
 * below and to the right to whole windows; these tokens are seen like any other (as in openmixup).
 *
 * @param scope holds `w_msa`: `qkv`, `proj` and `relative_position_bias_table`.
 * @throws {Error} when the map is smaller than a window, or the heads do not divide C.
 *
 * @example
 * ```ts
 * import { shiftedWindowAttention } from "./shifted_window_attention.ts";
 * import { describeParameters } from "./scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   shiftedWindowAttention(scope, input({ shape: [1, 10, 10, 8] }), {
 *     heads: 2,
 *     window: 7,
 *     shifted: true,
 *   })
 * );
 * console.log(specifications.get("w_msa.qkv.weight")!.shape); // [ 8, 24 ]
 * ```
 */
export function shiftedWindowAttention(
  scope: Scope,
  map: Tensor,
  options: ShiftedWindowAttentionOptions,
): Tensor {
  const { heads, window } = options;
  const [, rows, columns] = map.shape as [number, number, number, number];
  const shift = shiftOf(rows, columns, options);
  const paddedRows = Math.ceil(rows / window) * window;
  const paddedColumns = Math.ceil(columns / window) * window;
  const pads = paddedRows !== rows || paddedColumns !== columns;
  if (pads) {
    map = tf.pad(map, [[0, 0], [0, paddedRows - rows], [0, paddedColumns - columns], [
      0,
      0,
    ]]);
  }
  if (shift === 0) {
    map = windowAttention(scope.at("w_msa"), map, { heads, window }).output;
  } else {
    const tokens = window * window;
    const windows = paddedRows * paddedColumns / tokens;
    const grid = { rows: paddedRows, columns: paddedColumns, window, shift };
    const mask = tf.tensor3d(shiftMask(grid), [windows, tokens, tokens]);
    map = roll(map, [-shift, -shift], [1, 2]);
    map = windowAttention(scope.at("w_msa"), map, { heads, window, mask }).output;
    map = roll(map, [shift, shift], [1, 2]);
  }
  return pads ? map.slice([0, 0, 0, 0], [-1, rows, columns, -1]) : map;
}
