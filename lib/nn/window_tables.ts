/**
 * Which tokens of a window stand how to each other, as tables: what attention in windows looks up, and
 * checkpoints hold. Plain numbers, which need no TensorFlow.
 *
 * @module
 */
import type { Grid } from "./position_embedding.ts";

/** The size of a map, and of the windows in it. */
export interface WindowGrid {
  rows: number;
  columns: number;
  window: number;
}

/**
 * Which row of the bias table goes with each pair of a window's tokens: for tokens i and j at
 * (yᵢ, xᵢ) and (yⱼ, xⱼ), (yᵢ − yⱼ + w − 1)(2w − 1) + (xᵢ − xⱼ + w − 1).
 *
 * @returns `(N, N)` values, N = w². Checkpoints hold them as `relative_position_index`; the kit
 *   computes them.
 *
 * @example
 * ```ts
 * import { relativePositionIndex } from "./window_tables.ts";
 * console.log(relativePositionIndex(2).subarray(0, 4)); // Int32Array(4) [ 4, 3, 1, 0 ]
 * ```
 */
export function relativePositionIndex(window: number): Int32Array<ArrayBuffer> {
  const tokens = window * window;
  const index = new Int32Array(tokens * tokens);
  for (let i = 0; i < tokens; i++) {
    const [yi, xi] = [Math.floor(i / window), i % window];
    for (let j = 0; j < tokens; j++) {
      const [yj, xj] = [Math.floor(j / window), j % window];
      index[i * tokens + j] = (yi - yj + window - 1) * (2 * window - 1) +
        (xi - xj + window - 1);
    }
  }
  return index;
}

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
 * import { shiftMask } from "./window_tables.ts";
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

/** Numbers per head: every offset of two patches of the grid, and three for the class token. */
export function relativePositionCountWithClass([rows, columns]: Grid): number {
  return (2 * rows - 1) * (2 * columns - 1) + 3;
}

const known = new Map<string, Int32Array>();

/**
 * Which number of the table is for which pair of tokens: `(1 + N) · (1 + N)` values, row by row, with
 * the query's token in the row and the class token first (BEiT, `Attention`).
 *
 * @example
 * ```ts
 * import { relativePositionIndexWithClass } from "./window_tables.ts";
 * console.log(relativePositionIndexWithClass([1, 2])); // Int32Array [ 5, 3, 3, 4, 1, 0, 4, 2, 1 ]
 * ```
 */
export function relativePositionIndexWithClass(grid: Grid): Int32Array {
  const found = known.get(grid.join());
  if (found !== undefined) return found;
  const [rows, columns] = grid;
  const patches = rows * columns;
  const [classToPatch, patchToClass, classToClass] = [3, 2, 1].map((fromEnd) =>
    relativePositionCountWithClass(grid) - fromEnd
  ) as [number, number, number];
  const width = 2 * columns - 1;
  const rowOf = (patch: number): number => Math.floor(patch / columns);
  const index = new Int32Array((1 + patches) ** 2).fill(classToPatch, 0, 1 + patches);
  index[0] = classToClass;
  for (let query = 0; query < patches; query++) {
    const start = (1 + query) * (1 + patches);
    index[start] = patchToClass;
    for (let key = 0; key < patches; key++) {
      const down = rowOf(query) - rowOf(key) + rows - 1;
      const right = query % columns - key % columns + columns - 1;
      index[start + 1 + key] = down * width + right;
    }
  }
  known.set(grid.join(), index);
  return index;
}
