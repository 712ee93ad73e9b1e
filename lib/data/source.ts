/**
 * Pictures too many to hold in memory: what a loader needs to know of them at once, and a way to
 * read one. In-memory data sets fit the same shape, so that a trainer has one way in.
 *
 * @module
 */
import {
  type CaptionedDataset,
  imageAt,
  type ImageDataset,
  type LabelledDataset,
} from "./dataset.ts";
import { hashWords } from "./random.ts";
import type { Pixels } from "./transform.ts";

/** The bytes of an image file, in any format that sharp reads. */
export interface EncodedPicture {
  readonly encoded: Uint8Array;
}

/** Pictures that are read one by one. */
export interface ImageSource {
  /** Name and part, such as `"imagenet/train"`. */
  readonly name: string;
  /** Number of pictures N. */
  readonly length: number;
  /** 1 (grey) or 3 (red, green, blue): of the batches; colour files become grey for 1. */
  readonly channels: 1 | 3;
  /** `(N)` index into {@linkcode ImageSource.classNames}. */
  readonly labels?: Int32Array;
  readonly classNames?: readonly string[];
  /** `(N)` sentences. */
  readonly captions?: readonly string[];
  /** Per channel, of pixels scaled to 0 … 1: what the device subtracts. */
  readonly mean: readonly number[];
  /** Per channel, of pixels scaled to 0 … 1: what the device divides by. */
  readonly std: readonly number[];
  /** 0 … 255 per channel: behind transparent pixels and beyond a picture's edges. */
  readonly background: readonly number[];
  /** Changes whenever a picture, a label or the choice of pictures does, as far as stated. */
  readonly fingerprint: string;
  /** Where a picture is, for messages: a path, or archive and member. */
  describe(index: number): string;
  /**
   * One picture: the bytes of its file, or its pixels `(height, width, channels)`.
   *
   * @throws {Error} if it cannot be read; a loader reports it and takes the next one.
   */
  read(index: number): Promise<EncodedPicture | Pixels>;
}

/**
 * What photographs are normalised with: the mean of ImageNet's training pictures, as in
 * torchvision, timm and the repositories of all methods here.
 */
export const imagenetMean: readonly number[] = [0.485, 0.456, 0.406];
/** The deviation that goes with {@linkcode imagenetMean}. */
export const imagenetStd: readonly number[] = [0.229, 0.224, 0.225];

/**
 * Checks that a source has a picture.
 *
 * @throws {RangeError} if there is none, with the numbers that there are.
 */
export function checkIndex(name: string, length: number, index: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    throw new RangeError(
      `${name} has no picture ${index}: use an integer from 0 to ${length - 1}`,
    );
  }
}

/**
 * An in-memory data set as a source: its pixels without a copy, its labels and captions too.
 *
 * @example
 * ```ts
 * import { fashionMnist, sourceOf } from "./mod.ts";
 * const source = sourceOf(await fashionMnist({ split: "test" }));
 * console.log(source.length, source.describe(0)); // 10000 "fashion-mnist/test, picture 0"
 * ```
 */
export function sourceOf(
  dataset: ImageDataset | LabelledDataset | CaptionedDataset,
): ImageSource {
  const { name, length, height, width, channels, mean, std, background } = dataset;
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(`${name} has ${channels} channels: a source has 1 or 3`);
  }
  return {
    name,
    length,
    channels,
    ...("labels" in dataset
      ? { labels: Int32Array.from(dataset.labels), classNames: dataset.classNames }
      : {}),
    ...("captions" in dataset ? { captions: dataset.captions } : {}),
    mean,
    std,
    background,
    fingerprint: dataset.fingerprint,
    describe: (index) => `${name}, picture ${index}`,
    read: (index) => Promise.resolve({ height, width, values: imageAt(dataset, index) }),
  };
}

/**
 * The same pictures without labels, class names or captions: what pretraining is given, so that it
 * cannot read a label even by mistake.
 *
 * @example
 * ```ts
 * import { fashionMnist, sourceOf, sourceWithoutLabels } from "./mod.ts";
 * const source = sourceWithoutLabels(sourceOf(await fashionMnist({ split: "test" })));
 * console.log("labels" in source); // false
 * ```
 */
export function sourceWithoutLabels(source: ImageSource): ImageSource {
  const { name, length, channels, mean, std, background, fingerprint } = source;
  return {
    name,
    length,
    channels,
    mean,
    std,
    background,
    fingerprint,
    describe: (index) => source.describe(index),
    read: (index) => source.read(index),
  };
}

/**
 * Some pictures of a source, in the given order: one per cent of the labels, a fold, a first try.
 *
 * @param part Names the choice in `name`, such as `"one-percent"`.
 * @throws {RangeError} if an index lies outside the source, or there is none.
 *
 * @example
 * ```ts
 * import { fashionMnist, sourceOf, subsetOf } from "./mod.ts";
 * const all = sourceOf(await fashionMnist({ split: "test" }));
 * const evens = Int32Array.from({ length: all.length / 2 }, (_, k) => 2 * k);
 * console.log(subsetOf(all, evens, "even").length); // 5000
 * ```
 */
export function subsetOf(
  source: ImageSource,
  indices: ArrayLike<number>,
  part: string,
): ImageSource {
  const chosen = Int32Array.from(indices);
  if (chosen.length === 0) {
    throw new RangeError(`${part} of ${source.name} is empty: choose at least 1 picture`);
  }
  for (const index of chosen) checkIndex(source.name, source.length, index);
  const { labels, captions, classNames } = source;
  const digest = hashWords([...chosen]).toString(16).padStart(8, "0");
  const name = `${source.name}/${part}`;
  const at = (index: number): number => {
    checkIndex(name, chosen.length, index);
    return chosen[index]!;
  };
  return {
    ...sourceWithoutLabels(source),
    name,
    length: chosen.length,
    ...(labels ? { labels: chosen.map((index) => labels[index]!) } : {}),
    ...(classNames ? { classNames } : {}),
    ...(captions ? { captions: Array.from(chosen, (index) => captions[index]!) } : {}),
    fingerprint: `${source.fingerprint}/${part}:${digest}`,
    describe: (index) => source.describe(at(index)),
    read: (index) => source.read(at(index)),
  };
}
