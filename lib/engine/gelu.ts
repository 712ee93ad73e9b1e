/**
 * GELU (Hendrycks & Gimpel 2016) in its exact form and its two approximations.
 *
 * @module
 */
import { type Tensor, tf } from "./tensorflow.ts";

/** x · Φ(x), exact. */
export function gelu(x: Tensor): Tensor {
  return x.mul(0.5).mul(tf.erf(x.mul(Math.SQRT1_2)).add(1));
}

/** x · sigmoid(1.702 x), as CLIP was trained with. */
export function quickGelu(x: Tensor): Tensor {
  return x.mul(tf.sigmoid(x.mul(1.702)));
}

/** GELU with Φ approximated by a hyperbolic tangent, as GPT-2 and JAX's default have it. */
export function tanhGelu(x: Tensor): Tensor {
  // The constants are the paper's: √(2/π) (x + 0.044715 x³).
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(0.5).mul(tf.tanh(inner).add(1));
}
