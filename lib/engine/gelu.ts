/**
 * GELU (Hendrycks & Gimpel 2016) in its exact form, and OpenAI's quick variant.
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
