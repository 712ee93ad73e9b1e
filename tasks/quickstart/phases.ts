/**
 * The phases of the quickstart for one seed: a tiny CLIP, then MAE and MILAN at equal budget.
 *
 * @module
 */
import {
  type CaptionedSubset,
  captionedSubset,
  fashionMnist,
  type ImageDataset,
  type LabelledDataset,
  type LabelledSubset,
  labelledSubset,
  randomFlipShift,
  withoutLabels,
} from "../../lib/data/mod.ts";
import { disposeTree, randomKey } from "../../lib/engine/mod.ts";
import { clipTeacher, type Teacher } from "../../lib/methods/teacher.ts";
import { initializeParameters, type Parameters } from "../../lib/nn/scope.ts";
import type { QuickstartRecipe } from "../../lib/recipes/quickstart.ts";
import { parametersOf } from "../../lib/trainers/gradient_job.ts";
import { maePretext, milanPretext, type Pretext } from "../../lib/trainers/pretext.ts";
import { describePretext, pretrainJob } from "../../lib/trainers/pretrain.ts";
import { train, type TrainingSurroundings } from "../../lib/trainers/training_loop.ts";
import type { TrainedClip } from "../training/frozen.ts";
import { optimizationOf, trainClip } from "../training/train_clip.ts";

/** The images of the quickstart, for one seed. */
export interface QuickstartData {
  /** All 60,000, without labels. */
  unlabelled: ImageDataset;
  captioned: CaptionedSubset;
  labelled: LabelledSubset;
  test: LabelledDataset;
}

/** Chooses the captioned and the labelled images; nothing else of the labels leaves this function. */
export function chooseData(
  full: { train: LabelledDataset; test: LabelledDataset },
  recipe: QuickstartRecipe,
  seed: number,
): QuickstartData {
  const captioned = captionedSubset(full.train, { count: recipe.captionedImages, seed });
  return {
    unlabelled: withoutLabels(full.train),
    captioned,
    labelled: labelledSubset(captioned, { count: recipe.labelledImages, seed }),
    test: full.test,
  };
}

/** Both parts of Fashion-MNIST. */
export async function loadData(): Promise<
  { train: LabelledDataset; test: LabelledDataset }
> {
  const [train, test] = await Promise.all([
    fashionMnist({ split: "train" }),
    fashionMnist({ split: "test" }),
  ]);
  return { train, test };
}

/** What the phases leave behind. */
export interface Trained {
  clip: TrainedClip;
  teacher: Teacher;
  mae: { parameters: Parameters; pretext: Pretext };
  milan: { parameters: Parameters; pretext: Pretext };
}

const augmentation = randomFlipShift();

async function pretrain(
  phase: string,
  pretext: Pretext,
  data: QuickstartData,
  recipe: QuickstartRecipe,
  seed: number,
  surroundings: TrainingSurroundings,
): Promise<{ parameters: Parameters; pretext: Pretext }> {
  const state = await train(
    pretrainJob({
      ...{ phase, seed, pretext, augmentation },
      dataset: data.unlabelled,
      optimization: optimizationOf(recipe.pretraining),
    }),
    surroundings,
  );
  disposeTree(state.optimizer!);
  return { parameters: parametersOf(state), pretext };
}

/** Runs all phases, each going on from its checkpoint. */
export async function trainAll(
  data: QuickstartData,
  recipe: QuickstartRecipe,
  seed: number,
  surroundings: TrainingSurroundings,
): Promise<Trained> {
  const clip = await trainClip({
    ...{ seed, dataset: data.captioned, augmentation },
    ...{ patchSize: recipe.backbone.patchSize, recipe: recipe.teacher },
    // Many sentences are about the same class: they say the same in other words.
    meanings: Int32Array.from(data.captioned.labels),
  }, surroundings);
  const teacher = clipTeacher(clip.parameters, clip.configuration.vision);
  const model = { backbone: recipe.backbone, decoder: recipe.decoder };
  const { maskRatio } = recipe;
  const run = (phase: string, pretext: Pretext) =>
    pretrain(phase, pretext, data, recipe, seed, surroundings);
  return {
    clip,
    teacher,
    mae: await run("mae", maePretext(model, { kind: "random", maskRatio })),
    milan: await run(
      "milan",
      milanPretext(model, teacher, { kind: "semantic", maskRatio }),
    ),
  };
}

/** A ViT with parameters as drawn, for comparison. */
export function randomVit(data: QuickstartData, recipe: QuickstartRecipe, seed: number) {
  const model = { backbone: recipe.backbone, decoder: recipe.decoder };
  const pretext = maePretext(model, { kind: "random", maskRatio: recipe.maskRatio });
  return initializeParameters(describePretext(pretext, data.unlabelled), randomKey(seed));
}
