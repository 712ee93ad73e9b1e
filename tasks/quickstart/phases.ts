/**
 * The phases of the quickstart for one seed: a tiny CLIP, then MAE and MILAN at equal budget.
 *
 * @module
 */
import { type ClipConfiguration, tinyClip } from "../../lib/backbones/clip_variants.ts";
import { clipVision } from "../../lib/backbones/clip_vision.ts";
import { vit, type VitConfiguration } from "../../lib/backbones/vit.ts";
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
  wordTokenizer,
} from "../../lib/data/mod.ts";
import { disposeTree, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { clipTeacher, type Teacher } from "../../lib/methods/teacher.ts";
import { layerNorm } from "../../lib/nn/layer_norm.ts";
import { initializeParameters, type Parameters, scope } from "../../lib/nn/scope.ts";
import type { PhaseRecipe, QuickstartRecipe } from "../../lib/recipes/quickstart.ts";
import { clipJob } from "../../lib/trainers/clip_training.ts";
import { parametersOf } from "../../lib/trainers/gradient_job.ts";
import {
  describePretext,
  maePretext,
  milanPretext,
  type Pretext,
  pretrainJob,
} from "../../lib/trainers/pretrain.ts";
import { train, type TrainingSurroundings } from "../../lib/trainers/training_loop.ts";

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

/** A frozen encoder: normalised images `(B, H, W, C)` to features `(B, D)`. */
export type Encode = (images: Tensor) => Tensor;

/** What the phases leave behind. */
export interface Trained {
  clip: { parameters: Parameters; configuration: ClipConfiguration };
  teacher: Teacher;
  mae: { parameters: Parameters; pretext: Pretext };
  milan: { parameters: Parameters; pretext: Pretext };
}

const augmentation = randomFlipShift();

function optimizationOf(phase: PhaseRecipe) {
  const { steps, batchSize, learningRate, warmupSteps, weightDecay } = phase;
  return { steps, batchSize, learningRate, warmupSteps, weightDecay };
}

async function trainClip(
  data: QuickstartData,
  recipe: QuickstartRecipe,
  seed: number,
  surroundings: TrainingSurroundings,
): Promise<Trained["clip"]> {
  const tokenizer = wordTokenizer(data.captioned.captions);
  const { imageSize, patchSize } = recipe.backbone;
  const { layers, textLayers } = recipe.teacher;
  const { vocabularySize, contextLength } = tokenizer;
  const configuration = tinyClip({
    ...{ imageSize, patchSize, vocabularySize, contextLength },
    ...{ layers, textLayers },
  });
  const state = await train(
    clipJob({
      ...{ phase: "clip", seed, configuration, tokenizer, augmentation },
      dataset: data.captioned,
      optimization: optimizationOf(recipe.teacher),
    }),
    surroundings,
  );
  const parameters = parametersOf(state);
  disposeTree(state.optimizer);
  return { parameters, configuration };
}

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
      backbone: recipe.backbone,
      dataset: data.unlabelled,
      optimization: optimizationOf(recipe.pretraining),
    }),
    surroundings,
  );
  disposeTree(state.optimizer);
  return { parameters: parametersOf(state), pretext };
}

/** Runs all phases, each going on from its checkpoint. */
export async function trainAll(
  data: QuickstartData,
  recipe: QuickstartRecipe,
  seed: number,
  surroundings: TrainingSurroundings,
): Promise<Trained> {
  const clip = await trainClip(data, recipe, seed, surroundings);
  const teacher = clipTeacher(clip.parameters, clip.configuration.vision);
  const model = { backbone: recipe.backbone, decoder: recipe.decoder };
  const { maskRatio } = recipe;
  const run = (phase: string, pretext: Pretext) =>
    pretrain(phase, pretext, data, recipe, seed, surroundings);
  return {
    clip,
    teacher,
    mae: await run("mae", maePretext(model, maskRatio)),
    milan: await run("milan", milanPretext(model, teacher, maskRatio)),
  };
}

/** A ViT with parameters as drawn, for comparison. */
export function randomVit(data: QuickstartData, recipe: QuickstartRecipe, seed: number) {
  const model = { backbone: recipe.backbone, decoder: recipe.decoder };
  const pretext = maePretext(model, recipe.maskRatio);
  return initializeParameters(describePretext(pretext, data.unlabelled), randomKey(seed));
}

/** The mean of a pretrained encoder's normalised patch tokens. */
export function vitFeatures(parameters: Parameters, backbone: VitConfiguration): Encode {
  const frozen = scope(parameters);
  return (images) => {
    const { tokens } = vit(frozen, images, { positions: "fixed", ...backbone });
    return layerNorm(frozen.at("norm"), tokens, backbone.epsilon).slice([0, 1]).mean(1);
  };
}

/** A CLIP's image embeddings. */
export function clipFeatures({ parameters, configuration }: Trained["clip"]): Encode {
  const visual = scope(parameters).at("visual");
  return (images) => clipVision(visual, images, configuration.vision).imageEmbeds;
}

/** The pixels themselves. */
export const pixelFeatures: Encode = (images) =>
  tf.reshape(images, [images.shape[0]!, -1]);
