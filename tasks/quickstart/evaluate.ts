/**
 * The quickstart's table for one seed.
 *
 * @module
 */
import type { LabelledDataset } from "../../lib/data/mod.ts";
import { disposeTree } from "../../lib/engine/mod.ts";
import type { Parameters } from "../../lib/nn/scope.ts";
import type { QuickstartRecipe } from "../../lib/recipes/quickstart.ts";
import { extractFeatures, type Features } from "../../lib/trainers/features.ts";
import { classifierAccuracy, finetuneJob } from "../../lib/trainers/finetune.ts";
import { parametersOf } from "../../lib/trainers/gradient_job.ts";
import { linearProbeAccuracy } from "../../lib/trainers/linear_probe.ts";
import { knnAccuracy } from "../../lib/trainers/nearest_neighbours.ts";
import { terminalProgress } from "../../lib/trainers/progress.ts";
import { train, type TrainingSurroundings } from "../../lib/trainers/training_loop.ts";
import type { Evaluations, Model } from "./evaluations.ts";
import {
  clipFeatures,
  type Encode,
  pixelFeatures,
  type QuickstartData,
  randomVit,
  type Trained,
  vitFeatures,
} from "./phases.ts";
import { randomFlipShift } from "../../lib/data/mod.ts";

interface Context {
  data: QuickstartData;
  recipe: QuickstartRecipe;
  seed: number;
  surroundings: TrainingSurroundings;
  evaluations: Evaluations;
}

function extract(
  model: Model,
  dataset: LabelledDataset,
  encode: Encode,
  { surroundings: { interruption } }: Context,
): Promise<Features> {
  const phase = `features ${model}`;
  const progress = terminalProgress;
  const options = interruption === undefined
    ? { phase, progress }
    : { phase, progress, interruption };
  return extractFeatures(dataset, encode, options);
}

async function evaluateFrozen(
  model: Model,
  encode: Encode,
  context: Context,
): Promise<void> {
  const { data, seed, evaluations } = context;
  if (evaluations.has(model, ["knn", "probe"], seed)) return;
  const bank = {
    features: await extract(model, data.captioned, encode, context),
    labels: data.captioned.labels,
  };
  const test = {
    features: await extract(model, data.test, encode, context),
    labels: data.test.labels,
  };
  const classes = data.test.classNames.length;
  await evaluations.once(model, "knn", seed, () => knnAccuracy(bank, test, classes));
  await evaluations.once(
    model,
    "probe",
    seed,
    () => linearProbeAccuracy(bank, test, { classes, seed }),
  );
}

async function finetune(
  model: Model,
  pretrained: Parameters | undefined,
  { data, recipe, seed, surroundings, evaluations }: Context,
): Promise<void> {
  const { backbone, finetuning } = recipe;
  const { layerDecay, dropPathRate, ...phase } = finetuning;
  const configuration = {
    backbone: { ...backbone, dropPathRate },
    classes: data.test.classNames.length,
  };
  // Layer-wise rates are for parameters that already know something.
  const optimization = {
    ...phase,
    layerDecay: pretrained === undefined ? 1 : layerDecay,
  };
  await evaluations.once(model, "finetune", seed, async () => {
    const name = `finetune-${model.toLowerCase().replace(" ", "-")}`;
    const state = await train(
      finetuneJob({
        ...{ phase: name, seed, model: configuration, optimization },
        ...(pretrained === undefined ? {} : { pretrained }),
        dataset: data.labelled,
        augmentation: randomFlipShift(),
      }),
      surroundings,
    );
    const accuracy = await classifierAccuracy(
      parametersOf(state),
      { ...configuration, backbone },
      data.test,
      { phase: `test ${model}`, progress: terminalProgress },
    );
    disposeTree(state);
    return accuracy;
  });
}

/** Computes what is missing of the table. */
export async function evaluateAll(trained: Trained, context: Context): Promise<void> {
  const { data, recipe, seed } = context;
  const { backbone } = recipe;
  const random = randomVit(data, recipe, seed);
  await evaluateFrozen("raw pixels", pixelFeatures, context);
  await evaluateFrozen("random ViT", vitFeatures(random, backbone), context);
  await evaluateFrozen("CLIP teacher", clipFeatures(trained.clip), context);
  await evaluateFrozen("MAE", vitFeatures(trained.mae.parameters, backbone), context);
  await evaluateFrozen("MILAN", vitFeatures(trained.milan.parameters, backbone), context);
  disposeTree(random);
  await finetune("random ViT", undefined, context);
  await finetune("MAE", trained.mae.parameters, context);
  await finetune("MILAN", trained.milan.parameters, context);
}
