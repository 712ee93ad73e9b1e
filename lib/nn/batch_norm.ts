/**
 * Batch normalisation (Ioffe & Szegedy 2015) with running statistics, under PyTorch's names.
 *
 * @module
 */
import { normalizeBatch, normalizeWith, type Tensor, tf } from "../engine/mod.ts";
import { type Initializer, ones, zeros } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/** Options of {@linkcode batchNorm}; the defaults are PyTorch's. */
export interface BatchNormOptions {
  /** Added to the variance. Default: 1e-5. */
  epsilon?: number;
  /** Share of the batch in the running statistics. Default: 0.1. */
  momentum?: number;
  /** Whether there are `weight` and `bias`. Default: true. */
  affine?: boolean;
  /**
   * Normalise by the batch and move the running statistics, or normalise by these and leave them
   * (frozen statistics). Default: as the scope trains.
   */
  training?: boolean;
  /** Of `weight`. Default: ones. */
  initial?: Initializer;
}

/**
 * Each channel with mean 0 and variance 1, times `weight`, plus `bias`: `(…, C)` → `(…, C)`.
 *
 * In training, mean and biased variance are those of the batch over everything but the channels, and
 * `scope.update` takes down running = (1 - momentum) · running + momentum · batch, there with the
 * unbiased variance. Otherwise the running statistics normalise.
 *
 * @param scope holds `weight`, `bias`, `running_mean` and `running_var`, all `[C]`, and
 *   `num_batches_tracked` `[]`.
 * @throws {Error} in training, when there is one value for each channel.
 *
 * @example
 * ```ts
 * import { batchNorm } from "./batch_norm.ts";
 * import { describeParameters, initializeParameters, type Parameters, scope } from "./scope.ts";
 * import { randomKey, tf } from "../engine/mod.ts";
 * const specifications = describeParameters((scope, input) =>
 *   batchNorm(scope.at("bn1"), input({ shape: [2, 1] }))
 * );
 * const parameters = initializeParameters(specifications, randomKey(0));
 * const updates: Parameters = {};
 * const training = scope(parameters, randomKey(1), updates);
 * batchNorm(training.at("bn1"), tf.tensor2d([[10], [20]]));
 * console.log(updates["bn1.running_mean"]!.dataSync()[0]); // 1.5
 * ```
 */
export function batchNorm(
  scope: Scope,
  x: Tensor,
  options: BatchNormOptions = {},
): Tensor {
  const { epsilon = 1e-5, momentum = 0.1, affine = true } = options;
  const { training = scope.training, initial = ones } = options;
  const width = x.shape.at(-1)!;
  const fixed = (name: string, shape: number[], initial: Initializer): Tensor =>
    scope.parameter(name, shape, { initial, trainable: false });
  const weight = affine
    ? scope.parameter("weight", [width], { initial })
    : tf.ones([width]);
  const bias = affine
    ? scope.parameter("bias", [width], { initial: zeros })
    : tf.zeros([width]);
  const runningMean = fixed("running_mean", [width], zeros);
  const runningVariance = fixed("running_var", [width], ones);
  const count = fixed("num_batches_tracked", [], zeros);
  if (!training) {
    const statistics = { mean: runningMean, variance: runningVariance };
    return normalizeWith(x, { weight, bias, epsilon, ...statistics });
  }
  const { output, mean, variance } = normalizeBatch(x, { weight, bias, epsilon });
  const move = (running: Tensor, now: Tensor): Tensor =>
    running.mul(1 - momentum).add(now.mul(momentum));
  scope.update("running_mean", move(runningMean, mean));
  scope.update("running_var", move(runningVariance, variance));
  scope.update("num_batches_tracked", count.add(1));
  return output;
}
