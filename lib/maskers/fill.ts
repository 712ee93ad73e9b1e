/**
 * Filling what is masked with an image's mean colour: what A2MIM shows the network in place of mask
 * tokens, since a convolution would smear the edges of a strange colour.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { maskMap } from "../nn/mask_map.ts";

/**
 * Fills masked pixels with their image's mean of each channel, masked pixels included:
 * `(B, H, W, C)` → `(B, H, W, C)`.
 *
 * @param images normalised, as the network takes them.
 * @param mask 1 for removed cells, `(B, N)`, row by row.
 *
 * @example
 * ```ts
 * import { fillMasked } from "./fill.ts";
 * import { tf } from "../engine/mod.ts";
 * const image = tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1]);
 * const filled = fillMasked(image, tf.tensor2d([[0, 0, 0, 1]]));
 * console.log(filled.dataSync()); // Float32Array [ 1, 2, 3, 3 ]
 * ```
 */
export function fillMasked(images: Tensor, mask: Tensor): Tensor {
  const [, rows, columns] = images.shape as [number, number, number, number];
  const removed = maskMap(mask, { rows, columns });
  const mean = images.mean([1, 2], true);
  return images.mul(tf.sub(1, removed)).add(mean.mul(removed));
}

/**
 * What openmixup does with images that are not tensors yet: it fills the visible pixels and keeps the
 * masked ones, with the mean cut to a whole number. No released recipe comes this way.
 *
 * @param images whole numbers from 0 to 255, `(B, H, W, C)`.
 */
export function fillVisibleBytes(images: Tensor, mask: Tensor): Tensor {
  const [, rows, columns] = images.shape as [number, number, number, number];
  const kept = maskMap(mask, { rows, columns });
  const mean = tf.cast(images, "float32").mean([1, 2], true).floor();
  return tf.cast(images, "float32").mul(kept).add(mean.mul(tf.sub(1, kept)));
}
