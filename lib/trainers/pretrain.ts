/**
 * Pretraining of a masked image modelling method on images without labels.
 *
 * @module
 */
import { foldIn, type Key, type Precision, type Tensor } from "../engine/mod.ts";
import type { Augmentation, ImageDataset } from "../data/mod.ts";
import { describeParameters } from "../nn/scope.ts";
import { normalizeImages } from "../nn/normalize_images.ts";
import { gradientJob, type Optimization } from "./gradient_job.ts";
import { imageBatches } from "./image_batches.ts";
import { weightDecayGroups } from "./parameter_groups/mod.ts";
import type { Pretext } from "./pretext.ts";
import { imageFormatOf, type StreamedImages } from "./streamed_images.ts";
import type { TrainingJob } from "./training_job.ts";

/** What to pretrain, and on what. */
export interface PretrainOptions {
  phase: string;
  seed: number;
  pretext: Pretext;
  /** In memory, or read while the device computes. */
  dataset: ImageDataset | StreamedImages;
  /** Of images in memory; what is read has its transform. */
  augmentation?: Augmentation;
  /**
   * Changes normalised images on the device, such as `eraseImages` or `addLighting`; the
   * key differs at every step.
   */
  change?: (key: Key, images: Tensor) => Tensor;
  /** Default groups: MAE's, with `weightDecay`. */
  optimization: Omit<Optimization, "groups"> & Partial<Pick<Optimization, "groups">> & {
    weightDecay: number;
  };
  /** Default: float32. */
  precision?: Precision;
  /** Less memory for more time, as in `gradientJob`. Default: false. */
  rematerialize?: boolean;
}

/** The parameters of a pretext task on a data set's images. */
export function describePretext(
  pretext: Pretext,
  { height, width, channels }: { height: number; width: number; channels: number },
): ReturnType<typeof describeParameters> {
  return describeParameters((scope, input) =>
    pretext(
      scope,
      input({ shape: [1, height, width, channels] }),
      input({ shape: [2], dtype: "int32" }),
    )
  );
}

/** The job of a pretext task, for `train`. */
export function pretrainJob(options: PretrainOptions): TrainingJob<{ images: Tensor }> {
  const { phase, seed, pretext, dataset, augmentation, optimization } = options;
  const { precision = "float32", rematerialize = false } = options;
  const format = imageFormatOf(dataset);
  const specifications = describePretext(pretext, format);
  const { batchSize, microBatchSize, weightDecay } = optimization;
  const batchOf = imageBatches(dataset, {
    batchSize,
    microBatchSize,
    seed,
    augmentation,
  });
  return gradientJob({
    ...{ phase, seed, specifications, precision, rematerialize },
    optimization: {
      ...optimization,
      groups: optimization.groups ?? weightDecayGroups(specifications, weightDecay),
    },
    batch: async (step, part) => ({ images: (await batchOf(step, part)).images }),
    close: batchOf.close,
    loss: (scope, { images }, key) => {
      const normalized = normalizeImages(images, format);
      const changed = options.change?.(foldIn(key, "change"), normalized) ?? normalized;
      return pretext(scope, changed, key).loss;
    },
  });
}
