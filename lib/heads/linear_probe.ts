/**
 * The head of linear probing (MAE, appendix A.1): batch normalisation without affine parameters,
 * then a linear layer, on frozen features; or the linear layer alone (openmixup).
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { batchNorm } from "../nn/batch_norm.ts";
import { normal } from "../nn/initializers.ts";
import { linear } from "../nn/linear.ts";
import type { Scope } from "../nn/scope.ts";

/** Options of {@linkcode linearProbe}. */
export interface ProbeOptions {
  classes: number;
  /** Batch normalisation before the linear layer; openmixup's probes have none. Default: true. */
  normalize?: boolean;
  /** Normalise by the batch and move the running statistics. Default: as the scope trains. */
  training?: boolean;
  /** Share of the batch in the running statistics. Default: 0.1 (PyTorch's). */
  momentum?: number;
}

const epsilon = 1e-6; // main_linprobe.py of MAE

/**
 * Logits of frozen features: `(B, D)` → `(B, classes)`.
 *
 * @param scope holds the norm `0`, of which nothing is trained, and the linear layer `1`.
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
  { classes, normalize = true, training = scope.training, momentum = 0.1 }: ProbeOptions,
): Tensor {
  const options = { epsilon, momentum, training, affine: false };
  const inputs = normalize ? batchNorm(scope.at(0), features, options) : features;
  return linear(scope.at(1), inputs, classes, { initial: normal(0.01) });
}
