/**
 * Fine-tuning on labelled images (MAE, appendix A.1): layer-wise learning rates, drop path, mixup and
 * cutmix, label smoothing, a moving average.
 *
 * @module
 */
import { type Precision, type Tensor, tf } from "../engine/mod.ts";
import type { Augmentation, LabelledDataset } from "../data/mod.ts";
import {
  type ClassifierBackbone,
  type ClassifierConfiguration,
  classify,
  headWeightOf,
} from "../methods/classification.ts";
import { describeParameters, type Parameters } from "../nn/scope.ts";
import { withDrawnHead } from "./drawn_head.ts";
import { normalizeImages } from "../nn/normalize_images.ts";
import { requireLabels } from "./features.ts";
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
import { imageFormatOf, type StreamedImages } from "./streamed_images.ts";
import { classificationLoss, supervisedImages, type Supervision } from "./supervision.ts";
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

/** What to fine-tune, and on what. */
export interface FinetuneOptions extends Supervision {
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
  /** Of the targets. Default: 0.1. */
  labelSmoothing?: number;
  /**
   * Deviation of the head's first weights, which are drawn anew whatever was pretrained; 0 for zeros.
   * Default: as the network's own project draws them.
   */
  headDeviation?: number;
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

/** The parameters of the classifier, with their first values. */
function specificationsOf(
  { model, seed, headDeviation: deviation, dataset }: FinetuneOptions,
): Specifications {
  const { height, width, channels } = imageFormatOf(dataset);
  const specifications = describeParameters((scope, input) =>
    classify(scope, input({ shape: [1, height, width, channels] }), model).logits
  );
  if (deviation === undefined) return specifications;
  const weight = headWeightOf(model.backbone);
  return withDrawnHead(specifications, { weight, deviation, seed });
}

/** The job of fine-tuning, for `train`. */
export function finetuneJob(options: FinetuneOptions): TrainingJob<LabelledBatch> {
  const { phase, seed, model, pretrained, dataset, augmentation, optimization } = options;
  const { precision = "float32", rematerialize = false } = options;
  requireLabels(dataset, phase);
  const supervision = { ...options, labelSmoothing: options.labelSmoothing ?? 0.1 };
  const format = imageFormatOf(dataset);
  const specifications = specificationsOf(options);
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
    loss: (scope, { images, labels }, key) => {
      const batch = { images: normalizeImages(images, format), labels };
      const shown = supervisedImages(batch, key, model.classes, supervision);
      const { logits } = classify(scope, shown.images, model);
      return classificationLoss(logits, shown.targets, options.loss);
    },
  });
}
