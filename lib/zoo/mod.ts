/**
 * Models of full size by name, and checkpoints in and out: safetensors, layouts, key maps.
 *
 * @module
 */
export {
  type Architecture,
  architecture,
  type Architectures,
  architectures,
  forwardOf,
} from "./architectures/mod.ts";
export {
  type Checkpoint,
  type CheckpointEntry,
  CheckpointError,
  type CheckpointFormat,
  type CheckpointOptions,
  type CheckpointReader,
  openCheckpoint,
  readCheckpoint,
} from "./checkpoint_file.ts";
export {
  clipFromParameters,
  type ClipRelease,
  loadClip,
  type LoadClipOptions,
  type LoadedClip,
  releasedClipPath,
  saveClip,
} from "./clip.ts";
export { streamDetectron2, writeDetectron2 } from "./detectron2_writer.ts";
export {
  type Elements,
  elementSizes,
  elementsOf,
  type ElementType,
  type StoredTensor,
  toFloat32,
} from "./element_types.ts";
export {
  huggingFaceClip,
  mmpretrainTargetGenerator,
  openaiClip,
} from "./key_maps/clip.ts";
export { withoutDerivedBuffers } from "./key_maps/derived_buffers.ts";
export {
  applyKeyMap,
  type KeyMap,
  type KeyRule,
  renameBy,
  reverseKeyMap,
  type StoredTensors,
} from "./key_maps/key_map.ts";
export {
  fromMmpretrainMixmim,
  mmpretrainMixmimNames,
  toMmpretrainMixmim,
} from "./key_maps/mmpretrain_mixmim.ts";
export {
  type MmpretrainHead,
  mmpretrainHeadOf,
  mmpretrainVit,
} from "./key_maps/mmpretrain_vit.ts";
export { openmixupVit, type OpenmixupVitOptions } from "./key_maps/openmixup_vit.ts";
export { joinRows, splitRows, transposeMatrix } from "./key_maps/stored_values.ts";
export {
  fromKit,
  kitAxes,
  referenceAxes,
  referenceShape,
  type Shaped,
  toKit,
} from "./layout.ts";
export { type LoadOptions, loadParameters, type LoadReport } from "./load_parameters.ts";
export {
  openSafetensors,
  readSafetensors,
  type Safetensors,
  type SafetensorsReader,
  writeSafetensors,
} from "./safetensors.ts";
export {
  longestHeader,
  parseHeader,
  type SafetensorsHeader,
  type TensorEntry,
} from "./safetensors_header.ts";
export type { Json, JsonRecord } from "./pickle/to_json.ts";
export { streamTorch, writeTorch, type WriteTorchOptions } from "./torch/torch_writer.ts";
export type { StreamedTensor } from "./written_tensors.ts";
