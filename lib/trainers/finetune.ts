/**
 * Fine-tuning a ViT on labelled images (MAE, appendix A.1): layer-wise learning rates, drop path,
 * label smoothing.
 *
 * @module
 */
import { vit, type VitConfiguration } from "../backbones/vit.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { type Augmentation, type LabelledDataset, labelsAt } from "../data/mod.ts";
import { classifier, pool, type Pooling } from "../heads/classifier.ts";
import { crossEntropy, softTargets } from "../losses/cross_entropy.ts";
import { describeParameters, type Parameters, type Scope, scope } from "../nn/scope.ts";
import { extractFeatures, type ExtractOptions, normalizeImages } from "./features.ts";
import { gradientJob, imageBatches, type Optimization } from "./gradient_job.ts";
import { layerDecayGroups } from "./parameter_groups/mod.ts";
import type { TrainingJob } from "./training_loop.ts";

/** A ViT with a head. */
export interface ClassifierConfiguration {
  backbone: VitConfiguration;
  classes: number;
  /** Default: patches (MAE's global pool). */
  pooling?: Pooling;
}

/** Logits of normalised images: `(B, H, W, C)` → `(B, classes)`. */
export function classify(
  scope: Scope,
  images: Tensor,
  { backbone, classes, pooling = "patches" }: ClassifierConfiguration,
): Tensor {
  const { tokens } = vit(scope, images, backbone);
  return classifier(scope, pool(scope, tokens, pooling, backbone.epsilon), classes);
}

/** What to fine-tune, and on what. */
export interface FinetuneOptions {
  phase: string;
  seed: number;
  model: ClassifierConfiguration;
  /** A pretrained encoder; without one, training starts from scratch. */
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
  const { phase, seed, model, pretrained = {}, dataset, augmentation, optimization } =
    options;
  const { height, width, channels } = dataset;
  const specifications = describeParameters((scope, input) =>
    classify(scope, input({ shape: [1, height, width, channels] }), model)
  );
  const { batchSize, weightDecay, layerDecay } = optimization;
  const { depth } = model.backbone;
  const batchOf = imageBatches(dataset, { batchSize, seed, augmentation });
  const start = Object.fromEntries(
    Object.entries(pretrained).filter(([name]) => specifications.has(name)),
  );
  return gradientJob({
    phase,
    seed,
    specifications,
    start,
    optimization: {
      betas: [0.9, 0.999], // main_finetune.py of MAE leaves PyTorch's defaults
      ...optimization,
      groups: layerDecayGroups(specifications, { depth, layerDecay, weightDecay }),
    },
    batch: (step) => {
      const { images, indices } = batchOf(step);
      return { images, labels: tf.tensor1d(labelsAt(dataset, indices), "int32") };
    },
    loss: (scope, { images, labels }) => {
      const logits = classify(scope, normalizeImages(images, dataset), model);
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
    (images) => classify(frozen, images, model),
    options,
  );
  let right = 0;
  for (let row = 0; row < logits.length; row++) {
    const values = logits.values.subarray(row * logits.width, (row + 1) * logits.width);
    if (values.indexOf(Math.max(...values)) === dataset.labels[row]) right++;
  }
  return 100 * right / dataset.length;
}
