/**
 * `deno task knn` from a run to a number.
 *
 * @module
 */
import { disposeTree } from "../../lib/engine/mod.ts";
import { scope } from "../../lib/nn/scope.ts";
import { extractLabelledFeatures } from "../../lib/trainers/features.ts";
import { knnAccuracy } from "../../lib/trainers/nearest_neighbours.ts";
import { terminalProgress } from "../../lib/trainers/progress.ts";
import { chooseImages, classNamesOf, openImages } from "../training/choose_images.ts";
import { networkOf } from "../training/network.ts";
import { readTrainedRun } from "../training/pretrained.ts";
import { evaluationImages, someOf } from "../training/recipe_images.ts";

/** What `deno task knn` is asked for. */
export interface KnnTask {
  folder: string;
  data: string;
  val: string;
  neighbours: number;
  images: number;
  readers: number;
  "max-bad": number;
}

/** Prints the accuracy; returns the exit status. */
export async function nearestOfRun(
  { folder, data, val, neighbours, images, readers, "max-bad": maxBad }: KnnTask,
): Promise<number> {
  const run = await readTrainedRun(folder);
  const { recipe } = run;
  if (recipe.task !== "pretrain" && recipe.task !== "clip") {
    throw new Error(
      `"${folder}" is a run of ${recipe.task}: deno task evaluate ${folder}`,
    );
  }
  const { inputs } = run;
  const choice = data === ""
    ? await chooseImages(inputs.data, val || inputs.val)
    : await chooseImages(data, val);
  const { train, test } = await openImages(choice);
  const classes = classNamesOf(train)?.length;
  if (classes === undefined || test === undefined) {
    throw new Error(
      `${train.name} has no labels, or nothing to be tested on: give --val DIR`,
    );
  }
  const reading = { readers, maxBad };
  const { imageSize } = recipe.data;
  const section = {
    ...recipe.data,
    evaluation: { ...recipe.data.evaluation, crop: imageSize },
  };
  const { encode, parameters } = await networkOf(run, {
    ...{ classes, channels: train.channels },
  });
  const frozen = scope(parameters);
  const featuresOf = (which: typeof train, phase: string) =>
    extractLabelledFeatures(
      evaluationImages(which, section, reading),
      (images) => encode(frozen, images).features,
      { phase, progress: terminalProgress, batchSize: 250 },
    );
  const bank = await featuresOf(someOf(train, images, "bank"), "labelled images");
  const queries = await featuresOf(test, "test images");
  const accuracy = await knnAccuracy(bank, queries, classes, { neighbours });
  disposeTree(parameters);
  console.log(
    `${accuracy.toFixed(2)} % of ${queries.labels.length} images of ${test.name} (k = ` +
      `${neighbours}, ${bank.labels.length} labelled images of ${train.name})`,
  );
  return 0;
}
