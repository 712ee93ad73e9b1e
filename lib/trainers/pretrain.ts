/**
 * Pretraining of a masked image modelling method on images without labels.
 *
 * @module
 */
import type { Key, Tensor } from "../engine/mod.ts";
import type { Augmentation, ImageDataset } from "../data/mod.ts";
import { patchCount } from "../backbones/vit.ts";
import { semanticMask } from "../maskers/semantic.ts";
import { randomMask } from "../maskers/random.ts";
import { mae, type MaeConfiguration } from "../methods/mae.ts";
import type { MethodOutput } from "../methods/method.ts";
import { milan, type MilanConfiguration } from "../methods/milan.ts";
import type { Teacher } from "../methods/teacher.ts";
import { describeParameters, type Scope } from "../nn/scope.ts";
import { normalizeImages } from "./features.ts";
import { gradientJob, imageBatches, type Optimization } from "./gradient_job.ts";
import { weightDecayGroups } from "./parameter_groups.ts";
import type { TrainingJob } from "./training_loop.ts";

/** A method ready to run: images and a key in, loss and named intermediates out. */
export type Pretext = (scope: Scope, images: Tensor, key: Key) => MethodOutput;

/** MAE with random masks. */
export function maePretext(configuration: MaeConfiguration, maskRatio: number): Pretext {
  const length = patchCount(configuration.backbone);
  return (scope, images, key) => {
    const mask = randomMask(key, { batch: images.shape[0]!, length, maskRatio });
    return mae(scope, images, mask, configuration);
  };
}

/** MILAN with a teacher's targets and semantic-aware masks. */
export function milanPretext(
  configuration: MilanConfiguration,
  teacher: Teacher,
  maskRatio: number,
): Pretext {
  return (scope, images, key) => {
    const { features, importance } = teacher(images);
    const mask = semanticMask(key, importance, maskRatio);
    const output = milan(
      scope,
      images,
      mask,
      { kind: "features", features },
      configuration,
    );
    return { ...output, pictures: () => ({ ...output.pictures(), importance }) };
  };
}

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
