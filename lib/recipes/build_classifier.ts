/**
 * From a recipe for fine-tuning or linear probing to the library's classifier.
 *
 * @module
 */
import type { ClassifierConfiguration } from "../methods/classification.ts";
import { backboneOf } from "./build_backbone.ts";
import type { FinetuneRecipe, LinearRecipe } from "./recipe.ts";

/**
 * The classifier of a recipe.
 *
 * @param input the data set's classes, which a recipe with `model.classes` must agree with, and the
 *   images' channels.
 * @throws {Error} when the classes differ, or the kit cannot build the network.
 *
 * @example
 * ```ts
 * import { classifierOf } from "./build_classifier.ts";
 * import { recipe } from "./mod.ts";
 * const chosen = recipe("mae_official_vit-b_finetune_100e");
 * if (chosen.task === "finetune") console.log(classifierOf(chosen, { classes: 10 }).pooling);
 * ```
 */
export function classifierOf(
  { name, model, data: { imageSize } }: FinetuneRecipe | LinearRecipe,
  { classes, channels }: { classes: number; channels?: number },
): ClassifierConfiguration {
  if (model.classes !== undefined && model.classes !== classes) {
    throw new Error(
      `${name} is for ${model.classes} classes, the data has ${classes}: add ` +
        "--model.classes none",
    );
  }
  const backbone = backboneOf(
    model.backbone,
    channels === undefined ? { imageSize } : { imageSize, channels },
  );
  return { backbone, classes, pooling: model.pooling };
}
