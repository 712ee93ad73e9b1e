/**
 * Masked image modelling methods, a page each.
 *
 * @module
 */
export { mae, type MaeConfiguration, patchValues } from "./mae.ts";
export {
  type AutoencoderOutput,
  type MethodOutput,
  type MethodPictures,
} from "./method.ts";
export { imagesOfPatches, maskedImages, whereMasked } from "./patch_pictures.ts";
export { milan, type MilanConfiguration, type MilanTarget } from "./milan.ts";
export {
  clipPixelStatistics,
  clipTeacher,
  type ClipTeacherOptions,
  type PixelStatistics,
  type Teacher,
  type TeacherOutput,
} from "./teacher.ts";
