/**
 * Learning a few images by heart: what every method must be able to, whatever it is worth.
 *
 * @module
 */
import { disposeTree, type Tensor } from "../../lib/engine/mod.ts";
import { effectiveLearningRate } from "../../lib/recipes/effective_learning_rate.ts";
import type { Recipe } from "../../lib/recipes/recipe.ts";
import type { StartProgress } from "../../lib/trainers/progress.ts";
import type { TrainingJob } from "../../lib/trainers/training_job.ts";
import { train } from "../../lib/trainers/training_loop.ts";

/** The loss at the start and at the end. */
export interface OverfitResult {
  first: number;
  last: number;
  steps: number;
}

// Enough for every small recipe. Where all patches are seen, what a masked one shows is learned last:
// of SimMIM's loss on 64 pixels 7 % are left after 1200 steps, and 0.5 % after 2400.
const usualSteps = 2400;
/** Of the first loss: what is left at most when a method has learned by heart. */
export const nearZero = 0.05;
// More than this diverges where the batch is a few images.
const highestRate = 1e-3;

/** The recipe for a batch of a few images: no decay, and nothing random but what the method draws. */
export function byHeart<Of extends Recipe>(recipe: Of, count: number): Of {
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
  changed.data.repeats = 1;
  changed.precision = "float32";
  return changed;
}

/** Trains, and looks at nothing but the loss. */
export async function trainByHeart<Batch extends Record<string, Tensor>>(
  job: TrainingJob<Batch>,
  progress: StartProgress,
): Promise<OverfitResult> {
  const losses: number[] = [];
  const state = await train(job, {
    progress,
    afterStep: (_step, _state, loss) => void losses.push(loss),
  });
  disposeTree(state);
  // Masks are drawn anew at each step: the mean of the last ones says more than one.
  const end = losses.slice(-10);
  const last = end.reduce((sum, loss) => sum + loss, 0) / end.length;
  return { first: losses[0]!, last, steps: job.steps };
}

/** Says how well so many images were learned; returns the exit status. */
export function sayByHeart(
  name: string,
  count: number,
  { first, last, steps }: OverfitResult,
): number {
  const share = `${(100 * last / first).toPrecision(2)} %`;
  const what =
    `${name} on ${count} ${count === 1 ? "image" : "images"}: the loss went from ` +
    `${first.toPrecision(4)} to ${last.toPrecision(3)} (${share}) in ${steps} steps`;
  if (last < nearZero * first) {
    console.log(`${what}. It learns by heart.`);
    return 0;
  }
  console.error(
    `${what}: that is not near zero, ${100 * nearZero} % of the first loss or less. ` +
      "Try more --steps, or another --optimizer.lr",
  );
  return 1;
}
