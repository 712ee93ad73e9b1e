/**
 * Dropout (Srivastava et al. 2014): single values are left out.
 *
 * @module
 */
import { random, type Tensor, tf } from "../engine/mod.ts";
import type { Scope } from "./scope.ts";

/**
 * Makes each value 0 with probability `rate`, and scales what is kept by 1 / (1 - rate); does
 * nothing outside training.
 *
 * @param x any shape.
 * @param purpose tells several dropouts of one scope apart: they draw different numbers.
 * @throws {Error} when the rate is not in [0, 1).
 *
 * @example
 * ```ts
 * import { dropout } from "./dropout.ts";
 * import { scope } from "./scope.ts";
 * import { randomKey, tf } from "../engine/mod.ts";
 * const training = scope({}, randomKey(0));
 * console.log(dropout(training, tf.ones([4, 8]), 0.5).max().dataSync()[0]); // 2
 * ```
 */
export function dropout(
  scope: Scope,
  x: Tensor,
  rate: number,
  purpose = "dropout",
): Tensor {
  if (!(rate >= 0 && rate < 1)) {
    throw new Error(`The dropout rate must be in [0, 1), got ${rate}`);
  }
  if (rate === 0 || !scope.training) return x;
  const kept = random.bernoulli(scope.key(purpose), 1 - rate, x.shape);
  return x.mul(tf.cast(kept, "float32").div(1 - rate));
}
