/**
 * The recipe of a CLIP from images to report.
 *
 * @module
 */
import type { ContrastiveRecipe } from "../../lib/recipes/recipe.ts";
import {
  type ImagesChoice,
  nameOfImages,
  openImages,
} from "../training/choose_images.ts";
import { describeDry, timedSteps } from "../training/dry.ts";
import type { Reading } from "../training/recipe_images.ts";
import { defaultFolder } from "../training/run_to_end.ts";
import type { Saving } from "../training/saving.ts";
import { type CaptionedImages, captionImages } from "./captioned_images.ts";
import { overfitClip } from "./overfit.ts";
import { prepareClip } from "./prepare.ts";
import { runClip } from "./run_clip.ts";

/** What is asked for. */
export interface ClipTask {
  recipe: ContrastiveRecipe;
  choice: ImagesChoice;
  seed: number;
  /** Default: by recipe and images. */
  out: string;
  reading: Reading;
  saving?: Saving;
  dry: boolean;
  /** Images to be learned by heart; 0 for none. */
  overfit: number;
  command: string;
  /** What was written after `--data` and `--val`. */
  inputs: { data: string; val: string };
}

async function dryRun(
  { recipe, seed, reading }: ClipTask,
  captioned: CaptionedImages,
): Promise<number> {
  const { job, channels, specifications, tokenizer } = prepareClip({
    ...{ recipe, captioned, seed, reading },
  });
  const { train: images } = captioned;
  console.log(describeDry({
    ...{ recipe, images, job, specifications, channels, vocabulary: tokenizer },
  }));
  console.log(await timedSteps(job));
  return 0;
}

/** Trains a CLIP by a recipe, or does what is left of it; returns the exit status. */
export async function contrast(task: ClipTask): Promise<number> {
  const { recipe, choice, seed, reading, command, inputs } = task;
  const captioned = captionImages(await openImages(choice), seed);
  if (task.dry) return await dryRun(task, captioned);
  if (task.overfit > 0) {
    return await overfitClip({ recipe, captioned, seed, reading, count: task.overfit });
  }
  const folder = task.out || defaultFolder(recipe.name, nameOfImages(choice), seed);
  return await runClip({
    ...{ recipe, captioned, seed, reading, folder, command, inputs, measured: true },
    ...task.saving && { saving: task.saving },
  });
}
