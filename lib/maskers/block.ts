/**
 * Masking in large squares (SimMIM, Xie et al. 2022, section 3.2, and A2MIM): neighbouring patches
 * are removed together, so that the network cannot copy from next door.
 *
 * @module
 */
import {
  argsort,
  invertPermutation,
  type Key,
  random,
  type Tensor,
  tf,
} from "../engine/mod.ts";
import { maskFromCells } from "./cells.ts";
import { type Mask, requireMaskRatio } from "./mask.ts";

/** The grid of patches, and the squares that are removed. */
export interface BlockMaskOptions {
  /** Patches from top to bottom. */
  rows: number;
  columns: number;
  /** Patches of a square's side: 2 for squares of 32 pixels and patches of 16. */
  cell: number;
  maskRatio: number;
}

/**
 * How many of `cells` squares are removed: the ratio rounded up, as SimMIM's code does; so 0.6 of
 * 7 × 7 is 30 (61 %).
 *
 * @throws {Error} when the ratio is not in (0, 1).
 */
export function removedCells(cells: number, maskRatio: number): number {
  requireMaskRatio(maskRatio);
  return Math.ceil(cells * maskRatio);
}

/** Rows and columns of squares. */
function squaresOf({ rows, columns, cell }: BlockMaskOptions): [number, number] {
  const whole = Number.isInteger(cell) && cell > 0 && rows % cell === 0 &&
    columns % cell === 0;
  if (!whole) {
    throw new Error(
      `${rows}×${columns} patches cannot be cut into squares of ${cell}×${cell}: use a cell ` +
        "that divides both",
    );
  }
  return [rows / cell, columns / cell];
}

/**
 * The flags of patches, `(B, rows · columns)` float32, given the order in which squares are removed.
 *
 * @param order a permutation of the squares for each image, `(B, squares)` int32.
 * @throws {Error} when the squares do not fit the patches, or the order does not fit the squares.
 */
export function blockCells(order: Tensor, options: BlockMaskOptions): Tensor {
  const { rows, columns, maskRatio } = options;
  const [high, wide] = squaresOf(options);
  const [batch, squares] = order.shape as [number, number];
  if (squares !== high * wide) {
    throw new Error(
      `The order is of ${squares} squares, but there are ${high}×${wide}: permute ${
        high * wide
      }`,
    );
  }
  const count = tf.scalar(removedCells(squares, maskRatio), "int32");
  const removed = tf.cast(tf.less(invertPermutation(order), count), "float32");
  return removed.reshape([batch, high, 1, wide, 1])
    .tile([1, 1, rows / high, 1, columns / wide])
    .reshape([batch, rows * columns]);
}

/**
 * Draws a mask for each image of a batch.
 *
 * @throws {Error} when the squares do not fit the patches, the ratio is not in (0, 1), or rounding it
 *   up leaves no square.
 *
 * @example
 * ```ts
 * import { blockMask } from "./block.ts";
 * import { randomKey } from "../engine/mod.ts";
 * const options = { batch: 2, rows: 14, columns: 14, cell: 2, maskRatio: 0.6 };
 * const { removed } = blockMask(randomKey(0), options);
 * console.log(removed.shape); // [ 2, 120 ]
 * ```
 */
export function blockMask(
  key: Key,
  { batch, ...options }: BlockMaskOptions & { batch: number },
): Mask {
  const [high, wide] = squaresOf(options);
  const squares = high * wide;
  const count = removedCells(squares, options.maskRatio);
  if (count === squares) {
    throw new Error(
      `maskRatio ${options.maskRatio} leaves none of the ${squares} squares: lower it, or ` +
        "use a smaller cell",
    );
  }
  const order = argsort(random.uniform(key, [batch, squares]));
  return maskFromCells(blockCells(order, options), count * options.cell ** 2);
}
