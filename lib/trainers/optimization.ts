/**
 * How a training job updates its parameters, as a plain object.
 *
 * @module
 */
import type { EmaOptions } from "./ema.ts";
import type { LearningRate } from "./learning_rate.ts";
import { type OptimizerChoice, optimizerOfChoice } from "./optimizers/choice.ts";
import type { Optimizer, ParameterGroups } from "./optimizers/optimizer.ts";

/** A moving average of the parameters, kept beside them. */
export interface EmaChoice extends EmaOptions {
  /**
   * `state` averages running statistics too (timm), `parameters` the trained ones alone
   * (openmixup). Default: state.
   */
  of?: "state" | "parameters";
}

/**
 * How the parameters are updated; by default with AdamW and a cosine schedule after a linear
 * warm-up.
 */
export interface Optimization extends LearningRate {
  /** Images of an update. */
  batchSize: number;
  /**
   * Images that go through the model at a time: their gradients are added up to the mean over the
   * batch, whose last part has what remains. Batch norm sees parts. Default: all.
   */
  microBatchSize?: number;
  /** Default: AdamW. */
  optimizer?: OptimizerChoice;
  /** AdamW's, where `optimizer` gives none. Default: [0.9, 0.95] (MAE, appendix A.1). */
  betas?: readonly [number, number];
  /** Learning-rate scale and weight decay of each parameter. */
  groups: ParameterGroups;
  /** All gradients together are shortened to this norm before an update. Default: no limit. */
  maximumGradientNorm?: number;
  /** Default: no average. */
  ema?: EmaChoice;
}

/** The job's optimiser; AdamW has the betas of pretraining unless somebody says otherwise. */
export function optimizerFor(
  { optimizer, betas = [0.9, 0.95], groups }: Optimization,
): Optimizer {
  const choice = optimizer ?? { kind: "adamw" };
  return optimizerOfChoice(
    choice.kind === "adamw" ? { betas, ...choice } : choice,
    groups,
  );
}
