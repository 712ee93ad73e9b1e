/**
 * Stochastic depth (Huang et al. 2016): a residual branch is left out for some samples.
 *
 * @module
 */
import { random, type Tensor, tf } from "../engine/mod.ts";
import type { Scope } from "./scope.ts";

/**
 * Drops the whole branch for each sample with probability `rate`, and scales what is kept by
 * 1 / (1 - rate); does nothing outside training.
 *
 * @param branch `(B, …)`
 * @throws {Error} when the rate is not in [0, 1).
 */
export function dropPath(scope: Scope, branch: Tensor, rate: number): Tensor {
  if (!(rate >= 0 && rate < 1)) {
    throw new Error(`The drop path rate must be in [0, 1), got ${rate}`);
  }
  if (rate === 0 || !scope.training) return branch;
  const shape = branch.shape.map((length, axis) => axis === 0 ? length : 1);
  const kept = tf.cast(
    random.bernoulli(scope.key("dropPath"), 1 - rate, shape),
    "float32",
  );
  return branch.mul(kept.div(1 - rate));
}
