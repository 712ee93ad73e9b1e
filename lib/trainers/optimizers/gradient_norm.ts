/**
 * The norm of all gradients together, and clipping by it.
 *
 * @module
 */
import { type Tensor, tf } from "../../engine/mod.ts";
import type { Parameters } from "../../nn/scope.ts";

/**
 * The Euclidean norm of all gradients as one vector, a scalar.
 *
 * @example
 * ```ts
 * import { globalNorm } from "./gradient_norm.ts";
 * import { tf } from "../../engine/mod.ts";
 * const norm = globalNorm({ weight: tf.tensor2d([[3]]), bias: tf.tensor1d([4]) });
 * console.log(norm.dataSync()[0]); // 5
 * ```
 */
export function globalNorm(gradients: Parameters): Tensor {
  const squares = Object.values(gradients).map((gradient) => gradient.square().sum());
  return tf.addN(squares).sqrt();
}

/**
 * Gradients shortened so that their global norm is at most `maximumNorm` (PyTorch's
 * clip_grad_norm_): each is multiplied by `min(1, maximum / (norm + 1e-6))`.
 *
 * @throws {Error} when the maximum is not positive.
 *
 * @example
 * ```ts
 * import { clipByGlobalNorm } from "./gradient_norm.ts";
 * import { tf } from "../../engine/mod.ts";
 * const { weight } = clipByGlobalNorm({ weight: tf.tensor1d([3, 4]) }, 1);
 * console.log(weight!.norm().dataSync()[0]!.toFixed(3)); // 1.000
 * ```
 */
export function clipByGlobalNorm(
  gradients: Parameters,
  maximumNorm: number,
): Parameters {
  if (!(maximumNorm > 0)) {
    throw new Error(
      `Gradients are clipped to a positive norm, got ${maximumNorm}: leave it out to clip none`,
    );
  }
  // The summand is PyTorch's guard against division by zero.
  const scale = tf.div(maximumNorm, globalNorm(gradients).add(1e-6)).minimum(1);
  return Object.fromEntries(
    Object.entries(gradients).map(([name, gradient]) => [name, gradient.mul(scale)]),
  );
}
