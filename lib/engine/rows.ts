/**
 * Rows of a tensor as plain numbers, for pictures and tables.
 *
 * @module
 */
import type { Tensor } from "./tensorflow.ts";

/**
 * The rows of a float tensor `(B, …)`: B arrays with the values of one each.
 *
 * @throws {Error} when the tensor is a scalar, or holds no floats.
 *
 * @example
 * ```ts
 * import { rowsOf } from "./rows.ts";
 * import { tf } from "./tensorflow.ts";
 * const rows = await rowsOf(tf.tensor2d([[1, 2], [3, 4]]));
 * console.log(rows[1]); // Float32Array(2) [ 3, 4 ]
 * ```
 */
export async function rowsOf(tensor: Tensor): Promise<Float32Array[]> {
  const [count] = tensor.shape;
  if (count === undefined || tensor.dtype !== "float32") {
    throw new Error(
      `Rows are taken of a float32 tensor (B, …), got ${tensor.dtype} [${tensor.shape}]`,
    );
  }
  const values = await tensor.data() as Float32Array;
  const size = values.length / count;
  return Array.from(
    { length: count },
    (_, row) => values.slice(row * size, (row + 1) * size),
  );
}
