/**
 * The head of linear probing (MAE, appendix A.1): batch normalisation without affine parameters,
 * then a linear layer, on frozen features.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { normal, ones, zeros } from "../nn/initializers.ts";
import { linear } from "../nn/linear.ts";
import type { Scope } from "../nn/scope.ts";

/** What the probe gives. */
export interface ProbeOutput {
  /** `(B, classes)` */
  logits: Tensor;
  /** After this batch, `[D]`; outside training as it was. */
  runningMean: Tensor;
  /** After this batch, `[D]`; outside training as it was. */
  runningVariance: Tensor;
}

/** Options of {@linkcode linearProbe}. */
export interface ProbeOptions {
  classes: number;
  /** Normalise by the batch and move the running statistics. Default: false. */
  training?: boolean;
  /** Share of the batch in the running statistics. Default: 0.1 (PyTorch's). */
  momentum?: number;
}

const epsilon = 1e-6; // main_linprobe.py of MAE

/**
 * Logits of frozen features: `(B, D)` → `(B, classes)`.
 *
 * @param scope holds `0.running_mean`, `0.running_var`, `1.weight` and `1.bias`.
 *
 * @example
 * ```ts
 * import { linearProbe } from "./linear_probe.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   linearProbe(scope.at("head"), input({ shape: [4, 8] }), { classes: 10 })
 * );
 * console.log(specifications.get("head.1.weight")!.shape); // [ 8, 10 ]
 * ```
 */
export function linearProbe(
  scope: Scope,
  features: Tensor,
  { classes, training = false, momentum = 0.1 }: ProbeOptions,
): ProbeOutput {
  const [batch, width] = features.shape as [number, number];
  const statistics = scope.at(0);
  const runningMean = statistics.parameter("running_mean", [width], {
    initial: zeros,
    trainable: false,
  });
  const runningVariance = statistics.parameter("running_var", [width], {
    initial: ones,
    trainable: false,
  });
  const classify = (normalized: Tensor): Tensor =>
    linear(scope.at(1), normalized, classes, { initial: normal(0.01) });
  if (!training) {
    const normalized = features.sub(runningMean).div(runningVariance.add(epsilon).sqrt());
    return { logits: classify(normalized), runningMean, runningVariance };
  }
  const { mean, variance } = tf.moments(features, 0);
  // The batch is normalised by its biased variance, the running one takes the unbiased.
  const unbiased = variance.mul(batch / (batch - 1));
  const move = (running: Tensor, now: Tensor): Tensor =>
    running.mul(1 - momentum).add(now.mul(momentum));
  return {
    logits: classify(features.sub(mean).div(variance.add(epsilon).sqrt())),
    runningMean: move(runningMean, mean),
    runningVariance: move(runningVariance, unbiased),
  };
}
