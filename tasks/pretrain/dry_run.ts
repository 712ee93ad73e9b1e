/**
 * `--dry`: what a run would be, and three of its steps.
 *
 * @module
 */
import type { PretrainRecipe } from "../../lib/recipes/recipe.ts";
import { imageFormatOf } from "../../lib/trainers/streamed_images.ts";
import type { TaskImages } from "../training/choose_images.ts";
import { showDry } from "../training/dry.ts";
import { type Reading, trainingImages } from "../training/recipe_images.ts";
import { drawnTeacher } from "../training/teacher.ts";
import { preparePretraining } from "./prepare.ts";

/** What is looked at. */
export interface DryInput {
  recipe: PretrainRecipe;
  images: TaskImages;
  seed: number;
  reading: Reading;
}

/** Prints a run without doing it; returns the exit status. */
export async function dryRun(
  { recipe, images, seed, reading }: DryInput,
): Promise<number> {
  const training = trainingImages(images.train, recipe.data, reading);
  const { channels } = imageFormatOf(training.dataset);
  // Its numbers do not matter to the time that it takes.
  const held = recipe.teacher === undefined ? undefined : drawnTeacher(recipe, channels);
  const prepare = (recipe: PretrainRecipe) =>
    preparePretraining({
      ...{ recipe, images: training, seed, teacher: held?.teacher },
    });
  const { job, specifications } = prepare(recipe);
  const status = await showDry(
    { recipe, images: images.train, job, specifications, channels },
    (batch) => prepare({ ...recipe, batch }).job,
  );
  held?.dispose();
  return status;
}
