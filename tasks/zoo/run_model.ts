/**
 * A run's network as a model of the zoo, so that what was trained here is used like what was released.
 *
 * @module
 */
import { readRunFolder } from "../../lib/runs/mod.ts";
import { type Model, modelOf } from "../../lib/zoo/model.ts";
import type { Preprocessing } from "../../lib/zoo/preprocessing.ts";
import { networkOf } from "../training/network.ts";
import { readTrainedRun, type TrainedRun } from "../training/pretrained.ts";

/** How the run's network wants to see pictures. */
async function preprocessingOf({ folder, recipe }: TrainedRun): Promise<Preprocessing> {
  const { run: { pixels } } = await readRunFolder(folder);
  const { evaluation, normalization, imageSize } = recipe.data;
  if (pixels === undefined) {
    throw new Error(
      `"${folder}" does not say how its images were normalised, as an older mimkit wrote it: run ` +
        "it once more, or see deno task evaluate",
    );
  }
  const { mean, std } = normalization?.mean.length === pixels.mean.length
    ? normalization
    : pixels;
  const side = recipe.task === "pretrain" ? imageSize : evaluation.crop;
  const { resize, interpolation } = evaluation;
  return {
    imageSize: side,
    resize: Math.max(resize, side),
    interpolation,
    mean: [...mean],
    std: [...std],
  };
}

/**
 * The network of a run folder, with its newest weights.
 *
 * @throws {Error} when the folder holds no run of a recipe, or none that has got anywhere.
 */
export async function runModel(folder: string): Promise<Model> {
  const run = await readTrainedRun(folder);
  const preprocessing = await preprocessingOf(run);
  const { classNames } = run;
  const sizes = {
    classes: classNames?.length ?? 0,
    channels: preprocessing.mean.length,
  };
  const network = await networkOf(run, sizes);
  return modelOf({ name: folder, preprocessing, classNames, ...network });
}
