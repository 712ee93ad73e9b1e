/**
 * Pretraining of a masked image modelling method on images without labels.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import type { Augmentation, ImageDataset } from "../data/mod.ts";
import { describeParameters } from "../nn/scope.ts";
import { normalizeImages } from "./features.ts";
import { gradientJob, imageBatches, type Optimization } from "./gradient_job.ts";
import { weightDecayGroups } from "./parameter_groups/mod.ts";
import type { Pretext } from "./pretext.ts";
import type { TrainingJob } from "./training_loop.ts";

/** What to pretrain, and on what. */
export interface PretrainOptions {
  phase: string;
  seed: number;
  pretext: Pretext;
  dataset: ImageDataset;
  augmentation?: Augmentation;
  optimization: Omit<Optimization, "groups"> & { weightDecay: number };
}

/** The parameters of a pretext task on a data set's images. */
export function describePretext(
  pretext: Pretext,
  { height, width, channels }: ImageDataset,
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
  const specifications = describePretext(pretext, dataset);
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
    batch: (step) => ({ images: batchOf(step).images }),
    loss: (scope, { images }, key) =>
      pretext(scope, normalizeImages(images, dataset), key).loss,
  });
}
