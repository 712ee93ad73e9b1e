/**
 * Attention in windows that stand half a window further down and right, so that neighbouring windows
 * of the layer before exchange what they know (Swin, Liu et al. 2021, section 3.2).
 *
 * @module
 */
import { roll, type Tensor, tf } from "../engine/mod.ts";
import type { Scope } from "./scope.ts";
import { windowAttention, type WindowGrid } from "./window_attention.ts";

// Swin's own stand-in for minus infinity: exp(-100) is 0 beside any other weight in float32.
const apart = -100;

/** A grid of windows, moved. */
export interface ShiftedGrid extends WindowGrid {
  /** How far the windows are moved down and right. */
  shift: number;
}

/**
 * What is added to the logits of shifted windows: after the cyclic shift, windows at the lower and
 * right border hold tokens from opposite borders of the map, which must not see each other.
 *
 * @returns `(windows, N, N)` values, 0 or -100, N = w².
 *
 * @example
 * ```ts
 * import { shiftMask } from "./shifted_window_attention.ts";
 * const mask = shiftMask({ rows: 4, columns: 4, window: 2, shift: 1 });
 * console.log(mask.subarray(16, 20)); // window 1 spans the right border: [ 0, -100, 0, -100 ]
 * ```
 */
export function shiftMask(
  { rows, columns, window, shift }: ShiftedGrid,
): Float32Array<ArrayBuffer> {
  const tokens = window * window;
  const mask = new Float32Array(rows * columns * tokens);
  // Along each axis three stretches: whole windows, the last window up to the seam, and past it.
  const stretch = (place: number, length: number): number =>
    place < length - window ? 0 : place < length - shift ? 1 : 2;
  const windowsAcross = columns / window;
  const regions = new Int32Array(tokens);
  for (let at = 0; at < rows * columns / tokens; at++) {
    for (let token = 0; token < tokens; token++) {
      const row = Math.floor(at / windowsAcross) * window + Math.floor(token / window);
      const column = at % windowsAcross * window + token % window;
      regions[token] = 3 * stretch(row, rows) + stretch(column, columns);
    }
    for (let query = 0; query < tokens; query++) {
      for (let key = 0; key < tokens; key++) {
        if (regions[query] !== regions[key]) {
          mask[(at * tokens + query) * tokens + key] = apart;
        }
      }
    }
  }
  return mask;
}

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
