/**
 * `--overfit N`: a method that is right learns a few images by heart.
 *
 * @module
 */
import type { PretrainRecipe } from "../../lib/recipes/recipe.ts";
import { type StartProgress, terminalProgress } from "../../lib/trainers/progress.ts";
import type { TaskImages } from "../training/choose_images.ts";
import {
  byHeart,
  type OverfitResult,
  sayByHeart,
  trainByHeart,
} from "../training/by_heart.ts";
import { fewImages } from "../training/recipe_images.ts";
import { drawnTeacher } from "../training/teacher.ts";
import { preparePretraining } from "./prepare.ts";

/** What is learned by heart. */
export interface OverfitInput {
  recipe: PretrainRecipe;
  images: TaskImages;
  seed: number;
  /** Images. */
  count: number;
  progress?: StartProgress;
}

/** How many images are learned: MixMIM mixes pairs, so that an odd number is one more. */
export function overfitCount({ model }: PretrainRecipe, count: number): number {
  return model.kind === "mixmim" ? 2 * Math.ceil(count / 2) : count;
}

// ResNet and ConvNeXt see where they are at the borders alone, and learn it slowly: at 1e-3, up to 7 %
// of the loss are left after as many steps as leave 1 % or less at this rate.
const convolutionalRate = 4e-3;

/** The recipe for a batch of a few images: no decay, nothing random but the masks. */
export function overfitRecipe(recipe: PretrainRecipe, wanted: number): PretrainRecipe {
  const count = overfitCount(recipe, wanted);
  const changed = byHeart(recipe, count);
  const { kind } = changed.model.backbone;
  const isGiven = recipe.sources["optimizer.lr"] === "the command line";
  if ((kind === "resnet" || kind === "convnext") && !isGiven) {
    changed.optimizer.lr = convolutionalRate;
  }
  if (changed.model.backbone.dropPathRate !== undefined) {
    changed.model.backbone.dropPathRate = 0;
  }
  return changed;
}

/** Trains on a few images again and again. */
export async function learnByHeart(
  { recipe, images, seed, count: wanted, progress = terminalProgress }: OverfitInput,
): Promise<OverfitResult> {
  const count = overfitCount(recipe, wanted);
  const few = await fewImages(images.train, recipe.data, count);
  if (few.length < count) {
    throw new Error(
      `There are ${few.length} images, not ${count}: --overfit ${few.length}`,
    );
  }
  const held = recipe.teacher === undefined
    ? undefined
    : drawnTeacher(recipe, few.channels);
  const { job } = preparePretraining({
    ...{ recipe: overfitRecipe(recipe, count), seed, teacher: held?.teacher },
    images: { dataset: few },
  });
  const result = await trainByHeart(job, progress);
  held?.dispose();
  return result;
}

/** Learns by heart and says how well; returns the exit status. */
export async function overfit(input: OverfitInput): Promise<number> {
  const { recipe } = input;
  const { name } = recipe;
  const count = overfitCount(recipe, input.count);
  if (count !== input.count) {
    console.error(
      `${name} mixes images in pairs: ${count} are learned by heart, not ${input.count}`,
    );
  }
  return sayByHeart(name, count, await learnByHeart(input));
}
