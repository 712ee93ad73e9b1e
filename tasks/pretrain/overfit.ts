/**
 * `--overfit N`: a method that is right learns a few images by heart.
 *
 * @module
 */
import type { PretrainRecipe } from "../../lib/recipes/recipe.ts";
import { effectiveLearningRate } from "../../lib/recipes/effective_learning_rate.ts";
import { type StartProgress, terminalProgress } from "../../lib/trainers/progress.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import { disposeTree } from "../../lib/engine/mod.ts";
import type { TaskImages } from "../training/choose_images.ts";
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

/** The loss at the start and at the end. */
export interface OverfitResult {
  first: number;
  last: number;
  steps: number;
}

// Enough for every method at a small size; a recipe with `steps` of its own has these.
const usualSteps = 600;
/** Of the first loss: what is left when a method has learned by heart. */
export const nearZero = 0.1;
// More than this diverges where the batch is a few images.
const highestRate = 1e-3;

/** The recipe for a batch of a few images: no decay, nothing random but the masks. */
export function overfitRecipe(recipe: PretrainRecipe, count: number): PretrainRecipe {
  if (recipe.model.kind === "mixmim" && count % 2 === 1) {
    throw new Error(`MixMIM mixes pairs of images: --overfit ${count + 1}, not ${count}`);
  }
  const changed = structuredClone(recipe);
  const isGiven = (path: string): boolean => recipe.sources[path] === "the command line";
  changed.optimizer.lr = isGiven("optimizer.lr")
    ? recipe.optimizer.lr
    : Math.min(highestRate, effectiveLearningRate(recipe));
  changed.optimizer.lrForBatch = count;
  changed.optimizer.weightDecay = 0;
  changed.batch = { total: count, micro: count };
  changed.steps = isGiven("steps") ? recipe.steps : usualSteps;
  changed.schedule.warmupEpochs = changed.epochs / 20;
  if (changed.model.backbone.dropPathRate !== undefined) {
    changed.model.backbone.dropPathRate = 0;
  }
  changed.data.repeats = 1;
  changed.precision = "float32";
  return changed;
}

/** Trains on a few images again and again. */
export async function learnByHeart(
  { recipe, images, seed, count, progress = terminalProgress }: OverfitInput,
): Promise<OverfitResult> {
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
  const losses: number[] = [];
  const state = await train(job, {
    progress,
    afterStep: (_step, _state, loss) => void losses.push(loss),
  });
  disposeTree(state);
  held?.dispose();
  // Masks are drawn anew at each step: the mean of the last ones says more than one.
  const end = losses.slice(-10);
  const last = end.reduce((sum, loss) => sum + loss, 0) / end.length;
  return { first: losses[0]!, last, steps: job.steps };
}

/** Learns by heart and says how well; returns the exit status. */
export async function overfit(input: OverfitInput): Promise<number> {
  const { first, last, steps } = await learnByHeart(input);
  const { recipe: { name }, count } = input;
  const share = `${(100 * last / first).toPrecision(2)} %`;
  const what =
    `${name} on ${count} ${count === 1 ? "image" : "images"}: the loss went from ` +
    `${first.toPrecision(4)} to ${last.toPrecision(3)} (${share}) in ${steps} steps`;
  if (last < nearZero * first) {
    console.log(`${what}. It learns by heart.`);
    return 0;
  }
  console.error(
    `${what}: that is not near zero. Try more --steps, or another --optimizer.lr`,
  );
  return 1;
}
