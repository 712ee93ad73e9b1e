/**
 * A recipe for fine-tuning or linear probing, for the network that was pretrained.
 *
 * @module
 */
import type { FinetuneRecipe, LinearRecipe } from "../../lib/recipes/recipe.ts";
import type { Pretrained } from "../training/pretrained.ts";
import { isSmall } from "../training/adapt_recipe.ts";

/** A recipe with labels. */
export type SupervisedRecipe = FinetuneRecipe | LinearRecipe;

/**
 * The recipe with the backbone of the run that it starts from; a small recipe takes over the size of its
 * images, too.
 */
export function forPretrained(
  recipe: SupervisedRecipe,
  pretrained: Pretrained | undefined,
): SupervisedRecipe {
  if (pretrained?.kind !== "run") return recipe;
  const { recipe: before } = pretrained.run;
  if (before.task === "clip") {
    throw new Error(
      `${pretrained.run.folder} holds a CLIP: give a run of deno task pretrain`,
    );
  }
  const changed = structuredClone(recipe);
  const { dropPathRate } = recipe.model.backbone;
  changed.model.backbone = structuredClone(before.model.backbone);
  if (dropPathRate === undefined) delete changed.model.backbone.dropPathRate;
  else changed.model.backbone.dropPathRate = dropPathRate;
  changed.sources["model.backbone"] = `the run ${pretrained.run.folder}`;
  if (!isSmall(recipe)) return changed;
  const { imageSize, evaluation } = before.data;
  changed.data.imageSize = imageSize;
  changed.data.evaluation = { ...evaluation };
  // The projects' layer-wise rates know their own depths of stages alone.
  const { kind } = before.model.backbone;
  if (kind !== "vit" && kind !== "mixmim") delete changed.groups.layerDecay;
  return changed;
}
