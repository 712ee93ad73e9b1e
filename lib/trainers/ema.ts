/**
 * Exponential moving averages of parameters, which are evaluated in place of the parameters
 * themselves.
 *
 * @module
 */
import { fused, type Tensor, tf } from "../engine/mod.ts";
import type { Parameters } from "../nn/scope.ts";
import { scalar } from "./optimizers/optimizer.ts";

/** A momentum that is smaller at first (openmixup's EMAHook). */
export interface EmaWarmup {
  /**
   * With `t` the share of the warm-up that has passed and `r` the ratio, the momentum is its final
   * value times: `constant` r, `linear` 1 − (1−t)(1−r), `exponential` r^(1−t).
   */
  kind: "constant" | "linear" | "exponential";
  steps: number;
  /** In (0, 1]. */
  ratio: number;
}

/** Options of {@linkcode emaUpdate}. */
export interface EmaOptions {
  /** How much of the average stays at each step, such as 0.9999. */
  momentum: number;
  /** Default: none. */
  warmup?: EmaWarmup;
}

/** Refuses options that make no average. */
function requireMomentum({ momentum, warmup }: EmaOptions): void {
  if (!(momentum > 0 && momentum < 1)) {
    throw new Error(
      `The momentum of a moving average must be between 0 and 1, got ${momentum}`,
    );
  }
  if (warmup === undefined) return;
  const { steps, ratio } = warmup;
  if (!(steps > 0 && ratio > 0 && ratio <= 1)) {
    throw new Error(
      "The warm-up of a moving average takes a positive number of steps and a ratio in " +
        `(0, 1], got ${steps} and ${ratio}: leave it out for none`,
    );
  }
}

/** 1 − μ in the warm-up; a difference of two floats near 1 would lose half of their digits. */
function warmupShare(momentum: number, warmup: EmaWarmup, iteration: Tensor): Tensor {
  const { kind, steps, ratio } = warmup;
  const left = tf.sub(1, iteration.div(steps));
  switch (kind) {
    case "constant":
      return tf.scalar(1 - momentum * ratio);
    case "linear":
      return left.mul(momentum * (1 - ratio)).add(1 - momentum);
    case "exponential":
      return tf.sub(1, tf.exp(left.mul(Math.log(ratio))).mul(momentum));
  }
}

/**
 * The share of the new value in a step's average, `1 − μ` with the momentum μ; a scalar.
 *
 * @param step 1 for the first update. The warm-up counts from 0 and its last step is included, as
 *   openmixup's `iter <= warmup_iters`.
 * @throws {Error} when the momentum is not between 0 and 1, or the warm-up makes no sense.
 *
 * @example
 * ```ts
 * import { emaShare } from "./ema.ts";
 * const warmup = { kind: "linear", steps: 10, ratio: 0.5 } as const;
 * console.log(emaShare({ momentum: 0.5, warmup }, 1).dataSync()[0]); // 0.75
 * ```
 */
export function emaShare(options: EmaOptions, step: Tensor | number): Tensor {
  requireMomentum(options);
  const { momentum, warmup } = options;
  const final = tf.scalar(1 - momentum);
  if (warmup === undefined) return final;
  const iteration = scalar(step).sub(1);
  const inWarmup = iteration.lessEqual(warmup.steps);
  return tf.where(inWarmup, warmupShare(momentum, warmup, iteration), final);
}

/** What {@linkcode emaUpdate} reads. */
export interface EmaInput {
  /** A copy of the parameters before the first update. */
  average: Parameters;
  /** The parameters after a step; those that have no average are not looked at. */
  parameters: Parameters;
  /** 1 for the first update; a scalar tensor inside a jitted step. */
  step: Tensor | number;
}

/**
 * One step of the average, `a ← μa + (1−μ)p`. What is averaged is what `average` holds: all that
 * the model has, running statistics included (timm's ModelEmaV2), or the trained parameters alone
 * (openmixup's EMAHook).
 *
 * @returns the new average.
 * @throws {Error} when an average is of no parameter.
 *
 * @example
 * ```ts
 * import { emaUpdate } from "./ema.ts";
 * import { tf } from "../engine/mod.ts";
 * const average = { weight: tf.scalar(1) };
 * const parameters = { weight: tf.scalar(2) };
 * const next = emaUpdate({ momentum: 0.75 }, { average, parameters, step: 1 });
 * console.log(next.weight!.dataSync()[0]); // 1.25
 * ```
 */
export function emaUpdate(
  options: EmaOptions,
  { average, parameters, step }: EmaInput,
): Parameters {
  const share = emaShare(options, step);
  return Object.fromEntries(
    Object.entries(average).map(([name, old]) => {
      const value = parameters[name];
      if (value === undefined) {
        throw new Error(
          `There is an average of "${name}", which is no parameter: start the average from a ` +
            "copy of the parameters",
        );
      }
      // Written so that what never changes, such as a fixed table, is averaged without rounding.
      const [next] = fused(
        "exponential moving average",
        ([old, value, share]) => [old!.add(value!.sub(old!).mul(share!))],
        [old, value, share],
        "float32",
      );
      return [name, next!];
    }),
  );
}
