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
  type Encoding,
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
  clipFile,
  clipFromParameters,
  loadClip,
  type LoadClipOptions,
  type LoadedClip,
  saveClip,
} from "./clip.ts";
export { type Conversion, convertCheckpoint, type ConvertOptions } from "./convert.ts";
export { describeConversion } from "./describe_conversion.ts";
export { streamDetectron2, writeDetectron2 } from "./detectron2_writer.ts";
export {
  type Checksum,
  type ModelWeights,
  WeightsError,
  weightsFile,
  type WeightsFileOptions,
  weightsPath,
  type WeightsSource,
} from "./download/mod.ts";
export {
  type Elements,
  elementSizes,
  elementsOf,
  type ElementType,
  type StoredTensor,
  toFloat32,
} from "./element_types.ts";
export { type ImagenetClass, imagenetClasses } from "./imagenet_classes.ts";
export {
  huggingFaceClip,
  huggingFaceClipVision,
  mmpretrainClip,
  mmpretrainClipVision,
  mmpretrainTargetGenerator,
  openaiClip,
  timmClip,
  toTimmClip,
} from "./key_maps/clip.ts";
export { withoutDerivedBuffers } from "./key_maps/derived_buffers.ts";
export {
  applyKeyMap,
  type Entries,
  type KeyMap,
  type KeyRule,
  type MakeBuffer,
  planKeyMap,
  type PlannedTensor,
  renameBy,
  reverseKeyMap,
  type StoredTensors,
  type ValueChange,
} from "./key_maps/key_map.ts";
export { mapReader, readerOf, type TensorReader } from "./key_maps/map_reader.ts";
export {
  fromMmpretrainMixmim,
  mmpretrainMixmim,
  mmpretrainMixmimNames,
  toMmpretrainMixmim,
} from "./key_maps/mmpretrain_mixmim.ts";
export {
  type MmpretrainHead,
  mmpretrainHeadOf,
  mmpretrainVit,
} from "./key_maps/mmpretrain_vit.ts";
export {
  getModel,
  type GetModelOptions,
  type Model,
  type ModelDefinition,
  modelOf,
} from "./model.ts";
export {
  type ClassScore,
  inferenceModel,
  likeliest,
  type PictureFile,
  predictEach,
  type Prediction,
  readPicture,
  type SeenPicture,
} from "./predict.ts";
export { openmixupVit, type OpenmixupVitOptions } from "./key_maps/openmixup_vit.ts";
export { joinRows, transposeMatrix } from "./key_maps/stored_values.ts";
export {
  fromKit,
  kitAxes,
  referenceAxes,
  referenceShape,
  type Shaped,
  toKit,
} from "./layout.ts";
export { loadCheckpointInto, type LoadCheckpointOptions } from "./load_checkpoint.ts";
export { type LoadOptions, loadParameters } from "./load_parameters.ts";
export type { LoadReport, OtherShape } from "./load_report.ts";
export {
  type Family,
  type KitReader,
  kitReader,
  type Naming,
  namingFor,
  namingOf,
  type Project,
  projectReader,
  wrapperMap,
} from "./namings.ts";
export {
  clipPreprocessing,
  imagenetPreprocessing,
  type Preprocessing,
  preprocessingTransform,
} from "./preprocessing.ts";
export {
  isReleased,
  type Licence,
  listModels,
  type PublishedAccuracy,
  type ReleasedMethod,
  type ReleasedModel,
  releasedModel,
  releasedModels,
  type ReleasedUse,
} from "./registry/mod.ts";
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
export { exportSavedModel, type ModelToExport } from "./saved_model.ts";
export type { StreamedTensor } from "./written_tensors.ts";
