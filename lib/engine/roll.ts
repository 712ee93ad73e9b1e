/**
 * Cyclic shifts, as shifted windows need them.
 *
 * @module
 */
import { execute, type Tensor, tf } from "./tensorflow.ts";

/**
 * Shifts elements along axes; those pushed over an end come in at the other, as in NumPy's `roll`.
 *
 * @param x (…), differentiable.
 * @param shift how far, per axis; negative numbers shift towards the start.
 * @param axis as many axes as shifts; negative ones count from the last.
 * @throws {Error} when shifts and axes do not fit.
 *
 * @example
 * ```ts
 * import { roll } from "./roll.ts";
 * import { tf } from "./tensorflow.ts";
 * console.log(roll(tf.tensor1d([1, 2, 3]), 1, 0).dataSync()); // Float32Array(3) [ 3, 1, 2 ]
 * ```
 */
export function roll(
  x: Tensor,
  shift: number | number[],
  axis: number | number[],
): Tensor {
  const shifts = [shift].flat();
  const axes = [axis].flat();
  if (shifts.length !== axes.length || !shifts.every(Number.isSafeInteger)) {
    throw new Error(
      `roll takes a whole number for each axis, got [${shifts}] for [${axes}]`,
    );
  }
  if (!axes.every((one) => Number.isInteger(one) && one >= -x.rank && one < x.rank)) {
    throw new Error(`roll: [${axes}] are not axes of a tensor [${x.shape}]`);
  }
  const differentiable = tf.customGrad((...given) => {
    const [values] = given as [Tensor];
    return {
      value: tf.tidy(() => {
        const operands = [
          values,
          tf.tensor1d(shifts, "int32"),
          tf.tensor1d(axes, "int32"),
        ];
        return execute("Roll", operands, [])[0]!;
      }),
      gradFunc: (dy: Tensor) => roll(dy, shifts.map((one) => -one), axes),
    };
  });
  return differentiable(x);
}
