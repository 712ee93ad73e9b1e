/**
 * AdamW (Loshchilov & Hutter 2019) with PyTorch's arithmetic.
 *
 * @module
 */
import { fused, tf } from "../../engine/mod.ts";
import { biasCorrection } from "./bias_correction.ts";
import { type GroupOptions, type Optimizer, optimizerOf } from "./optimizer.ts";

/** Options of {@linkcode adamW}. */
export interface AdamWOptions extends GroupOptions {
  /** Decay rates of the two moments. Default: [0.9, 0.999]; MAE and MILAN take [0.9, 0.95]. */
  betas?: readonly [number, number];
  /** Default: 1e-8. */
  epsilon?: number;
}

/** The moments of {@linkcode adamW}. */
export type AdamWMoment = "firstMoment" | "secondMoment";

/**
 * AdamW: `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`,
 * `p ← (1 − ηλ)p − η/(1−β₁ᵗ) · m / (√v / √(1−β₂ᵗ) + ε)`.
 *
 * @example
 * ```ts
 * import { adamW } from "./adamw.ts";
 * import { tf } from "../../engine/mod.ts";
 * const optimizer = adamW({ weightDecay: 0.05 });
 * const parameters = { weight: tf.ones([2]) };
 * const updated = optimizer.update({
 *   parameters,
 *   gradients: { weight: tf.tensor1d([1, -1]) },
 *   state: optimizer.initial(parameters),
 *   learningRate: 0.1,
 *   step: 1,
 * });
 * console.log(updated.parameters.weight.dataSync()); // about [ 0.895, 1.095 ]
 * ```
 */
export function adamW(options: AdamWOptions = {}): Optimizer<AdamWMoment> {
  const { betas: [beta1, beta2] = [0.9, 0.999], epsilon = 1e-8 } = options;
  return optimizerOf(["firstMoment", "secondMoment"], options, (step) => {
    const correction1 = biasCorrection(beta1, step);
    const correction2 = biasCorrection(beta2, step).sqrt();
    return ({ parameter, gradient, moments, learningRate, weightDecay }) => {
      const [updated, firstMoment, secondMoment] = fused(
        `adamW ${beta1} ${beta2} ${epsilon}`,
        ([p, g, m, v, rate, decay, c1, c2]) => {
          const first = m!.mul(beta1).add(g!.mul(1 - beta1));
          const second = v!.mul(beta2).add(g!.square().mul(1 - beta2));
          const denominator = second.sqrt().div(c2!).add(epsilon);
          const kept = p!.mul(tf.sub(1, rate!.mul(decay!)));
          return [kept.sub(rate!.div(c1!).mul(first.div(denominator))), first, second];
        },
        [
          ...[parameter, gradient, moments.firstMoment, moments.secondMoment],
          ...[learningRate, weightDecay, correction1, correction2],
        ],
        "float32",
      );
      return {
        parameter: updated!,
        moments: { firstMoment: firstMoment!, secondMoment: secondMoment! },
      };
    };
  });
}
