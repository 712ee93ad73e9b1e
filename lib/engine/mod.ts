/**
 * TensorFlow for Deno: tfjs on TensorFlow's C library, traced and compiled functions, stateless
 * random numbers, bfloat16, gradient checkpointing, and pixels of JPEGs.
 *
 * @module
 */
export { abstractly, type Placeholder, type TensorSpecification } from "./abstract.ts";
export {
  type BatchNormalizationOptions,
  type FixedNormalizationOptions,
  normalizeBatch,
  type NormalizedBatch,
  normalizeWith,
} from "./batch_normalization.ts";
export {
  configure,
  type Device,
  devices,
  type EngineConfiguration,
  hasGpu,
} from "./context.ts";
export { fused, type ResultPrecision } from "./fused.ts";
export {
  argsort,
  gatherTokens,
  invertPermutation,
  permuteTokens,
  scatterTokens,
} from "./gather.ts";
export { gelu, quickGelu, tanhGelu } from "./gelu.ts";
export {
  hardwareMeter,
  type HardwareMeterOptions,
  type HardwareUse,
} from "./hardware.ts";
export type { CardUse } from "./nvidia_use.ts";
export { type Compiler, jit, type JitOptions, type Jitted } from "./jit.ts";
export {
  type DecodedPixels,
  type JpegPart,
  jpegPixels,
  type PixelRectangle,
} from "./jpeg_pixels.ts";
export { medianSeconds, type MedianSecondsOptions } from "./median_seconds.ts";
export { type Memory, memory } from "./memory.ts";
export { TensorFlowError, tensorflowVersion } from "./native.ts";
export {
  firstNonFinite,
  firstNonFiniteResult,
  type NonFiniteResult,
} from "./non_finite.ts";
export { type Precision, precision, withPrecision } from "./precision.ts";
export {
  type Profile,
  profile,
  type ProfiledNode,
  type ProfiledOperation,
  type ProfileOptions,
} from "./profile.ts";
export { random } from "./random.ts";
export { foldIn, type Key, randomKey, splitKey } from "./random_key.ts";
export { rematerialize } from "./rematerialize.ts";
export { roll } from "./roll.ts";
export { rowsOf } from "./rows.ts";
export {
  type InputSpecification,
  type InputType,
  type ModelToSave,
  type OpenedSavedModel,
  openSavedModel,
  type SavedModelContent,
  saveModel,
  type SaveModelOptions,
  type ServedFunction,
  type ServedSignature,
  type ServedTensor,
} from "./saved_model/mod.ts";
export { stopGradient } from "./stop_gradient.ts";
export { openSummaries, type SummaryOptions, type SummaryWriter } from "./summaries.ts";
export { execute, type Tensor, tf } from "./tensorflow.ts";
export type { RecordedOperation, RecordedTensor } from "./trace.ts";
export { disposeTree, flatten, type Static, type Tree, unflatten } from "./tree.ts";
export { type LossWithAuxiliary, valueAndGradients } from "./value_and_gradients.ts";
