/**
 * Fine-tuning on labelled images (MAE, appendix A.1): layer-wise learning rates, drop path, mixup and
 * cutmix, label smoothing, a moving average.
 *
 * @module
 */
import { foldIn, type Key, type Precision, type Tensor, tf } from "../engine/mod.ts";
import type { Augmentation, LabelledDataset } from "../data/mod.ts";
import {
  binaryCrossEntropy,
  type BinaryCrossEntropyOptions,
} from "../losses/binary_cross_entropy.ts";
import { crossEntropy, mixedTargets, softTargets } from "../losses/cross_entropy.ts";
import {
  type ClassifierBackbone,
  type ClassifierConfiguration,
  classify,
} from "../methods/classification.ts";
import { describeParameters, type Parameters } from "../nn/scope.ts";
import { normalizeImages, requireLabels } from "./features.ts";
import { gradientJob, type Optimization } from "./gradient_job.ts";
import { imageBatches } from "./image_batches.ts";
import {
  type Groups,
  layerDecayGroups,
  mixmimLayerDecayGroups,
  mmpretrainLayerDecayGroups,
  type Specifications,
  weightDecayGroups,
} from "./parameter_groups/mod.ts";
import { startFrom } from "./pretrained_encoder.ts";
import { type MixingOptions, mixRandomly } from "./random_mixing.ts";
import { imageFormatOf, type StreamedImages } from "./streamed_images.ts";
import type { TrainingJob } from "./training_job.ts";

/** The layer-wise learning rates of the project whose names the backbone has. */
function groupsOf(
  specifications: Specifications,
  backbone: ClassifierBackbone,
  decay: { layerDecay: number; weightDecay: number },
): Groups {
  switch (backbone.kind) {
    case "vit":
      return layerDecayGroups(specifications, { depth: backbone.depth, ...decay });
    case "mixmim":
      return mixmimLayerDecayGroups(specifications, {
        depths: backbone.depths,
        ...decay,
      });
    case "resnet": // RSB's recipes have no layer-wise rates, and any depths
      if (decay.layerDecay === 1) {
        return weightDecayGroups(specifications, decay.weightDecay);
      }
      return mmpretrainLayerDecayGroups(specifications, { backbone, ...decay });
    case "convnext":
    case "swin":
      return mmpretrainLayerDecayGroups(specifications, { backbone, ...decay });
  }
}

/** What is minimised: cross entropy, or that of each class by itself (A2MIM's RSB recipes). */
export type ClassificationLoss =
  | { kind: "cross-entropy" }
  | { kind: "binary-cross-entropy" } & BinaryCrossEntropyOptions;

/** What to fine-tune, and on what. */
export interface FinetuneOptions {
  phase: string;
  seed: number;
  /** Its backbone's `dropPathRate` is that of fine-tuning. */
  model: ClassifierConfiguration;
  /**
   * A pretrained encoder, under the same names; without one, training starts from scratch. Its head is
   * not taken over, and its position embeddings are resized to the images.
   */
  pretrained?: Parameters;
  /** In memory, or read while the device computes. */
  dataset: LabelledDataset | StreamedImages;
  /** Of images in memory; what is read has its transform. */
  augmentation?: Augmentation;
  /**
   * Changes normalised images on the device, such as `eraseImages` or `addLighting`, before they are
   * mixed; the key differs at every step.
   */
  change?: (key: Key, images: Tensor) => Tensor;
  /** Mixup and cutmix. Default: none. */
  mixing?: MixingOptions;
  /** Of the targets. Default: 0.1. */
  labelSmoothing?: number;
  /** Default: cross entropy. */
  loss?: ClassificationLoss;
  /** Default groups: those of the project whose names the backbone has. */
  optimization: Omit<Optimization, "groups"> & Partial<Pick<Optimization, "groups">> & {
    weightDecay: number;
    layerDecay: number;
  };
  /** Default: float32. */
  precision?: Precision;
  /** Less memory for more time, as in `gradientJob`. Default: false. */
  rematerialize?: boolean;
}

/** A labelled batch, its images as bytes. */
export interface LabelledBatch extends Record<string, Tensor> {
  images: Tensor;
  labels: Tensor;
}

/** Images and targets `(B, classes)` of a batch, mixed if that is wanted. */
function mixedBatch(
  { images, labels }: LabelledBatch,
  key: Key,
  { model: { classes }, mixing, labelSmoothing = 0.1 }: FinetuneOptions,
): { images: Tensor; targets: Tensor } {
  if (mixing === undefined) {
    return { images, targets: softTargets(labels, classes, labelSmoothing) };
  }
  const mixed = mixRandomly(key, { images, labels }, mixing);
  return {
    images: mixed.images,
    targets: mixedTargets(mixed, classes, labelSmoothing),
  };
}

function lossOf(
  logits: Tensor,
  targets: Tensor,
  loss: ClassificationLoss = { kind: "cross-entropy" },
): Tensor {
  switch (loss.kind) {
    case "cross-entropy":
      return crossEntropy(logits, targets);
    case "binary-cross-entropy":
      return binaryCrossEntropy(logits, targets, loss);
  }
}

/** The job of fine-tuning, for `train`. */
export function finetuneJob(options: FinetuneOptions): TrainingJob<LabelledBatch> {
  const { phase, seed, model, pretrained, dataset, augmentation, optimization } = options;
  const { precision = "float32", rematerialize = false } = options;
  requireLabels(dataset, phase);
  const format = imageFormatOf(dataset);
  const { height, width, channels } = format;
  const specifications = describeParameters((scope, input) =>
    classify(scope, input({ shape: [1, height, width, channels] }), model).logits
  );
  const { batchSize, microBatchSize, weightDecay, layerDecay } = optimization;
  const batchOf = imageBatches(dataset, {
    batchSize,
    microBatchSize,
    seed,
    augmentation,
  });
  return gradientJob<LabelledBatch>({
    ...{ phase, seed, specifications, precision, rematerialize },
    start: pretrained === undefined ? {} : startFrom(pretrained, specifications, phase),
    optimization: {
      betas: [0.9, 0.999], // main_finetune.py of MAE leaves PyTorch's defaults
      ...optimization,
      groups: optimization.groups ??
        groupsOf(specifications, model.backbone, { layerDecay, weightDecay }),
    },
    batch: async (step, part) => {
      const { images, labels } = await batchOf(step, part);
      return { images, labels: tf.tensor1d(labels!, "int32") };
    },
    close: batchOf.close,
    loss: (scope, batch, key) => {
      const normalized = normalizeImages(batch.images, format);
      const changed = options.change?.(foldIn(key, "change"), normalized) ?? normalized;
      const { images, targets } = mixedBatch(
        { images: changed, labels: batch.labels },
        key,
        options,
      );
      return lossOf(classify(scope, images, model).logits, targets, options.loss);
    },
  });
}
