/**
 * Fine-tuning on labelled images (MAE, appendix A.1): layer-wise learning rates, drop path, label
 * smoothing.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { type Augmentation, type LabelledDataset, labelsAt } from "../data/mod.ts";
import { crossEntropy, softTargets } from "../losses/cross_entropy.ts";
import {
  type ClassifierBackbone,
  type ClassifierConfiguration,
  classify,
} from "../methods/classification.ts";
import { describeParameters, type Parameters, scope } from "../nn/scope.ts";
import { extractFeatures, type ExtractOptions, normalizeImages } from "./features.ts";
import { gradientJob, imageBatches, type Optimization } from "./gradient_job.ts";
import {
  type Groups,
  layerDecayGroups,
  mixmimLayerDecayGroups,
  mmpretrainLayerDecayGroups,
  type Specifications,
  weightDecayGroups,
} from "./parameter_groups/mod.ts";
import type { TrainingJob } from "./training_loop.ts";

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

/**
 * What a classifier takes over from pretraining: SimMIM and A2MIM hold every encoder below
 * `backbone`, MAE, MILAN and MixMIM do not.
 */
function encoderOf(
  pretrained: Parameters,
  specifications: Specifications,
  phase: string,
): Parameters {
  const taken = Object.entries(pretrained)
    .map(([name, value]) =>
      [specifications.has(name) ? name : name.replace(/^backbone\./, ""), value] as const
    )
    .filter(([name]) => specifications.has(name));
  if (taken.length === 0) {
    throw new Error(
      `${phase} finds none of its parameters among the pretrained ones, such as ` +
        `"${Object.keys(pretrained)[0]}": are they of this backbone?`,
    );
  }
  return Object.fromEntries(taken);
}

/** What to fine-tune, and on what. */
export interface FinetuneOptions {
  phase: string;
  seed: number;
  model: ClassifierConfiguration;
  /** A pretrained encoder, under the same names; without one, training starts from scratch. */
  pretrained?: Parameters;
  dataset: LabelledDataset;
  augmentation?: Augmentation;
  /** Of the targets. Default: 0.1. */
  labelSmoothing?: number;
  optimization: Omit<Optimization, "groups"> & {
    weightDecay: number;
    layerDecay: number;
  };
}

/** The job of fine-tuning, for `train`. */
export function finetuneJob(
  options: FinetuneOptions,
): TrainingJob<{ images: Tensor; labels: Tensor }> {
  const { phase, seed, model, pretrained, dataset, augmentation, optimization } = options;
  const { height, width, channels } = dataset;
  const specifications = describeParameters((scope, input) =>
    classify(scope, input({ shape: [1, height, width, channels] }), model)
  );
  const { batchSize, weightDecay, layerDecay } = optimization;
  const batchOf = imageBatches(dataset, { batchSize, seed, augmentation });
  const start = pretrained === undefined
    ? {}
    : encoderOf(pretrained, specifications, phase);
  return gradientJob({
    phase,
    seed,
    specifications,
    start,
    optimization: {
      betas: [0.9, 0.999], // main_finetune.py of MAE leaves PyTorch's defaults
      ...optimization,
      groups: groupsOf(specifications, model.backbone, { layerDecay, weightDecay }),
    },
    batch: (step) => {
      const { images, indices } = batchOf(step);
      return { images, labels: tf.tensor1d(labelsAt(dataset, indices), "int32") };
    },
    loss: (scope, { images, labels }) => {
      const { logits } = classify(scope, normalizeImages(images, dataset), model);
      const targets = softTargets(labels, model.classes, options.labelSmoothing ?? 0.1);
      return crossEntropy(logits, targets);
    },
  });
}

/** Accuracy in percent of a fine-tuned classifier. */
export async function classifierAccuracy(
  parameters: Parameters,
  model: ClassifierConfiguration,
  dataset: LabelledDataset,
  options: ExtractOptions,
): Promise<number> {
  const frozen = scope(parameters);
  const logits = await extractFeatures(
    dataset,
    (images) => classify(frozen, images, model).logits,
    options,
  );
  let right = 0;
  for (let row = 0; row < logits.length; row++) {
    const values = logits.values.subarray(row * logits.width, (row + 1) * logits.width);
    if (values.indexOf(Math.max(...values)) === dataset.labels[row]) right++;
  }
  return 100 * right / dataset.length;
}
