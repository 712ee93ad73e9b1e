/**
 * Transforms of pictures, byte for byte as the reference implementations make them.
 *
 * @module
 */
export { colorJitter, type ColorJitterOptions } from "./color_jitter.ts";
export { type DrawAddress, drawsOf, uniformBetween } from "./draws.ts";
export {
  evaluationTransform,
  type EvaluationTransformOptions,
  resizedShortSide,
  shortSide,
} from "./evaluation_transform.ts";
export {
  type AffineMatrix,
  type FillColor,
  type WarpInterpolation,
  type WarpOptions,
} from "./pillow_affine.ts";
export {
  type PixelChange,
  randAugment,
  type RandAugmentOptions,
  type RandAugmentVariant,
} from "./rand_augment.ts";
export {
  type OperationName,
  operationNames,
  operationsOf,
  type OperationStrength,
  type RandAugmentOperation,
} from "./rand_augment_operations.ts";
export {
  eraseRandomly,
  type ErasingFill,
  type ErasingOptions,
  requireErasing,
} from "./random_erasing.ts";
export {
  type CropRule,
  randomResizedCrop,
  type RandomResizedCropOptions,
} from "./random_resized_crop.ts";
export { reflectedShift } from "./reflected_shift.ts";
export {
  type TrainCrop,
  trainTransform,
  type TrainTransformInput,
  type TrainTransformOptions,
} from "./train_transform.ts";
