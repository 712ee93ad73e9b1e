/**
 * Losses.
 *
 * @module
 */
export { contrastiveLoss, type ContrastiveOptions } from "./contrastive.ts";
export { cosineDistance, cosineLoss, type CosineLossOptions } from "./cosine.ts";
export { crossEntropy, logSoftmax, softTargets } from "./cross_entropy.ts";
export {
  maskedPixelLoss,
  normalizePatches,
  type PatchStatistics,
  patchStatistics,
} from "./pixel.ts";
