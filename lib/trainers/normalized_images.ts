/**
 * Chosen images of a data set, as the model sees them.
 *
 * @module
 */
import { copyImages, type ImageDataset } from "../data/mod.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { normalizeImages } from "../nn/normalize_images.ts";

/**
 * Images of a data set with mean 0 and deviation 1, `(K, H, W, C)` float32.
 *
 * @param indices K indices into the data set.
 * @throws {RangeError} if an index lies outside the data set.
 *
 * @example
 * ```ts
 * import { normalizedImages } from "./normalized_images.ts";
 * import { fashionMnist } from "../data/mod.ts";
 * const images = normalizedImages(await fashionMnist({ split: "test" }), [0, 1, 2]);
 * console.log(images.shape); // [ 3, 28, 28, 1 ]
 * ```
 */
export function normalizedImages(
  dataset: ImageDataset,
  indices: ArrayLike<number>,
): Tensor {
  const { height, width, channels } = dataset;
  const bytes = Float32Array.from(copyImages(dataset, indices));
  return tf.tidy(() =>
    normalizeImages(
      tf.tensor4d(bytes, [indices.length, height, width, channels]),
      dataset,
    )
  );
}
