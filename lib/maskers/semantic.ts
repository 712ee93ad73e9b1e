/**
 * Semantic-aware masking (MILAN, Hou et al. 2022, section 3.3): patches that the teacher's class
 * token attends to are more likely to be kept.
 *
 * @module
 */
import { argsort, type Key, random, type Tensor } from "../engine/mod.ts";
import { type Mask, maskFromOrder } from "./mask.ts";

/**
 * Draws patches without replacement, each time in proportion to their importance. Sorting
 * log importance + Gumbel noise does that on the device in one go (Gumbel top-k, Kool et al. 2019),
 * where the original calls torch.multinomial.
 *
 * @param importance attention of the class token to each patch, `(B, N)`, all above 0.
 *
 * @example
 * ```ts
 * import { semanticMask } from "./semantic.ts";
 * import { randomKey, tf } from "../engine/mod.ts";
 * const importance = tf.tensor2d([[0.97, 0.01, 0.01, 0.01]]);
 * const { visible } = semanticMask(randomKey(0), importance, 0.75);
 * console.log(visible.shape); // [ 1, 1 ]
 * ```
 */
export function semanticMask(key: Key, importance: Tensor, maskRatio: number): Mask {
  return maskFromOrder(semanticOrder(key, importance), maskRatio);
}

/** The order of the draws, `(B, N)` int32: the first is the most likely to be important. */
export function semanticOrder(key: Key, importance: Tensor): Tensor {
  const noise = random.gumbel(key, importance.shape);
  return argsort(importance.log().add(noise).neg());
}
