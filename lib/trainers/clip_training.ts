/**
 * Training a small CLIP on captioned images: the teacher of MILAN where no released CLIP is at hand.
 *
 * @module
 */
import { clip, describeClip, maximumLogitScale } from "../backbones/clip.ts";
import type { ClipConfiguration } from "../backbones/clip_variants.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import type { Augmentation, CaptionedDataset, WordTokenizer } from "../data/mod.ts";
import { contrastiveLoss } from "../losses/contrastive.ts";
import { normalizeImages } from "./features.ts";
import { gradientJob, type Optimization } from "./gradient_job.ts";
import { imageBatches } from "./image_batches.ts";
import { weightDecayGroups } from "./parameter_groups/mod.ts";
import type { TrainingJob } from "./training_job.ts";

/** What to train, and on what. */
export interface ClipTrainingOptions {
  phase: string;
  seed: number;
  configuration: ClipConfiguration;
  dataset: CaptionedDataset;
  tokenizer: WordTokenizer;
  augmentation?: Augmentation;
  optimization: Omit<Optimization, "groups"> & { weightDecay: number };
  /**
   * Pairs whose captions say the same belong together (few captions, many images). A number for
   * each image that is equal where the captions say the same. Default: equal captions.
   */
  meanings?: Int32Array;
}

/** A number for each caption, equal where the captions are. */
function equalCaptions(captions: readonly string[]): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(captions, (caption) => {
    const known = numbers.get(caption) ?? numbers.size;
    numbers.set(caption, known);
    return known;
  });
}

/** The job of training a CLIP, for `train`. */
export function clipJob(
  options: ClipTrainingOptions,
): TrainingJob<{ images: Tensor; ids: Tensor; meanings: Tensor }> {
  const { phase, seed, configuration, dataset, tokenizer, augmentation, optimization } =
    options;
  const specifications = describeClip(configuration, dataset.channels);
  const { contextLength } = configuration.text;
  const allIds = tokenizer.encodeAll(dataset.captions);
  const meanings = options.meanings ?? equalCaptions(dataset.captions);
  const { batchSize, weightDecay } = optimization;
  const batchOf = imageBatches(dataset, { batchSize, seed, augmentation });
  return gradientJob({
    phase,
    seed,
    specifications,
    optimization: {
      ...optimization,
      groups: weightDecayGroups(specifications, weightDecay),
    },
    batch: (step) => {
      const { images, indices } = batchOf(step);
      const ids = new Int32Array(batchSize * contextLength);
      indices.forEach((index, row) =>
        ids.set(
          allIds.subarray(index * contextLength, (index + 1) * contextLength),
          row * contextLength,
        )
      );
      return {
        images,
        ids: tf.tensor2d(ids, [batchSize, contextLength], "int32"),
        meanings: tf.tensor1d(
          Int32Array.from(indices, (index) => meanings[index]!),
          "int32",
        ),
      };
    },
    loss: (scope, { images, ids, meanings }) => {
      const normalized = normalizeImages(images, dataset);
      const { logitsPerImage } = clip(scope, { images: normalized, ids }, configuration);
      const matches = tf.cast(
        tf.equal(meanings.expandDims(0), meanings.expandDims(1)),
        "float32",
      );
      return contrastiveLoss(logitsPerImage, { matches });
    },
    constrain: (parameters) => ({
      ...parameters,
      logit_scale: parameters.logit_scale!.minimum(maximumLogitScale),
    }),
  });
}
