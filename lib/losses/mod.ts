/**
 * Losses.
 *
 * @module
 */
export {
  binaryCrossEntropy,
  type BinaryCrossEntropyOptions,
} from "./binary_cross_entropy.ts";
export { contrastiveLoss, type ContrastiveOptions } from "./contrastive.ts";
export { cosineDistance, cosineLoss, type CosineLossOptions } from "./cosine.ts";
export {
  classySmoothing,
  crossEntropy,
  logSoftmax,
  type MixedLabels,
  mixedTargets,
  softTargets,
} from "./cross_entropy.ts";
export {
  a2mimFocalFrequency,
  type BlendOptions,
  blendUnmasked,
  focalFrequencyLoss,
  type FocalFrequencyOptions,
  frequencyRegression,
  type FrequencyRegressionOptions,
  type UnmaskedReplacement,
} from "./frequency.ts";
export {
  maskedPixelLoss,
  normalizePatches,
  type PatchStatistics,
  patchStatistics,
} from "./pixel.ts";
export {
  type FocalOptions,
  maskedRegression,
  type MaskedRegressionOptions,
  type Regression,
  regressionOfMagnitude,
} from "./regression.ts";
export { type Spectrum, spectrum } from "./spectrum.ts";
