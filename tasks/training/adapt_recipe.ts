/**
 * The small recipes for other images than those that they are written for.
 *
 * @module
 */
import { forImages, recipe as recipeOf } from "../../lib/recipes/catalogue.ts";
import { maeTransform } from "../../lib/recipes/papers/shared.ts";
import type { Recipe } from "../../lib/recipes/recipe.ts";
import { type ImagesChoice, nameOfImages } from "./choose_images.ts";

// A part, as in MAE (appendix A.1), and not the whole moved by a few pixels.
const photographs = maeTransform.crop;

/** Whether a recipe is one of the kit's own, for the data in the box. */
export function isSmall({ name }: Recipe): boolean {
  return /(^|-)tiny(-|$)/.test(name);
}

/** CIFAR's 32 pixels are between the two sizes of the small recipes. */
function forCifar(recipe: Recipe): void {
  recipe.data.imageSize = 32;
  recipe.data.evaluation = { resize: 32, crop: 32, interpolation: "bicubic" };
  // 8 × 8 patches, and not 7 × 7: windows must divide them.
  if ("backbone" in recipe.model && recipe.model.backbone.kind === "mixmim") {
    recipe.model.backbone.windows = [8, 8];
  }
}

/**
 * A recipe by name, for these images: of the small ones sizes and crops follow them, of the papers'
 * the name of the data set alone.
 *
 * @throws {Error} when there is no such recipe, with near ones.
 */
export function recipeFor(name: string, images: ImagesChoice): Recipe {
  const original = recipeOf(name);
  const dataset = nameOfImages(images);
  const recipe = isSmall(original)
    ? forImages(
      original,
      images.kind === "fashion-mnist" || images.kind === "cifar" ? 28 : 64,
    )
    : original;
  if (recipe.data.dataset === dataset) return recipe;
  recipe.data.dataset = dataset;
  recipe.sources["data.dataset"] = "the command line";
  if (!isSmall(recipe)) return recipe;
  if (images.kind === "cifar") forCifar(recipe);
  else {
    recipe.data.transform.crop = structuredClone(photographs);
    recipe.data.transform.flip = 0.5;
  }
  recipe.sources["data"] = "the kit's, for images of this size";
  return recipe;
}
