/**
 * How far pixels are from their targets: L1 as in SimMIM (Xie et al. 2022), focal L1 as in A2MIM
 * (Li et al. 2023), and their means over masked pixels.
 *
 * @module
 */
import { stopGradient, type Tensor, tf } from "../engine/mod.ts";

/** What makes a regression loss focal (Yang et al. 2021, "Delving into deep imbalanced regression"). */
export interface FocalOptions {
  /** Steepness of the modulating factor. Default: 0.2. */
  alpha?: number;
  /** Exponent of the modulating factor. Default: 1. */
  gamma?: number;
  /** `2 σ(αd) - 1` or `tanh(αd)`. Default: sigmoid. */
  activation?: "sigmoid" | "tanh";
  /** Adds the loss without its factor. Default: false. */
  residual?: boolean;
}

/** A loss per element; `l1` and `l2` of a difference d are |d| and d². */
export type Regression =
  | { kind: "l1" | "l2" }
  | { kind: "focal-l1" | "focal-l2" } & FocalOptions;

/** |d|, with gradient 0 where d is 0, as PyTorch has it. */
function magnitude(difference: Tensor): Tensor {
  return difference.mul(stopGradient(tf.sign(difference)));
}

/** The modulating factor of a magnitude, from 0 to 1; it is differentiated too. */
function modulation(magnitude: Tensor, options: FocalOptions): Tensor {
  const { alpha = 0.2, gamma = 1, activation = "sigmoid" } = options;
  // 2 σ(x) - 1 = tanh(x / 2), which loses no digits near 0.
  const factor = tf.tanh(magnitude.mul(activation === "sigmoid" ? alpha / 2 : alpha));
  return gamma === 1 ? factor : factor.pow(gamma);
}

/** The loss of each element, given the magnitude of its difference. */
export function regressionOfMagnitude(magnitude: Tensor, regression: Regression): Tensor {
  switch (regression.kind) {
    case "l1":
      return magnitude;
    case "l2":
      return magnitude.square();
    case "focal-l1":
    case "focal-l2": {
      const plain = regression.kind === "focal-l1" ? magnitude : magnitude.square();
      const focal = plain.mul(modulation(magnitude, regression));
      return regression.residual === true ? focal.add(plain) : focal;
    }
  }
}

/** Options of {@linkcode maskedRegression}. */
export interface MaskedRegressionOptions {
  /** Default: l1. */
  regression?: Regression;
  /** How much a visible pixel counts, compared with a masked one. Default: 0. */
  unmaskWeight?: number;
}

/**
 * The mean loss of masked pixels: `‖(prediction - target) · M‖₁ / Ω(M)` (SimMIM, section 3.4).
 *
 * @param prediction `(B, H, W, C)`
 * @param target `(B, H, W, C)`
 * @param mask 1 for masked pixels, `(B, H, W, 1)`, from `maskMap`.
 * @throws {Error} when the weight of visible pixels is not in [0, 1].
 *
 * @example
 * ```ts
 * import { maskedRegression } from "./regression.ts";
 * import { tf } from "../engine/mod.ts";
 * const mask = tf.tensor4d([1, 0], [1, 1, 2, 1]);
 * const loss = maskedRegression(tf.ones([1, 1, 2, 3]), tf.zeros([1, 1, 2, 3]), mask);
 * console.log(loss.dataSync()[0]!.toFixed(4)); // 1.0000
 * ```
 */
export function maskedRegression(
  prediction: Tensor,
  target: Tensor,
  mask: Tensor,
  { regression = { kind: "l1" }, unmaskWeight = 0 }: MaskedRegressionOptions = {},
): Tensor {
  if (!(unmaskWeight >= 0 && unmaskWeight <= 1)) {
    throw new Error(`unmaskWeight must lie from 0 to 1, got ${unmaskWeight}`);
  }
  const error = regressionOfMagnitude(magnitude(prediction.sub(target)), regression);
  const weights = unmaskWeight === 0 ? mask : mask.add(tf.sub(1, mask).mul(unmaskWeight));
  const channels = prediction.shape.at(-1)!;
  // SimMIM's code adds 1e-5, against a batch without masked pixels.
  return error.mul(weights).sum().div(weights.sum().add(1e-5)).div(channels);
}
