/**
 * Trainers: loops, optimisers, schedules, evaluation.
 *
 * @module
 */
export {
  type CheckpointFacts,
  loadCheckpoint,
  NonFiniteCheckpoint,
  saveCheckpoint,
  type TensorTree,
} from "./checkpoint.ts";
export { clipJob, type ClipTrainingOptions } from "./clip_training.ts";
export {
  extractFeatures,
  type ExtractOptions,
  type Features,
  normalizeImages,
} from "./features.ts";
export {
  classifierAccuracy,
  type ClassifierConfiguration,
  classify,
  finetuneJob,
  type FinetuneOptions,
} from "./finetune.ts";
export {
  gradientJob,
  type GradientJobOptions,
  type ImageBatch,
  imageBatches,
  type Optimization,
  parametersOf,
} from "./gradient_job.ts";
export { Interrupted, type Interruption, whileInterruptible } from "./interrupt.ts";
export {
  type LabelledFeatures,
  linearProbeAccuracy,
  type LinearProbeOptions,
} from "./linear_probe.ts";
export { liveProgress } from "./live_progress.ts";
export { knnAccuracy, type KnnOptions, nearestNeighbours } from "./nearest_neighbours.ts";
export { adamW, type AdamWMoment, type AdamWOptions } from "./optimizers/adamw.ts";
export {
  larsOfMae,
  larsOfMmpretrain,
  type LarsOptions,
  type MmpretrainLarsOptions,
} from "./optimizers/lars.ts";
export {
  type GroupOptions,
  type Optimizer,
  optimizerOf,
  type OptimizerState,
  type ParameterGroup,
  type ParameterGroups,
  type ParameterUpdate,
  scalar,
  type UpdatedParameter,
  type UpdateInput,
  type UpdateResult,
} from "./optimizers/optimizer.ts";
export { sgd, type SgdOptions } from "./optimizers/sgd.ts";
export {
  type Groups,
  layerDecayGroups,
  type LayerDecayOptions,
  mmpretrainLayerDecayGroups,
  type MmpretrainName,
  mmpretrainVitLayer,
  mmpretrainWeightDecayGroups,
  type Specifications,
  vitLayer,
  weightDecayGroups,
} from "./parameter_groups.ts";
export { pretextPictures, type PretextPicturesOptions } from "./pretext_pictures.ts";
export {
  describePretext,
  maePretext,
  milanPretext,
  type Pretext,
  pretrainJob,
  type PretrainOptions,
} from "./pretrain.ts";
export {
  formatDuration,
  noProgress,
  type Progress,
  type ProgressUpdate,
  type StartProgress,
  terminalProgress,
} from "./progress.ts";
export { normalizedImages } from "./normalized_images.ts";
export {
  cosineByIteration,
  type CosineSchedule,
  cosineWithWarmup,
  type IterationCosineSchedule,
} from "./schedules.ts";
export {
  NonFiniteLoss,
  type StepInputs,
  train,
  type TrainingJob,
  type TrainingSurroundings,
} from "./training_loop.ts";
export { type IdentifiedFeatures, recallAt } from "./retrieval.ts";
export { captionFeatures, type SpeakingClip, zeroShotAccuracy } from "./zero_shot.ts";
