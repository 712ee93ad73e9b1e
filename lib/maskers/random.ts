/**
 * Random masking (MAE, He et al. 2022, section 3): every patch is as likely as any other.
 *
 * @module
 */
import { argsort, type Key, random, type Tensor } from "../engine/mod.ts";
import { type Mask, maskFromOrder } from "./mask.ts";

/** The mask that noise gives, `(B, N)`: patches of low noise are kept (MAE's `random_masking`). */
export function maskFromNoise(noise: Tensor, maskRatio: number): Mask {
  return maskFromOrder(argsort(noise), maskRatio);
}

/**
 * Draws a mask for each image of a batch.
 *
 * @example
 * ```ts
 * import { randomMask } from "./random.ts";
 * import { randomKey } from "../engine/mod.ts";
 * const { visible } = randomMask(randomKey(0), { batch: 2, length: 49, maskRatio: 0.75 });
 * console.log(visible.shape); // [ 2, 12 ]
 * ```
 */
export function randomMask(
  key: Key,
  { batch, length, maskRatio }: { batch: number; length: number; maskRatio: number },
): Mask {
  return maskFromNoise(random.uniform(key, [batch, length]), maskRatio);
}
