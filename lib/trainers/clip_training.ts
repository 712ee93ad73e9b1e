/**
 * Training a small CLIP on captioned images: the teacher of MILAN where no released CLIP is at hand.
 *
 * @module
 */
import { clip, describeClip, maximumLogitScale } from "../backbones/clip.ts";
import type { ClipConfiguration } from "../backbones/clip_variants.ts";
import { type Precision, type Tensor, tf } from "../engine/mod.ts";
import {
  type Augmentation,
  equalCaptions,
  type ImageDataset,
  type WordTokenizer,
} from "../data/mod.ts";
import { contrastiveLoss } from "../losses/contrastive.ts";
import { normalizeImages } from "../nn/normalize_images.ts";
import { gradientJob, type Optimization } from "./gradient_job.ts";
import { imageBatches } from "./image_batches.ts";
import { weightDecayGroups } from "./parameter_groups/mod.ts";
import { imageFormatOf, type StreamedImages } from "./streamed_images.ts";
import type { TrainingJob } from "./training_job.ts";

/** What to train, and on what. */
export interface ClipTrainingOptions {
  phase: string;
  seed: number;
  configuration: ClipConfiguration;
  /** With captions; in memory, or read while the device computes. */
  dataset: ImageDataset | StreamedImages;
  tokenizer: WordTokenizer;
  /** Of images in memory; what is read has its transform. */
  augmentation?: Augmentation | undefined;
  /**
   * A batch is compared as a whole, and has no parts. Default groups: MAE's, with `weightDecay`.
   */
  optimization:
    & Omit<Optimization, "groups" | "microBatchSize">
    & Partial<Pick<Optimization, "groups">>
    & { weightDecay: number };
  /**
   * Pairs whose captions say the same belong together (few captions, many images). A number for
   * each image that is equal where the captions say the same. Default: equal captions.
   */
  meanings?: Int32Array;
  /** Default: float32. */
  precision?: Precision;
}

/** The sentences of a data set's images. */
function captionsOf(dataset: ImageDataset | StreamedImages): readonly string[] {
  const captioned = "source" in dataset ? dataset.source : dataset;
  if ("captions" in captioned && captioned.captions !== undefined) {
    return captioned.captions as readonly string[];
  }
  throw new Error(
    `A CLIP learns from captions, and ${captioned.name} has none: see captionedSource() and ` +
      "captionedSubset(), which make some of class names",
  );
}

/** Rows of ids by the numbers of images; equal captions share a row, as there may be many images. */
function idsByImage(captions: readonly string[], tokenizer: WordTokenizer) {
  const rowOf = equalCaptions(captions);
  const ids = tokenizer.encodeAll([...new Set(captions)]);
  const { contextLength } = tokenizer;
  return (index: number): Int32Array => {
    const row = rowOf[index]!;
    return ids.subarray(row * contextLength, (row + 1) * contextLength);
  };
}

/**
 * The contrastive loss that is 0 when everything is told apart that can be: of equal captions none
 * can be preferred, so that the cross entropy alone ends above 0, the higher the fewer captions.
 */
function lossAboveLeast(logits: Tensor, meanings: Tensor): Tensor {
  const matches = tf.cast(
    tf.equal(meanings.expandDims(0), meanings.expandDims(1)),
    "float32",
  );
  const least = matches.sum(1).log().mean(); // the entropy of the targets
  return contrastiveLoss(logits, { matches }).sub(least);
}

/**
 * The job of training a CLIP, for `train`.
 *
 * @throws {Error} when the images have no captions.
 */
export function clipJob(
  options: ClipTrainingOptions,
): TrainingJob<{ images: Tensor; ids: Tensor; meanings: Tensor }> {
  const { phase, seed, configuration, dataset, tokenizer, augmentation } = options;
  const { optimization, precision = "float32" } = options;
  const format = imageFormatOf(dataset);
  const specifications = describeClip(configuration, format.channels);
  const { contextLength } = configuration.text;
  const captions = captionsOf(dataset);
  const idsOf = idsByImage(captions, tokenizer);
  const meanings = options.meanings ?? equalCaptions(captions);
  const { batchSize, weightDecay } = optimization;
  const batchOf = imageBatches(dataset, { batchSize, seed, augmentation });
  return gradientJob({
    ...{ phase, seed, specifications, precision },
    optimization: {
      ...optimization,
      groups: optimization.groups ?? weightDecayGroups(specifications, weightDecay),
    },
    batch: async (step) => {
      const { images, indices } = await batchOf(step);
      const ids = new Int32Array(batchSize * contextLength);
      indices.forEach((index, row) => ids.set(idsOf(index), row * contextLength));
      return {
        images,
        ids: tf.tensor2d(ids, [batchSize, contextLength], "int32"),
        meanings: tf.tensor1d(
          Int32Array.from(indices, (index) => meanings[index]!),
          "int32",
        ),
      };
    },
    close: batchOf.close,
    loss: (scope, { images, ids, meanings }) => {
      const normalized = normalizeImages(images, format);
      const { logitsPerImage } = clip(scope, { images: normalized, ids }, configuration);
      return lossAboveLeast(logitsPerImage, meanings);
    },
    constrain: (parameters) => ({
      ...parameters,
      logit_scale: parameters.logit_scale!.minimum(maximumLogitScale),
    }),
  });
}
