/**
 * Gradient accumulation, where a recipe's batch is larger than what is computed at once.
 *
 * @module
 */
import type { Recipe } from "../../lib/recipes/recipe.ts";
import { partSizes } from "../../lib/trainers/training_job.ts";

/** What the images of each part of a batch must be for those who mix them; nothing otherwise. */
function mixedIn(
  recipe: Recipe,
): { wanted: string; fits(size: number): boolean } | undefined {
  const inPairs = { wanted: "an even number", fits: (size: number) => size % 2 === 0 };
  if (recipe.task === "pretrain") {
    return recipe.model.kind === "mixmim" ? inPairs : undefined;
  }
  if (recipe.task === "clip" || recipe.mixing === undefined) return undefined;
  const { partners, cutmixPartners } = recipe.mixing;
  const choices = [partners, cutmixPartners];
  if (choices.includes("reversed")) return inPairs;
  if (!choices.includes("derangement")) return undefined;
  return { wanted: "two or more", fits: (size) => size >= 2 };
}

/**
 * The images that go through the network at a time; nothing where that is the whole batch. The last
 * part has what remains.
 *
 * @throws {Error} when images are mixed and a part, or the whole, has too few for that.
 */
export function microBatches(recipe: Recipe): { microBatchSize?: number } {
  const { name, batch: { total, micro } } = recipe;
  const mixed = mixedIn(recipe);
  const sizes = partSizes({ batchSize: total, microBatchSize: micro });
  const wrong = sizes.find((size) => mixed?.fits(size) === false);
  if (wrong !== undefined) {
    throw new Error(
      `${name} mixes images with each other, so that each part of a batch needs ${
        mixed!.wanted
      } of them, and one has ${wrong}: change --batch.micro (${micro}) or --batch.total (${total})`,
    );
  }
  return micro < total ? { microBatchSize: micro } : {};
}
