/**
 * The phase that trains a tiny CLIP, the same in every task that needs one.
 *
 * @module
 */
import { tinyClip } from "../../lib/backbones/clip_variants.ts";
import {
  type Augmentation,
  type CaptionedDataset,
  type WordTokenizer,
  wordTokenizer,
} from "../../lib/data/mod.ts";
import { disposeTree } from "../../lib/engine/mod.ts";
import type { PhaseRecipe } from "../../lib/recipes/quickstart.ts";
import { clipJob } from "../../lib/trainers/clip_training.ts";
import { parametersOf } from "../../lib/trainers/gradient_job.ts";
import { train, type TrainingSurroundings } from "../../lib/trainers/training_loop.ts";
import type { TrainedClip } from "./frozen.ts";

/** The settings of a phase that every trainer takes. */
export function optimizationOf(
  { steps, batchSize, learningRate, warmupSteps, weightDecay }: PhaseRecipe,
): PhaseRecipe {
  return { steps, batchSize, learningRate, warmupSteps, weightDecay };
}

/** What to train a CLIP on, and how. */
export interface ClipPhase {
  seed: number;
  dataset: CaptionedDataset;
  augmentation: Augmentation;
  patchSize: number;
  recipe: PhaseRecipe & { layers: number; textLayers: number };
  /** As in `clipJob`. */
  meanings?: Int32Array;
}

/** Trains a tiny CLIP, or reads the trained one of the run; its words are those of the captions. */
export async function trainClip(
  { seed, dataset, augmentation, patchSize, recipe, meanings }: ClipPhase,
  surroundings: TrainingSurroundings,
): Promise<TrainedClip & { tokenizer: WordTokenizer }> {
  const tokenizer = wordTokenizer(dataset.captions);
  const { layers, textLayers } = recipe;
  const { vocabularySize, contextLength } = tokenizer;
  const configuration = tinyClip({
    ...{ imageSize: dataset.height, patchSize, vocabularySize, contextLength },
    ...{ layers, textLayers },
  });
  const state = await train(
    clipJob({
      ...{ phase: "clip", seed, configuration, tokenizer, augmentation, dataset },
      ...(meanings === undefined ? {} : { meanings }),
      optimization: optimizationOf(recipe),
    }),
    surroundings,
  );
  disposeTree(state.optimizer!);
  return { parameters: parametersOf(state), configuration, tokenizer };
}
