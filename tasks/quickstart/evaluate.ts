/**
 * The quickstart's table for one seed.
 *
 * @module
 */
import { randomFlipShift } from "../../lib/data/mod.ts";
import { disposeTree } from "../../lib/engine/mod.ts";
import type { Parameters } from "../../lib/nn/scope.ts";
import type { QuickstartRecipe } from "../../lib/recipes/quickstart.ts";
import { classifierAccuracy } from "../../lib/trainers/evaluate.ts";
import { finetuneJob } from "../../lib/trainers/finetune.ts";
import { parametersOf } from "../../lib/trainers/gradient_job.ts";
import { terminalProgress } from "../../lib/trainers/progress.ts";
import { train, type TrainingSurroundings } from "../../lib/trainers/training_loop.ts";
import {
  classMeasures,
  clipFeatures,
  type Encode,
  evaluateFrozen,
  pixelFeatures,
  vitFeatures,
} from "../training/frozen.ts";
import type { Model, QuickstartEvaluations } from "./evaluations.ts";
import { type QuickstartData, randomVit, type Trained } from "./phases.ts";

interface Context {
  data: QuickstartData;
  recipe: QuickstartRecipe;
  seed: number;
  surroundings: TrainingSurroundings;
  evaluations: QuickstartEvaluations;
}

async function finetune(
  model: Model,
  pretrained: Parameters | undefined,
  { data, recipe, seed, surroundings, evaluations }: Context,
): Promise<void> {
  const { backbone, finetuning } = recipe;
  const { layerDecay, dropPathRate, ...phase } = finetuning;
  const configuration = {
    backbone: { kind: "vit", ...backbone, dropPathRate },
    classes: data.test.classNames.length,
  } as const;
  // Layer-wise rates are for parameters that already know something.
  const optimization = {
    ...phase,
    layerDecay: pretrained === undefined ? 1 : layerDecay,
  };
  const { interruption } = surroundings;
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
      { ...configuration, backbone: { kind: "vit", ...backbone } },
      data.test,
      {
        ...{ phase: `test ${model}`, progress: terminalProgress },
        ...(interruption === undefined ? {} : { interruption }),
      },
    );
    disposeTree(state);
    return accuracy;
  });
}

/** Computes what is missing of the table. */
export async function evaluateAll(trained: Trained, context: Context): Promise<void> {
  const { data, recipe, seed } = context;
  const { backbone } = recipe;
  const measures = classMeasures(data.test.classNames.length, seed);
  const frozen = (model: Model, encode: Encode): Promise<void> =>
    evaluateFrozen(model, encode, measures, {
      ...context,
      bank: data.captioned,
      test: data.test,
    });
  const random = randomVit(data, recipe, seed);
  await frozen("raw pixels", pixelFeatures);
  await frozen("random ViT", vitFeatures(random, backbone));
  await frozen("CLIP teacher", clipFeatures(trained.clip));
  await frozen("MAE", vitFeatures(trained.mae.parameters, backbone));
  await frozen("MILAN", vitFeatures(trained.milan.parameters, backbone));
  disposeTree(random);
  await finetune("random ViT", undefined, context);
  await finetune("MAE", trained.mae.parameters, context);
  await finetune("MILAN", trained.milan.parameters, context);
}
