/**
 * LAMB (You et al. 2020), layer-wise adaptive moments for large batches, as timm and openmixup
 * write it.
 *
 * @module
 */
import { fused, type Tensor, tf } from "../../engine/mod.ts";
import { biasCorrection } from "./bias_correction.ts";
import { globalNorm } from "./gradient_norm.ts";
import { type GroupOptions, type Optimizer, optimizerOf } from "./optimizer.ts";
import { norm, trusted } from "./trust_ratio.ts";

/** Options of {@linkcode lamb}. */
export interface LambOptions extends GroupOptions {
  /** Decay rates of the two moments. Default: [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Default: 1e-6. */
  epsilon?: number;
  /** All gradients together are shortened to this norm; Infinity for no limit. Default: 1. */
  maximumGradientNorm?: number;
  /** Whether parameters without weight decay are scaled too. Default: false. */
  alwaysAdapt?: boolean;
  /** Whether the scale is at most 1 (LAMBC). Default: false. */
  trustClip?: boolean;
}

/** The moments of {@linkcode lamb}. */
export type LambMoment = "firstMoment" | "secondMoment";

/**
 * LAMB: with the gradients `g ← g / max(1, |g of all| / maximum)`, the moments
 * `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²` and the direction
 * `u ← m/(1−β₁ᵗ) / (√v/√(1−β₂ᵗ) + ε) + λp`, `p ← p − η · |p|/|u| · u`. The ratio is 1 where a norm
 * is 0, and for parameters without weight decay unless `alwaysAdapt`.
 *
 * @throws {Error} when the maximum norm is not positive.
 *
 * @example
 * ```ts
 * import { lamb } from "./lamb.ts";
 * import { tf } from "../../engine/mod.ts";
 * const optimizer = lamb({ weightDecay: 0.02 });
 * const parameters = { weight: tf.tensor1d([3, 4]) };
 * const updated = optimizer.update({
 *   parameters,
 *   gradients: { weight: tf.tensor1d([1, 1]) },
 *   state: optimizer.initial(parameters),
 *   learningRate: 0.1,
 *   step: 1,
 * });
 * // A step is as long as the learning rate's share of the weight.
 * const step = updated.parameters.weight.sub(parameters.weight);
 * console.log(step.norm().dataSync()[0]!.toFixed(2)); // 0.50
 * ```
 */
export function lamb(options: LambOptions = {}): Optimizer<LambMoment> {
  const { betas: [beta1, beta2] = [0.9, 0.999], epsilon = 1e-6 } = options;
  const { maximumGradientNorm: maximum = 1, alwaysAdapt = false } = options;
  const { trustClip = false } = options;
  if (!(maximum > 0)) {
    throw new Error(
      `LAMB's maximum gradient norm must be positive, got ${maximum}: Infinity sets no limit`,
    );
  }
  return optimizerOf(["firstMoment", "secondMoment"], options, (step, gradients) => {
    const correction1 = biasCorrection(beta1, step);
    const correction2 = biasCorrection(beta2, step).sqrt();
    const excess = globalNorm(gradients).div(maximum).maximum(1);
    return (update) => {
      const scaled = update.decays || alwaysAdapt;
      const [parameter, firstMoment, secondMoment] = fused(
        `lamb ${beta1} ${beta2} ${epsilon} ${scaled} ${trustClip}`,
        ([p, gradient, m, v, rate, decay, c1, c2, excess]) => {
          const g = gradient!.div(excess!);
          const first = m!.mul(beta1).add(g.mul(1 - beta1));
          const second = v!.mul(beta2).add(g.square().mul(1 - beta2));
          const adam = first.div(c1!).div(second.sqrt().div(c2!).add(epsilon));
          const direction = adam.add(p!.mul(decay!));
          const step = direction.mul(rate!);
          if (!scaled) return [p!.sub(step), first, second];
          const norms = [norm(p!), norm(direction)] as const;
          const ratio: Tensor = trusted(norms[0].div(norms[1]), norms);
          const limited = trustClip ? tf.minimum(ratio, 1) : ratio;
          return [p!.sub(step.mul(limited)), first, second];
        },
        [
          ...[update.parameter, update.gradient],
          ...[update.moments.firstMoment, update.moments.secondMoment],
          ...[update.learningRate, update.weightDecay],
          ...[correction1, correction2, excess],
        ],
        "float32",
      );
      return {
        parameter: parameter!,
        moments: { firstMoment: firstMoment!, secondMoment: secondMoment! },
      };
    };
  });
}
