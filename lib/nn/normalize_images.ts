/**
 * From the bytes of pictures to what networks see.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";

/**
 * Pixels as bytes to pixels with mean 0 and deviation 1, on the device: `(B, H, W, C)`.
 *
 * @example
 * ```ts
 * import { normalizeImages } from "./normalize_images.ts";
 * import { tf } from "../engine/mod.ts";
 * const images = tf.fill([1, 2, 2, 1], 255);
 * console.log(normalizeImages(images, { mean: [0.5], std: [0.25] }).dataSync()[0]); // 2
 * ```
 */
export function normalizeImages(
  images: Tensor,
  { mean, std }: { mean: readonly number[]; std: readonly number[] },
): Tensor {
  const scale = std.map((deviation) => 1 / (255 * deviation));
  const shift = mean.map((value, channel) => -value / std[channel]!);
  return tf.cast(images, "float32").mul(tf.tensor1d(scale)).add(tf.tensor1d(shift));
}
