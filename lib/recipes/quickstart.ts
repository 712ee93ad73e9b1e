/**
 * The recipe of `deno task quickstart`: MILAN and MAE at equal budget on Fashion-MNIST, with a tiny
 * CLIP as the teacher, in minutes on two cores.
 *
 * @module
 */
import type { VitConfiguration } from "../backbones/vit.ts";
import { vitVariant } from "../backbones/vit.ts";
import type { DecoderConfiguration } from "../heads/decoder.ts";

/** How long and how fast one phase trains. */
export interface PhaseRecipe {
  steps: number;
  batchSize: number;
  learningRate: number;
  warmupSteps: number;
  weightDecay: number;
}

/** All settings of the quickstart. */
export interface QuickstartRecipe {
  dataset: "fashion-mnist";
  backbone: VitConfiguration;
  decoder: Omit<DecoderConfiguration, "outputs">;
  maskRatio: number;
  /** Images whose captions the teacher learns from; the only labels anywhere. */
  captionedImages: number;
  /** Labels that fine-tuning sees: 1 % of the training set. */
  labelledImages: number;
  teacher: PhaseRecipe & { layers: number; textLayers: number };
  pretraining: PhaseRecipe;
  finetuning: PhaseRecipe & { layerDecay: number; dropPathRate: number };
}

/** Where the settings come from, by dotted path. */
export const quickstartSources: Record<string, string> = {
  "backbone": "as MAE's, for patches of 4 × 4 on 28 × 28 pixels",
  "maskRatio": "MAE, section 3; MILAN, section 4.1",
  "captionedImages": "a tenth of the training set",
  "pretraining.weightDecay": "MAE, appendix A.1; MILAN, appendix A",
  "finetuning.weightDecay": "MAE, appendix A.1",
  "finetuning.layerDecay":
    "MAE, appendix A.1; closer to 1, as there are 4 layers and not 12",
};

/** The budget that the numbers below are for. */
const minutesOfRecipe = 5;

/**
 * The recipe for a budget of about so many minutes on two cores; the numbers of steps depend on
 * nothing else, so that a run can be repeated anywhere.
 *
 * @example
 * ```ts
 * import { quickstartRecipe } from "./quickstart.ts";
 * console.log(quickstartRecipe(5).maskRatio); // 0.75
 * ```
 */
export function quickstartRecipe(minutes: number): QuickstartRecipe {
  if (!(minutes > 0)) throw new Error(`The minutes must be above 0, got ${minutes}`);
  const scaled = (steps: number): number =>
    Math.max(2, Math.round(steps * minutes / minutesOfRecipe));
  const teacherSteps = scaled(650);
  const pretrainingSteps = scaled(550);
  const finetuningSteps = scaled(150);
  return {
    dataset: "fashion-mnist",
    backbone: { ...vitVariant("tiny/4", 28), channels: 1 },
    decoder: { width: 64, depth: 1, heads: 2 },
    maskRatio: 0.75,
    captionedImages: 6000,
    labelledImages: 600,
    teacher: {
      layers: 2,
      textLayers: 1,
      steps: teacherSteps,
      batchSize: 64,
      learningRate: 1e-3,
      warmupSteps: Math.ceil(teacherSteps / 10),
      weightDecay: 0.1,
    },
    pretraining: {
      steps: pretrainingSteps,
      batchSize: 64,
      learningRate: 1e-3,
      warmupSteps: Math.ceil(pretrainingSteps / 10),
      weightDecay: 0.05,
    },
    finetuning: {
      steps: finetuningSteps,
      batchSize: 32,
      learningRate: 1e-3,
      warmupSteps: Math.ceil(finetuningSteps / 10),
      weightDecay: 0.05,
      layerDecay: 0.8,
      dropPathRate: 0.1,
    },
  };
}
