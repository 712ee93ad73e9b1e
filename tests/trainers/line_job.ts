/**
 * The smallest training job: a line through two points.
 *
 * @module
 */
import { type Tensor, tf } from "../../lib/engine/mod.ts";
import { linear } from "../../lib/nn/linear.ts";
import { describeParameters } from "../../lib/nn/scope.ts";
import { gradientJob } from "../../lib/trainers/gradient_job.ts";
import type { TrainingJob } from "../../lib/trainers/training_loop.ts";

/** Points of the line. */
export type Line = { x: Tensor; y: Tensor };

/** Fits y = 2 x + 1; at `breakAt` an input is infinite. */
export function lineJob(
  { steps = 60, learningRate = 0.2, breakAt = -1 } = {},
): TrainingJob<
  Line
> {
  return gradientJob<Line>({
    phase: "line",
    seed: 0,
    specifications: describeParameters((scope, input) =>
      linear(scope, input({ shape: [2, 1] }), 1)
    ),
    optimization: { learningRate, steps, batchSize: 2, groups: new Map() },
    batch: (step) => ({
      x: tf.tensor2d([[0], [1]]),
      y: tf.tensor2d([[1], [step === breakAt ? Infinity : 3]]),
    }),
    loss: (scope, { x, y }) => linear(scope, x, 1).sub(y).square().mean(),
  });
}
