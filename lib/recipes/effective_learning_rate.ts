/**
 * The rule that larger batches learn in larger steps; apart from what needs TensorFlow.
 *
 * @module
 */
import { scaledLearningRate } from "../trainers/learning_rate.ts";
import type { Recipe } from "./recipe.ts";

/** The learning rate for a recipe's batch: linear scaling (Goyal et al. 2017). */
export function effectiveLearningRate(
  { optimizer: { lr, lrForBatch }, batch }: Pick<Recipe, "optimizer" | "batch">,
): number {
  return scaledLearningRate(lr, batch.total, lrForBatch);
}
