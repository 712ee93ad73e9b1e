/**
 * The bias correction of exponentially averaged moments, which start at zero (Kingma & Ba 2015).
 *
 * @module
 */
import { type Tensor, tf } from "../../engine/mod.ts";

/**
 * 1 − βᵗ by expm1: with β = 0.999 and t = 1 the plain difference would lose four of float32's seven
 * digits.
 */
export function biasCorrection(beta: number, step: Tensor): Tensor {
  return tf.neg(tf.expm1(step.mul(Math.log(beta))));
}
