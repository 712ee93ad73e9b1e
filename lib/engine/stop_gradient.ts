/**
 * Where a gradient ends: targets, teachers, momentum encoders.
 *
 * @module
 */
import { execute, type Tensor } from "./tensorflow.ts";

/**
 * The same values, as a constant for gradients. What led to them is not differentiated at all.
 *
 * @example
 * ```ts
 * import { stopGradient } from "./stop_gradient.ts";
 * import { tf } from "./tensorflow.ts";
 * const slope = tf.grad((x) => tf.mul(x, stopGradient(tf.square(x))))(tf.scalar(3));
 * console.log(slope.dataSync()[0]); // 9
 * ```
 */
export function stopGradient(x: Tensor): Tensor {
  return execute("Identity", [x], [])[0]!;
}
