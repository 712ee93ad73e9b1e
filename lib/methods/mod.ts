/**
 * Masked image modelling methods, a page each.
 *
 * @module
 */
export { mae, type MaeConfiguration, patchValues } from "./mae.ts";
export { type MethodOutput } from "./method.ts";
export { milan, type MilanConfiguration, type MilanTarget } from "./milan.ts";
export {
  clipPixelStatistics,
  clipTeacher,
  type ClipTeacherOptions,
  type PixelStatistics,
  type Teacher,
  type TeacherOutput,
} from "./teacher.ts";
