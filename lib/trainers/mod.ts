/**
 * Trainers: loops, optimisers, schedules, evaluation.
 *
 * @module
 */
export {
  type CheckpointFacts,
  DamagedCheckpoint,
  loadCheckpoint,
  NonFiniteCheckpoint,
  saveCheckpoint,
  type TensorTree,
} from "./checkpoint.ts";
export type { BestCheckpoint, BestChoice } from "./best_checkpoint.ts";
export {
  type CheckpointFolder,
  checkpointFolder,
  type CheckpointFolderOptions,
  type LoadedCheckpoint,
} from "./checkpoint_folder.ts";
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
  type ClassificationReport,
  type ClassificationTally,
  classificationTally,
  classifierAccuracy,
  evaluateClassifier,
  evaluateLogits,
} from "./evaluate.ts";
export {
  extractFeatures,
  extractLabelledFeatures,
  type ExtractOptions,
  type Features,
  type LabelledFeatures,
} from "./features.ts";
export { finetuneJob, type FinetuneOptions, type LabelledBatch } from "./finetune.ts";
export {
  averagedParametersOf,
  type EmaChoice,
  gradientJob,
  type GradientJobOptions,
  type LossWithMetrics,
  type Optimization,
  parametersOf,
} from "./gradient_job.ts";
export {
  type ImageBatch,
  imageBatches,
  type ImageBatchOptions,
} from "./image_batches.ts";
export { Interrupted, type Interruption, whileInterruptible } from "./interrupt.ts";
export {
  type LearningRate,
  learningRateOf,
  scaledLearningRate,
  type ScheduleChoice,
} from "./learning_rate.ts";
export { linearProbeAccuracy, type LinearProbeOptions } from "./linear_probe.ts";
export {
  describeProbe,
  type EncodedImages,
  evaluateProbe,
  type FrozenEncoder,
  linearProbeJob,
  type LinearProbeJobOptions,
  type ProbeBatch,
  type ProbeData,
  probeReport,
} from "./linear_probe_job.ts";
export { addLighting, type LightingOptions } from "./lighting.ts";
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
export { knnMetric, onlineKnn, type OnlineKnnOptions } from "./online_evaluation.ts";
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
export { startFrom } from "./pretrained_encoder.ts";
export {
  eraseImages,
  type ErasingMode,
  type ImageErasingOptions,
} from "./random_erasing.ts";
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
  type ImageFormat,
  imageFormatOf,
  isStreamed,
  type StreamedImages,
} from "./streamed_images.ts";
export {
  NonFiniteLoss,
  type OnlineEvaluation,
  train,
  type TrainingSurroundings,
} from "./training_loop.ts";
export {
  type Gradients,
  partSizes,
  type StepHalves,
  type StepInputs,
  type StepResult,
  type TrainingJob,
} from "./training_job.ts";
export { type IdentifiedFeatures, recallAt } from "./retrieval.ts";
export { captionFeatures, type SpeakingClip, zeroShotAccuracy } from "./zero_shot.ts";
export {
  type ClassificationLoss,
  classificationLoss,
  type SupervisedImages,
  supervisedImages,
  type Supervision,
} from "./supervision.ts";
export { type DrawnHead, withDrawnHead } from "./drawn_head.ts";
