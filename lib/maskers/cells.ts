/**
 * Masks from flags: what block-wise maskers give, in the forms that every method takes.
 *
 * @module
 */
import { argsort, type Tensor, tf } from "../engine/mod.ts";
import type { Mask } from "./mask.ts";

/**
 * The mask that removes the flagged patches; kept and removed ones stay in image order.
 *
 * @param cells 1 for removed patches, 0 for visible ones, `(B, N)`.
 * @param removedCount how many are 1, the same in each image.
 * @throws {Error} when there are not as many patches, or none is removed.
 *
 * @example
 * ```ts
 * import { maskFromCells } from "./cells.ts";
 * import { tf } from "../engine/mod.ts";
 * const { visible } = maskFromCells(tf.tensor2d([[0, 1, 1, 0]]), 2);
 * console.log(visible.dataSync()); // Int32Array [ 0, 3 ]
 * ```
 */
export function maskFromCells(cells: Tensor, removedCount: number): Mask {
  const [batch, length] = cells.shape as [number, number];
  if (!(Number.isInteger(removedCount) && removedCount > 0 && removedCount <= length)) {
    throw new Error(
      `A mask removes from 1 to all ${length} patches, not ${removedCount}`,
    );
  }
  const mask = tf.cast(cells, "float32");
  // Flags first, position second: an order without ties.
  const order = argsort(mask.mul(length).add(tf.range(0, length)));
  const kept = length - removedCount;
  return {
    visible: order.slice([0, 0], [batch, kept]),
    removed: order.slice([0, kept], [batch, removedCount]),
    restore: argsort(order),
    mask,
  };
}
