/**
 * Stochastic gradient descent with momentum, with PyTorch's arithmetic.
 *
 * @module
 */
import { fused } from "../../engine/mod.ts";
import { type GroupOptions, type Optimizer, optimizerOf } from "./optimizer.ts";

/** Options of {@linkcode sgd}. */
export interface SgdOptions extends GroupOptions {
  /** Default: 0.9. */
  momentum?: number;
  /** Whether to look ahead (Nesterov). Default: false. */
  nesterov?: boolean;
}

/**
 * SGD: `d ← g + λp`, `m ← μm + d`, `p ← p − ηm` (with Nesterov `p − η(d + μm)`).
 *
 * @example
 * ```ts
 * import { sgd } from "./sgd.ts";
 * import { tf } from "../../engine/mod.ts";
 * const optimizer = sgd();
 * const parameters = { weight: tf.ones([1]) };
 * const updated = optimizer.update({
 *   parameters,
 *   gradients: { weight: tf.tensor1d([2]) },
 *   state: optimizer.initial(parameters),
 *   learningRate: 0.25,
 *   step: 1,
 * });
 * console.log(updated.parameters.weight.dataSync()[0]); // 0.5
 * ```
 */
export function sgd(options: SgdOptions = {}): Optimizer<"momentum"> {
  const { momentum: rate = 0.9, nesterov = false } = options;
  return optimizerOf(["momentum"], options, () => (update) => {
    const [parameter, momentum] = fused(
      `sgd ${rate} ${nesterov}`,
      ([p, g, m, learningRate, decay]) => {
        const direction = g!.add(p!.mul(decay!));
        const momentum = m!.mul(rate).add(direction);
        const step = nesterov ? direction.add(momentum.mul(rate)) : momentum;
        return [p!.sub(step.mul(learningRate!)), momentum];
      },
      [
        ...[update.parameter, update.gradient, update.moments.momentum],
        ...[update.learningRate, update.weightDecay],
      ],
      "float32",
    );
    return { parameter: parameter!, moments: { momentum: momentum! } };
  });
}
