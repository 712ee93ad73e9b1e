/**
 * A mask over the cells of an image, at the resolution of a feature map or of the pixels.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";

/** Rows and columns of a map. */
export interface MapSize {
  rows: number;
  columns: number;
}

/** The rows and columns of `length` cells over a map, both of one shape. */
function cellsOf(length: number, { rows, columns }: MapSize): MapSize {
  const cellRows = Math.round(Math.sqrt(length * rows / columns));
  const cellColumns = length / cellRows;
  const whole = rows % cellRows === 0 && columns % cellColumns === 0 &&
    rows / cellRows === columns / cellColumns;
  if (!whole) {
    throw new Error(
      `A mask of ${length} cells does not divide a map of ${rows}×${columns}: ` +
        "draw the mask on a grid that is as fine as the map, or coarser by a whole factor",
    );
  }
  return { rows: cellRows, columns: cellColumns };
}

/**
 * Repeats each cell of a mask: `(B, N)` → `(B, rows, columns, 1)`.
 *
 * @param mask 1 for removed cells, 0 for visible ones, row by row.
 * @throws {Error} when the map is not a whole number of cells, or is coarser than they are.
 *
 * @example
 * ```ts
 * import { maskMap } from "./mask_map.ts";
 * import { tf } from "../engine/mod.ts";
 * const mask = tf.tensor2d([[0, 1, 1, 0]]);
 * console.log(maskMap(mask, { rows: 8, columns: 8 }).shape); // [ 1, 8, 8, 1 ]
 * ```
 */
export function maskMap(mask: Tensor, size: MapSize): Tensor {
  const [batch, length] = mask.shape as [number, number];
  const cells = cellsOf(length, size);
  const factor = size.rows / cells.rows;
  return mask
    .reshape([batch, cells.rows, 1, cells.columns, 1])
    .tile([1, 1, factor, 1, factor])
    .reshape([batch, size.rows, size.columns, 1]);
}
