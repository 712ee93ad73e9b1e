/**
 * What a released model wants done to a picture before it sees it. It travels with the weights: a
 * model that is shown other sizes or other colours than in training guesses worse, and says nothing.
 *
 * @module
 */
import type { Interpolation, Transform } from "../data/transform.ts";
import { evaluationTransform } from "../data/transforms/evaluation_transform.ts";

/** From a picture to a model's input. */
export interface Preprocessing {
  /** Pixels of a side of the square that the model sees: the resized picture's centre. */
  readonly imageSize: number;
  /** Pixels of the short side that the picture is resized to first. */
  readonly resize: number;
  readonly interpolation: Interpolation;
  /** Of the three channels, of values in 0 … 1: taken from them. */
  readonly mean: readonly number[];
  /** Of the three channels, of values in 0 … 1: they are divided by it after that. */
  readonly std: readonly number[];
}

/**
 * The statistics of ImageNet's pixels, and the sizes that evaluations have had since AlexNet.
 *
 * @example
 * ```ts
 * import { imagenetPreprocessing } from "./preprocessing.ts";
 * console.log(imagenetPreprocessing({ resize: 236 }).mean); // [ 0.485, 0.456, 0.406 ]
 * ```
 */
export function imagenetPreprocessing(
  other: Partial<Preprocessing> = {},
): Preprocessing {
  return {
    imageSize: 224,
    resize: 256,
    interpolation: "bicubic",
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    ...other,
  };
}

/** CLIP's own: no rim is cut off the short side (openai/CLIP, clip/clip.py, `_transform`). */
export const clipPreprocessing: Preprocessing = {
  imageSize: 224,
  resize: 224,
  interpolation: "bicubic",
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};

/**
 * The part of a preprocessing that happens to bytes: the short side is resized, the centre taken.
 * Mean and deviation are the model's business, on the device.
 *
 * @throws {RangeError} if a size is not a whole number of pixels.
 *
 * @example
 * ```ts
 * import { imagenetPreprocessing, preprocessingTransform } from "./preprocessing.ts";
 * console.log(preprocessingTransform(imagenetPreprocessing()).size); // 224 × 224
 * ```
 */
export function preprocessingTransform(
  { imageSize, resize, interpolation }: Preprocessing,
): Transform {
  return evaluationTransform({ resize, crop: imageSize, interpolation });
}
