/**
 * TensorFlow SavedModels: written, and run.
 *
 * @module
 */
export {
  type OpenedSavedModel,
  openSavedModel,
  type ServedSignature,
} from "./open_saved_model.ts";
export type {
  InputSpecification,
  InputType,
  ServedFunction,
} from "./recorded_function.ts";
export type { ServedTensor } from "./served_values.ts";
export {
  type ModelToSave,
  type SavedModelContent,
  saveModel,
  type SaveModelOptions,
} from "./save_model.ts";
