/**
 * Losses between spectra: what A2MIM (Li et al. 2023, section 4) adds, since an L1 loss over
 * pixels alone leaves the finer structures blurred.
 *
 * @module
 */
import { stopGradient, type Tensor, tf } from "../engine/mod.ts";
import { type Regression, regressionOfMagnitude } from "./regression.ts";
import { spectrum } from "./spectrum.ts";

/** What stands in for the visible pixels of a prediction. */
export type UnmaskedReplacement = "mixed" | "target" | "prediction" | "mean";

/** Options of {@linkcode blendUnmasked}. */
export interface BlendOptions {
  /**
   * `target`, `prediction` without its gradient, `mixed` half of each, or the `mean` colour of the
   * target. Default: target.
   */
  replacement?: UnmaskedReplacement;
  /** The share of the prediction itself that stays in visible pixels. Default: 0. */
  unmaskWeight?: number;
}

function replacementOf(
  prediction: Tensor,
  target: Tensor,
  replacement: UnmaskedReplacement,
): Tensor {
  switch (replacement) {
    case "target":
      return target;
    case "prediction":
      return stopGradient(prediction);
    case "mean":
      return target.mean([1, 2], true);
    case "mixed":
      return stopGradient(prediction).add(target).mul(0.5);
  }
}

/**
 * The prediction with something else in its visible pixels, `(B, H, W, C)`: a spectrum is of a whole
 * image, and only the masked part is to be learned (A2MIM, section 4).
 *
 * @param mask 1 for masked pixels, `(B, H, W, 1)`.
 * @throws {Error} when `unmaskWeight` is not in [0, 1].
 *
 * @example
 * ```ts
 * import { blendUnmasked } from "./frequency.ts";
 * import { tf } from "../engine/mod.ts";
 * const mask = tf.tensor4d([1, 0], [1, 1, 2, 1]);
 * const image = blendUnmasked(tf.ones([1, 1, 2, 1]), tf.zeros([1, 1, 2, 1]), mask);
 * console.log(image.dataSync()); // Float32Array [ 1, 0 ]
 * ```
 */
export function blendUnmasked(
  prediction: Tensor,
  target: Tensor,
  mask: Tensor,
  { replacement = "target", unmaskWeight = 0 }: BlendOptions = {},
): Tensor {
  if (!(unmaskWeight >= 0 && unmaskWeight <= 1)) {
    throw new Error(`unmaskWeight must lie from 0 to 1, got ${unmaskWeight}`);
  }
  const share = mask.add(tf.sub(1, mask).mul(unmaskWeight));
  const instead = replacementOf(prediction, target, replacement);
  return prediction.mul(share).add(instead.mul(tf.sub(1, share)));
}

/** Options of {@linkcode focalFrequencyLoss}; the defaults are those of its own paper. */
export interface FocalFrequencyOptions {
  /** How much large differences count more. Default: 1. */
  alpha?: number;
  /** Compares the spectra's means over the batch. Default: false. */
  averageSpectrum?: boolean;
  /** Takes the logarithm of the weights. Default: false. */
  logarithm?: boolean;
  /** Weights are divided by the largest of the `batch`, or of each channel's `map`. Default: map. */
  largestOf?: "batch" | "map";
}

/** The options with which A2MIM uses the focal frequency loss. */
export const a2mimFocalFrequency: Required<FocalFrequencyOptions> = {
  alpha: 1,
  averageSpectrum: true,
  logarithm: true,
  largestOf: "batch",
};

// Below the square of any difference that float32 pixels can show; keeps 0 / 0 and √'(0) away.
const smallestSquare = 1e-24;

function focalWeights(
  squares: Tensor,
  { alpha = 1, logarithm = false, largestOf = "map" }: FocalFrequencyOptions,
): Tensor {
  const distance = squares.sqrt();
  const raised = alpha === 1 ? distance : distance.pow(alpha);
  const weights = logarithm ? raised.add(1).log() : raised;
  const largest = largestOf === "batch" ? weights.max() : weights.max([2, 3], true);
  return weights.div(largest.maximum(smallestSquare));
}

/**
 * The focal frequency loss (Jiang et al. 2021, equations 8 and 9): squared distances of two
 * spectra, each weighted by how large it is. No gradient goes through the weights.
 *
 * @param prediction `(B, H, W, C)`
 * @param target `(B, H, W, C)`
 *
 * @example
 * ```ts
 * import { a2mimFocalFrequency, focalFrequencyLoss } from "./frequency.ts";
 * import { tf } from "../engine/mod.ts";
 * const [black, grey] = [tf.zeros([1, 4, 4, 3]), tf.fill([1, 4, 4, 3], 0.5)];
 * const loss = focalFrequencyLoss(black, grey, a2mimFocalFrequency);
 * console.log(loss.dataSync()[0]!.toFixed(4)); // 0.2500
 * ```
 */
export function focalFrequencyLoss(
  prediction: Tensor,
  target: Tensor,
  options: FocalFrequencyOptions = {},
): Tensor {
  // The transform is linear: the spectra's difference, and their mean, are those of the images.
  const difference = prediction.sub(target);
  const { real, imaginary } = spectrum(
    options.averageSpectrum === true ? difference.mean(0, true) : difference,
  );
  const squares = real.square().add(imaginary.square());
  return focalWeights(stopGradient(squares), options).mul(squares).mean();
}

/** Options of {@linkcode frequencyRegression}. */
export interface FrequencyRegressionOptions {
  /** Of the magnitude of the complex difference. Default: l1. */
  regression?: Regression;
  /** Weights each frequency by its own loss, without gradient. Default: false. */
  reweight?: boolean;
}

/**
 * The mean over all frequencies of a regression loss of |F(prediction) - F(target)|: A2MIM's Fourier
 * loss without focal weights.
 *
 * @param prediction `(B, H, W, C)`
 * @param target `(B, H, W, C)`
 *
 * @example
 * ```ts
 * import { frequencyRegression } from "./frequency.ts";
 * import { tf } from "../engine/mod.ts";
 * const loss = frequencyRegression(tf.ones([1, 2, 2, 3]), tf.zeros([1, 2, 2, 3]));
 * console.log(loss.dataSync()[0]!.toFixed(3)); // 0.500: 2 in one of four frequencies
 * ```
 */
export function frequencyRegression(
  prediction: Tensor,
  target: Tensor,
  { regression = { kind: "l1" }, reweight = false }: FrequencyRegressionOptions = {},
): Tensor {
  const { real, imaginary } = spectrum(prediction.sub(target));
  const squares = real.square().add(imaginary.square());
  const loss = regressionOfMagnitude(
    squares.maximum(smallestSquare).sqrt(),
    regression,
  );
  return (reweight ? loss.mul(stopGradient(loss)) : loss).mean();
}
