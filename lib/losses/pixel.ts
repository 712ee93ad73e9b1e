/**
 * Pixel reconstruction (MAE, He et al. 2022).
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";

/** Mean and standard deviation of each patch, for undoing {@linkcode normalizePatches}. */
export interface PatchStatistics {
  /** `(B, N, 1)` */
  mean: Tensor;
  /** `(B, N, 1)` */
  deviation: Tensor;
}

/** Mean and deviation of each patch `(B, N, V)`, with the unbiased variance + 1e-6 of MAE's code. */
export function patchStatistics(patches: Tensor): PatchStatistics {
  const values = patches.shape.at(-1)!;
  const mean = patches.mean(-1, true);
  const variance = patches.sub(mean).square().sum(-1, true).div(values - 1);
  return { mean, deviation: variance.add(1e-6).sqrt() };
}

/** Patches with mean 0 and deviation 1 each: the target with `norm_pix_loss`. */
export function normalizePatches(patches: Tensor): Tensor {
  const { mean, deviation } = patchStatistics(patches);
  return patches.sub(mean).div(deviation);
}

/**
 * Mean squared error per patch, averaged over the removed patches alone.
 *
 * @param prediction `(B, N, V)`
 * @param target `(B, N, V)`
 * @param mask 1 for removed patches, `(B, N)`.
 *
 * @example
 * ```ts
 * import { maskedPixelLoss } from "./pixel.ts";
 * import { tf } from "../engine/mod.ts";
 * const mask = tf.tensor2d([[1, 0]]);
 * const loss = maskedPixelLoss(tf.ones([1, 2, 3]), tf.zeros([1, 2, 3]), mask);
 * console.log(loss.dataSync()[0]); // 1
 * ```
 */
export function maskedPixelLoss(
  prediction: Tensor,
  target: Tensor,
  mask: Tensor,
): Tensor {
  const perPatch = prediction.sub(target).square().mean(-1); // (B, N)
  return tf.div(perPatch.mul(mask).sum(), mask.sum());
}
