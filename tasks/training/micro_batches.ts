/**
 * Gradient accumulation, where a recipe's batch is larger than what is computed at once.
 *
 * @module
 */
import type { Recipe } from "../../lib/recipes/recipe.ts";

/** The images that go through the network at a time; nothing where that is the whole batch. */
export function microBatches(
  { batch: { total, micro } }: Pick<Recipe, "batch">,
): { microBatchSize?: number } {
  return micro < total ? { microBatchSize: micro } : {};
}
