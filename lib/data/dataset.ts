/**
 * What every data set of mimkit looks like: plain typed arrays beside the few numbers that a
 * trainer needs. Images stay bytes until they are on the device, a quarter of float32's traffic;
 * `mean` and `std` travel with them so that the device can normalise.
 *
 * @module
 */

/** Images of one size, bytes, row-major `(N, height, width, channels)`. */
export interface ImageDataset {
  /** Name and part, such as `"fashion-mnist/train"`. */
  readonly name: string;
  /** Number of images N. */
  readonly length: number;
  readonly height: number;
  readonly width: number;
  /** 1 (grey) or 3 (red, green, blue). */
  readonly channels: number;
  /** `(N, height, width, channels)`, 0 … 255. */
  readonly images: Uint8Array;
  /** Per channel, of pixels scaled to 0 … 1, over the training part. */
  readonly mean: readonly number[];
  /** Per channel, of pixels scaled to 0 … 1, over the training part. */
  readonly std: readonly number[];
  /** The colour around the objects, 0 … 255 per channel: what a shifted image uncovers. */
  readonly background: readonly number[];
  /** Changes whenever a pixel, a label or the choice of images does; goes into run folders. */
  readonly fingerprint: string;
}

/** Images with a class each. */
export interface LabelledDataset extends ImageDataset {
  /** `(N)`, index into {@linkcode LabelledDataset.classNames}. */
  readonly labels: Uint8Array;
  readonly classNames: readonly string[];
}

/** Images with a class and a sentence each. */
export interface CaptionedDataset extends LabelledDataset {
  /** `(N)` sentences, in lower case. */
  readonly captions: readonly string[];
}

/**
 * One image of a data set, as a view `(height, width, channels)` without a copy.
 *
 * @throws {RangeError} if there is no such image.
 *
 * @example
 * ```ts
 * import { fashionMnist, imageAt } from "./mod.ts";
 * const test = await fashionMnist({ split: "test" });
 * console.log(imageAt(test, 0).length); // 784
 * ```
 */
export function imageAt(dataset: ImageDataset, index: number): Uint8Array {
  if (!Number.isInteger(index) || index < 0 || index >= dataset.length) {
    throw new RangeError(
      `${dataset.name} has no image ${index}: use an integer from 0 to ${
        dataset.length - 1
      }`,
    );
  }
  const size = dataset.height * dataset.width * dataset.channels;
  return dataset.images.subarray(index * size, (index + 1) * size);
}

/**
 * The same images without anything else: what pretraining is given, so that it cannot read a
 * label even by mistake. The pixels are shared, not copied.
 *
 * @example
 * ```ts
 * import { fashionMnist, withoutLabels } from "./mod.ts";
 * const images = withoutLabels(await fashionMnist({ split: "train" }));
 * console.log("labels" in images); // false
 * ```
 */
export function withoutLabels(dataset: ImageDataset): ImageDataset {
  const { name, length, height, width, channels, images } = dataset;
  const { mean, std, background, fingerprint } = dataset;
  return {
    name,
    length,
    height,
    width,
    channels,
    images,
    mean,
    std,
    background,
    fingerprint,
  };
}

/**
 * Copies the chosen images, in the order of `indices`, to one array `(K, height, width, channels)`.
 *
 * @throws {RangeError} if an index lies outside the data set.
 *
 * @example
 * ```ts
 * import { copyImages, fashionMnist } from "./mod.ts";
 * const test = await fashionMnist({ split: "test" });
 * console.log(copyImages(test, [3, 1]).length); // 2 × 784
 * ```
 */
export function copyImages(
  dataset: ImageDataset,
  indices: ArrayLike<number>,
): Uint8Array {
  const size = dataset.height * dataset.width * dataset.channels;
  const copied = new Uint8Array(indices.length * size);
  for (let k = 0; k < indices.length; k++) {
    copied.set(imageAt(dataset, indices[k]!), k * size);
  }
  return copied;
}

/**
 * The labels of a batch, as the int32 that a cross entropy takes.
 *
 * @param indices Indices into the data set, such as `batch.indices`.
 * @returns `(K)` class numbers.
 * @throws {RangeError} if an index lies outside the data set.
 *
 * @example
 * ```ts
 * import { fashionMnist, labelsAt } from "./mod.ts";
 * const test = await fashionMnist({ split: "test" });
 * console.log(labelsAt(test, [0, 1])); // Int32Array [9, 2]
 * ```
 */
export function labelsAt(
  dataset: LabelledDataset,
  indices: ArrayLike<number>,
): Int32Array {
  return Int32Array.from(indices, (index) => {
    const label = dataset.labels[index];
    if (label === undefined) {
      throw new RangeError(
        `${dataset.name} has no label ${index}: use an integer from 0 to ${
          dataset.length - 1
        }`,
      );
    }
    return label;
  });
}
