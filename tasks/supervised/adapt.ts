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
      `${pretrained.run.folder} holds a CLIP, whose image tower no classifier is made of: give a ` +
        "run of a masked method, such as one of mae-tiny",
    );
  }
  const changed = structuredClone(recipe);
  // What is about training, and not about the network, stays the recipe's own.
  const { dropPathRate: _, rematerialize: __, ...network } = before.model.backbone;
  const { dropPathRate, rematerialize } = recipe.model.backbone;
  changed.model.backbone = structuredClone(network) as typeof before.model.backbone;
  if (dropPathRate !== undefined) changed.model.backbone.dropPathRate = dropPathRate;
  if (rematerialize !== undefined) changed.model.backbone.rematerialize = rematerialize;
  // Position embeddings are trained here, wherever they were fixed before.
  if (changed.model.backbone.kind === "vit") delete changed.model.backbone.positions;
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
