/**
 * `--overfit N` of a CLIP: one that is right learns a few images and their captions by heart.
 *
 * @module
 */
import { sourceOf, subsetOf } from "../../lib/data/mod.ts";
import type { ContrastiveRecipe } from "../../lib/recipes/recipe.ts";
import { type StartProgress, terminalProgress } from "../../lib/trainers/progress.ts";
import {
  byHeart,
  type OverfitResult,
  sayByHeart,
  trainByHeart,
} from "../training/by_heart.ts";
import { fewImages, inMemory, type Reading } from "../training/recipe_images.ts";
import type { CaptionedImages } from "./captioned_images.ts";
import { prepareClip } from "./prepare.ts";

/** What is learned by heart. */
export interface ClipOverfitInput {
  recipe: ContrastiveRecipe;
  captioned: CaptionedImages;
  seed: number;
  reading: Reading;
  /** Images. */
  count: number;
  progress?: StartProgress;
}

/** The number of images that are learned: one alone has nothing to be told apart from. */
export function clipOverfitCount(count: number): number {
  return Math.max(2, count);
}

/** Images that say as different things as there are, evenly from the whole. */
function variedIndices(meanings: Int32Array, count: number): number[] {
  const firsts = new Map<number, number>();
  meanings.forEach((meaning, index) => firsts.has(meaning) || firsts.set(meaning, index));
  if (firsts.size < 2) {
    throw new Error(
      "All captions say the same, and there is nothing to be told apart: give images of two " +
        "classes or more",
    );
  }
  if (meanings.length < count) {
    throw new Error(
      `There are ${meanings.length} images, not ${count}: --overfit ${meanings.length}`,
    );
  }
  const different = [...firsts.values()];
  const others = [...meanings.keys()].filter((index) =>
    firsts.get(meanings[index]!) !== index
  );
  const all = different.length >= count ? different : [...different, ...others];
  const among = different.length >= count ? different.length : count;
  return Array.from({ length: count }, (_, k) => all[Math.floor(k * among / count)]!);
}

/** Trains on a few images again and again. */
export async function clipByHeart(
  { recipe, captioned, seed, reading, count: wanted, progress = terminalProgress }:
    ClipOverfitInput,
): Promise<OverfitResult> {
  const { train, meanings } = captioned;
  const count = clipOverfitCount(wanted);
  const indices = variedIndices(meanings, count);
  const source = inMemory(train) ? sourceOf(train) : train;
  const few = await fewImages(subsetOf(source, indices, "few"), recipe.data, count);
  if (few.length < count) {
    throw new Error(
      `${
        count - few.length
      } of the ${count} pictures cannot be read: mend or remove them`,
    );
  }
  const captions = indices.map((index) => train.captions[index]!);
  const changed = byHeart(recipe, count);
  // Nothing moves: each image is learned as it is.
  changed.data.transform = { crop: { kind: "shift", pixels: 0 }, flip: 0 };
  const { job } = prepareClip({
    ...{ recipe: changed, seed, reading },
    captioned: {
      train: { ...few, captions },
      meanings: Int32Array.from(indices, (index) => meanings[index]!),
    },
  });
  return await trainByHeart(job, progress);
}

/** Learns by heart and says how well; returns the exit status. */
export async function overfitClip(input: ClipOverfitInput): Promise<number> {
  const { recipe: { name } } = input;
  const count = clipOverfitCount(input.count);
  if (count !== input.count) {
    console.error(
      `${name} tells images apart by their captions: ${count} are learned by heart, not ` +
        `${input.count}`,
    );
  }
  return sayByHeart(name, count, await clipByHeart(input));
}
