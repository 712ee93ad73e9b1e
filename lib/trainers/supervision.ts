/**
 * What a classifier in training sees and is asked for, in fine-tuning and in linear probing alike:
 * images that are changed and mixed on the device, their targets, and the loss.
 *
 * @module
 */
import { foldIn, type Key, type Tensor } from "../engine/mod.ts";
import {
  binaryCrossEntropy,
  type BinaryCrossEntropyOptions,
} from "../losses/binary_cross_entropy.ts";
import { crossEntropy, mixedTargets, softTargets } from "../losses/cross_entropy.ts";
import type { LabelledImages } from "./mixing.ts";
import { type MixingOptions, mixRandomly } from "./random_mixing.ts";

/** What is minimised: cross entropy, or that of each class by itself (A2MIM's RSB recipes). */
export type ClassificationLoss =
  | { kind: "cross-entropy" }
  | { kind: "binary-cross-entropy" } & BinaryCrossEntropyOptions;

/** How a classifier is trained on labelled images. */
export interface Supervision {
  /**
   * Changes normalised images on the device, such as `eraseImages` or `addLighting`, before they are
   * mixed; the key differs at every step.
   */
  change?: (key: Key, images: Tensor) => Tensor;
  /** Mixup and cutmix. Default: none. */
  mixing?: MixingOptions;
  /** Of the targets. */
  labelSmoothing?: number;
  /** Default: cross entropy. */
  loss?: ClassificationLoss;
}

/** Images as the classifier is shown them, and targets `(B, classes)`. */
export interface SupervisedImages {
  /** `(B, H, W, C)` */
  images: Tensor;
  /** `(B, classes)` */
  targets: Tensor;
}

/**
 * Images and targets of a step: changed, then mixed, then smoothed, as far as that is wanted.
 *
 * @param batch normalised images `(B, H, W, C)` and labels `(B)` int32.
 * @param key differs at every step.
 *
 * @example
 * ```ts
 * import { supervisedImages } from "./supervision.ts";
 * import { randomKey, tf } from "../engine/mod.ts";
 * const batch = { images: tf.zeros([1, 8, 8, 3]), labels: tf.tensor1d([1], "int32") };
 * const { targets } = supervisedImages(batch, randomKey(0), 4, { labelSmoothing: 0.5 });
 * console.log(targets.dataSync()); // Float32Array(4) [ 0.125, 0.625, 0.125, 0.125 ]
 * ```
 */
export function supervisedImages(
  { images, labels }: LabelledImages,
  key: Key,
  classes: number,
  { change, mixing, labelSmoothing = 0 }: Supervision,
): SupervisedImages {
  const changed = change?.(foldIn(key, "change"), images) ?? images;
  if (mixing === undefined) {
    return { images: changed, targets: softTargets(labels, classes, labelSmoothing) };
  }
  const mixed = mixRandomly(key, { images: changed, labels }, mixing);
  return {
    images: mixed.images,
    targets: mixedTargets(mixed, classes, labelSmoothing),
  };
}

/** A scalar, from logits and targets `(B, classes)`. */
export function classificationLoss(
  logits: Tensor,
  targets: Tensor,
  loss: ClassificationLoss = { kind: "cross-entropy" },
): Tensor {
  switch (loss.kind) {
    case "cross-entropy":
      return crossEntropy(logits, targets);
    case "binary-cross-entropy":
      return binaryCrossEntropy(logits, targets, loss);
  }
}
