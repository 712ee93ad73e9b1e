/**
 * Nearest neighbours while a method pretrains: whether its features get better, every few epochs and on
 * a part of the images.
 *
 * @module
 */
import type { ImageDataset } from "../data/mod.ts";
import type { Tensor } from "../engine/mod.ts";
import { type Parameters, type Scope, scope } from "../nn/scope.ts";
import type { TensorTree } from "./checkpoint.ts";
import { extractLabelledFeatures } from "./features.ts";
import { averagedParametersOf } from "./gradient_job.ts";
import type { Interruption } from "./interrupt.ts";
import { knnAccuracy, type KnnOptions } from "./nearest_neighbours.ts";
import type { StreamedImages } from "./streamed_images.ts";
import type { OnlineEvaluation } from "./training_loop.ts";

/** What is evaluated, and how often. */
export interface OnlineKnnOptions extends KnnOptions {
  /** Labelled images that vote: in memory a part of the data set, or what is read. */
  bank: ImageDataset | StreamedImages;
  /** Labelled images that are classified. */
  queries: ImageDataset | StreamedImages;
  classes: number;
  /** A frozen model's features of normalised images: `(B, H, W, C)` → `(B, D)`. */
  encode(scope: Scope, images: Tensor): Tensor;
  everySteps: number;
  batchSize?: number;
  /** Whether the checkpoint with the best accuracy is kept. Default: true. */
  keepBest?: boolean;
}

/** The name of the metric, in percent. */
export const knnMetric = "knn";

/** The accuracy of nearest neighbours in features of these parameters. */
async function knnOf(
  parameters: Parameters,
  { bank, queries, classes, encode, ...options }: OnlineKnnOptions,
  interruption: Interruption | undefined,
): Promise<number> {
  const frozen = scope(parameters);
  const extract = {
    ...options.batchSize === undefined ? {} : { batchSize: options.batchSize },
    ...interruption === undefined ? {} : { interruption },
  };
  const featuresOf = (images: ImageDataset | StreamedImages, phase: string) =>
    extractLabelledFeatures(images, (batch) => encode(frozen, batch), {
      ...extract,
      phase,
    });
  const voters = await featuresOf(bank, "kNN bank");
  return await knnAccuracy(
    voters,
    await featuresOf(queries, "kNN queries"),
    classes,
    options,
  );
}

/**
 * An evaluation for `train` that gives the accuracy of nearest neighbours as `knn`. With a moving
 * average, that is what is evaluated.
 *
 * @throws {Error} (when it is measured) if there are no labels.
 */
export function onlineKnn(options: OnlineKnnOptions): OnlineEvaluation {
  const { everySteps, keepBest = true } = options;
  return {
    everySteps,
    measure: async (state: TensorTree, _step: number, interruption?: Interruption) => ({
      [knnMetric]: await knnOf(averagedParametersOf(state), options, interruption),
    }),
    ...(keepBest ? { best: { metric: knnMetric, better: "higher" } } : {}),
  };
}
