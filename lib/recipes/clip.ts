/**
 * The recipes of `deno task clip`: a tiny CLIP, to be MILAN's teacher where no released one is.
 *
 * @module
 */
import type { PhaseRecipe } from "./quickstart.ts";

/** What a tiny CLIP can learn from. */
export const clipDatasets = ["emoji", "fashion-mnist"] as const;

/** A name of {@linkcode clipDatasets}. */
export type ClipDataset = (typeof clipDatasets)[number];

/** All settings of a tiny CLIP. */
export interface ClipRecipe {
  dataset: ClipDataset;
  patchSize: number;
  /** Images with captions; of emoji all of the training part have one. */
  captionedImages?: number;
  /** Whether images are mirrored: not where a caption says "leftwards". */
  flip: boolean;
  /** Pixels. */
  maxShift: number;
  training: PhaseRecipe & { layers: number; textLayers: number };
}

/** Where the settings come from, by dotted path. */
export const clipSources: Record<string, string> = {
  "patchSize": "a 7 × 7 or 8 × 8 grid of patches, about ViT-B/32's on 224 pixels",
  "captionedImages": "a tenth of the training set",
  "training.weightDecay": "half of CLIP's 0.2 (table 18): few steps",
  "training.learningRate":
    "twice CLIP's 5e-4 (table 18): a far smaller batch and network",
};

/** The budget that the numbers of steps below are for. */
const minutesOfRecipe = 3;

/**
 * The recipe for a budget of about so many minutes on two cores; the number of steps depends on
 * nothing else, so that a run can be repeated anywhere.
 *
 * @throws {Error} when the minutes are not above 0.
 *
 * @example
 * ```ts
 * import { clipRecipe } from "./clip.ts";
 * console.log(clipRecipe("emoji", 3).patchSize); // 8
 * ```
 */
export function clipRecipe(dataset: ClipDataset, minutes: number): ClipRecipe {
  if (!(minutes > 0)) throw new Error(`The minutes must be above 0, got ${minutes}`);
  const scaled = (steps: number): number =>
    Math.max(2, Math.round(steps * minutes / minutesOfRecipe));
  const training = (steps: number): ClipRecipe["training"] => ({
    layers: 3,
    textLayers: 1,
    steps,
    batchSize: 128,
    learningRate: 1e-3,
    warmupSteps: Math.ceil(steps / 10),
    weightDecay: 0.1,
  });
  switch (dataset) {
    case "emoji":
      return {
        ...{ dataset, patchSize: 8, flip: false, maxShift: 4 },
        training: training(scaled(300)),
      };
    case "fashion-mnist":
      return {
        ...{ dataset, patchSize: 4, captionedImages: 6000, flip: true, maxShift: 2 },
        training: training(scaled(300)),
      };
  }
}
