/**
 * LARS (You, Gitman & Ginsburg 2017), layer-wise adaptive rate scaling, as MAE and as mmpretrain
 * write it; the two differ in more than their constants.
 *
 * @module
 */
import { fused } from "../../engine/mod.ts";
import { type GroupOptions, type Optimizer, optimizerOf } from "./optimizer.ts";
import { norm, trusted } from "./trust_ratio.ts";

/** Options of {@linkcode larsOfMae} and {@linkcode larsOfMmpretrain}. */
export interface LarsOptions extends GroupOptions {
  /** Default: 0.9. */
  momentum?: number;
  /** Default: 0.001. */
  trustCoefficient?: number;
}

/**
 * LARS of MAE's linear probing (util/lars.py): `d ← g + λp`, `d ← d · τ|p|/|d|`, `m ← μm + d`,
 * `p ← p − ηm`. Vectors and scalars (biases, norms) have neither decay nor scaling.
 *
 * @example
 * ```ts
 * import { larsOfMae } from "./lars.ts";
 * import { tf } from "../../engine/mod.ts";
 * const optimizer = larsOfMae();
 * const parameters = { bias: tf.zeros([1]) };
 * const updated = optimizer.update({
 *   parameters,
 *   gradients: { bias: tf.ones([1]) },
 *   state: optimizer.initial(parameters),
 *   learningRate: 0.5,
 *   step: 1,
 * });
 * console.log(updated.parameters.bias.dataSync()[0]); // -0.5
 * ```
 */
export function larsOfMae(options: LarsOptions = {}): Optimizer<"momentum"> {
  const { momentum: rate = 0.9, trustCoefficient: trust = 0.001 } = options;
  return optimizerOf(["momentum"], options, () => (update) => {
    const scaled = update.parameter.shape.length > 1;
    const [parameter, momentum] = fused(
      `larsOfMae ${rate} ${trust} ${scaled}`,
      ([p, g, m, learningRate, decay]) => {
        let direction = g!;
        if (scaled) {
          direction = g!.add(p!.mul(decay!));
          const norms = [norm(p!), norm(direction)] as const;
          const ratio = norms[0].mul(trust).div(norms[1]);
          direction = direction.mul(trusted(ratio, norms));
        }
        const momentum = m!.mul(rate).add(direction);
        return [p!.sub(momentum.mul(learningRate!)), momentum];
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

/** Options of {@linkcode larsOfMmpretrain}. */
export interface MmpretrainLarsOptions extends LarsOptions {
  /** Default: 1e-8. */
  epsilon?: number;
  /** Whether to look ahead (Nesterov). Default: false. */
  nesterov?: boolean;
  /** Parameters that are not scaled; mmpretrain's `lars_exclude`. Default: none. */
  exclude?: (name: string) => boolean;
}

/**
 * LARS of mmpretrain (engine/optimizers/lars.py): `s = τ|p| / (|g| + λ|p| + ε)`,
 * `d ← (g + λp) · s · η`, `m ← μm + d`, `p ← p − m`. The learning rate is inside the momentum, and
 * vectors are scaled too unless they are excluded.
 */
export function larsOfMmpretrain(
  options: MmpretrainLarsOptions = {},
): Optimizer<"momentum"> {
  const { momentum: rate = 0.9, trustCoefficient: trust = 0.001 } = options;
  const { epsilon = 1e-8, nesterov = false, exclude = () => false } = options;
  return optimizerOf(["momentum"], options, () => (update) => {
    const scaled = !exclude(update.name);
    const [parameter, momentum] = fused(
      `larsOfMmpretrain ${rate} ${trust} ${epsilon} ${nesterov} ${scaled}`,
      ([p, g, m, learningRate, decay]) => {
        let local = learningRate!;
        if (scaled) {
          const norms = [norm(p!), norm(g!)] as const;
          const denominator = norms[1].add(norms[0].mul(decay!)).add(epsilon);
          local = local.mul(trusted(norms[0].mul(trust).div(denominator), norms));
        }
        const direction = g!.add(p!.mul(decay!)).mul(local);
        const momentum = m!.mul(rate).add(direction);
        const step = nesterov ? direction.add(momentum.mul(rate)) : momentum;
        return [p!.sub(step), momentum];
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
