/**
 * What methods that predict patches have to show: the masked image, and the reconstruction with its
 * patches' own brightness and contrast put back.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { patchStatistics } from "../losses/pixel.ts";
import { maskMap } from "../nn/mask_map.ts";
import { patchify, unpatchify } from "../nn/patch_embed.ts";

/** Images with removed patches at 0, the mean of normalised pixels: a grey. */
export function maskedImages(images: Tensor, mask: Tensor): Tensor {
  const [, rows, columns] = images.shape as [number, number, number, number];
  return images.mul(tf.sub(1, maskMap(mask, { rows, columns })));
}

/** The prediction where `mask` is 1, the images elsewhere, `(B, H, W, C)`. */
export function whereMasked(images: Tensor, predicted: Tensor, mask: Tensor): Tensor {
  const [, rows, columns] = images.shape as [number, number, number, number];
  const removed = maskMap(mask, { rows, columns });
  return predicted.mul(removed).add(images.mul(tf.sub(1, removed)));
}

/**
 * Predicted patches `(B, N, P·P·C)` as images `(B, H, W, C)`.
 *
 * @param normalized whether the targets were normalised patch by patch, which is undone with the
 *   statistics of the images' own patches.
 */
export function imagesOfPatches(
  prediction: Tensor,
  images: Tensor,
  { patchSize, normalized }: { patchSize: number; normalized: boolean },
): Tensor {
  const [, height, width] = images.shape as [number, number, number, number];
  const grid = { rows: height / patchSize, columns: width / patchSize, patchSize };
  if (!normalized) return unpatchify(prediction, grid);
  const { mean, deviation } = patchStatistics(patchify(images, patchSize));
  return unpatchify(prediction.mul(deviation).add(mean), grid);
}
