/**
 * Masked image modelling methods, a page each.
 *
 * @module
 */
export {
  a2mim,
  type A2mimConfiguration,
  type A2mimLosses,
  a2mimLosses,
  type A2mimLossOptions,
  type A2mimOutput,
} from "./a2mim.ts";
export {
  type ClassifierBackbone,
  type ClassifierConfiguration,
  type ClassifierOutput,
  classify,
  headWeightOf,
} from "./classification.ts";
export { type FrozenBackbone, frozenFeatures } from "./frozen_features.ts";
export { mae, type MaeConfiguration, patchValues } from "./mae.ts";
export { type MapMethodOutput, requireWholeMap } from "./map_output.ts";
export {
  type MaskToken,
  maskToken,
  type PlacedToken,
  type TokenSight,
} from "./mask_token.ts";
export {
  type AutoencoderOutput,
  type MethodOutput,
  type MethodPictures,
} from "./method.ts";
export { imagesOfPatches, maskedImages, whereMasked } from "./patch_pictures.ts";
export { milan, type MilanConfiguration, type MilanTarget } from "./milan.ts";
export { simmim, type SimmimConfiguration } from "./simmim.ts";
export { mixmim, type MixmimConfiguration, type MixmimOutput } from "./mixmim.ts";
export {
  clipPixelStatistics,
  clipTeacher,
  type ClipTeacherOptions,
  type PixelStatistics,
  type Teacher,
  type TeacherOutput,
} from "./teacher.ts";
