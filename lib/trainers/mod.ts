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
export { betaQuantile, drawBeta } from "./beta_distribution.ts";
export { clipJob, type ClipTrainingOptions } from "./clip_training.ts";
export {
  type EmaInput,
  type EmaOptions,
  emaShare,
  emaUpdate,
  type EmaWarmup,
} from "./ema.ts";
export {
  extractFeatures,
  type ExtractOptions,
  type Features,
  normalizeImages,
} from "./features.ts";
export { classifierAccuracy, finetuneJob, type FinetuneOptions } from "./finetune.ts";
export {
  averagedParametersOf,
  type EmaChoice,
  gradientJob,
  type GradientJobOptions,
  type ImageBatch,
  imageBatches,
  type Optimization,
  parametersOf,
} from "./gradient_job.ts";
export { Interrupted, type Interruption, whileInterruptible } from "./interrupt.ts";
export {
  type LearningRate,
  learningRateOf,
  type ScheduleChoice,
} from "./learning_rate.ts";
export {
  type LabelledFeatures,
  linearProbeAccuracy,
  type LinearProbeOptions,
} from "./linear_probe.ts";
export { liveProgress } from "./live_progress.ts";
export {
  milestones,
  type MilestoneSchedule,
  milestonesOfMmengine,
} from "./milestone_schedules.ts";
export {
  type CutBox,
  cutBox,
  type CutBoxOptions,
  cutmix,
  type LabelledImages,
  type MixedImages,
  mixup,
  type Partners,
} from "./mixing.ts";
export { knnAccuracy, type KnnOptions, nearestNeighbours } from "./nearest_neighbours.ts";
export { adamW, type AdamWMoment, type AdamWOptions } from "./optimizers/adamw.ts";
export { type OptimizerChoice, optimizerOfChoice } from "./optimizers/choice.ts";
export { clipByGlobalNorm, globalNorm } from "./optimizers/gradient_norm.ts";
export { lamb, type LambMoment, type LambOptions } from "./optimizers/lamb.ts";
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
export * from "./parameter_groups/mod.ts";
export { pretextPictures, type PretextPicturesOptions } from "./pretext_pictures.ts";
export {
  a2mimPretext,
  maePretext,
  milanPretext,
  mixmimPretext,
  type Pretext,
  simmimPretext,
} from "./pretext.ts";
export { describePretext, pretrainJob, type PretrainOptions } from "./pretrain.ts";
export {
  formatDuration,
  noProgress,
  type Progress,
  type ProgressUpdate,
  type StartProgress,
  terminalProgress,
} from "./progress.ts";
export { normalizedImages } from "./normalized_images.ts";
export { type MixingOptions, mixRandomly, type PartnerChoice } from "./random_mixing.ts";
export {
  cosineByIteration,
  cosineOfMmcv,
  cosineOfOpenmixup,
  type CosineSchedule,
  cosineWithWarmup,
  type IterationCosineSchedule,
  type MmcvCosineSchedule,
  type MmcvSchedule,
  warmupFactor,
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
