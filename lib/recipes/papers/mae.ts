/**
 * Recipes of MAE, by its authors.
 *
 * @module
 */
import {
  derive,
  type FinetuneBody,
  type LinearBody,
  type PretrainBody,
  type RecipeBody,
} from "../derive.ts";
import {
  evaluation224,
  imagenetStatistics,
  maeDecoder,
  maePretraining,
  plainTransform,
  timmMixing,
  timmTransform,
} from "./shared.ts";

const pretraining: PretrainBody = {
  ...maePretraining,
  model: {
    kind: "mae",
    backbone: { kind: "vit", variant: "B/16" },
    decoder: maeDecoder,
    normalizePixels: true,
  },
  masker: { kind: "random", ratio: 0.75 },
  epochs: 800,
  batch: { total: 4096, micro: 64 },
};

const finetuning: FinetuneBody = {
  task: "finetune",
  data: {
    dataset: "imagenet",
    imageSize: 224,
    transform: timmTransform,
    evaluation: evaluation224,
    normalization: imagenetStatistics,
    repeats: 1,
  },
  model: {
    kind: "classifier",
    backbone: { kind: "vit", variant: "B/16", dropPathRate: 0.1 },
    pooling: "patches",
    normalizeFeatures: false,
    headDeviation: 2e-5,
  },
  optimizer: {
    kind: "adamw",
    lr: 5e-4,
    lrForBatch: 256,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    weightDecay: 0.05,
  },
  groups: { kind: "mae", layerDecay: 0.65 },
  schedule: { kind: "cosine", warmupEpochs: 5, minimum: 1e-6 },
  epochs: 100,
  batch: { total: 1024, micro: 32 },
  precision: "bfloat16",
  mixing: timmMixing,
  smoothing: 0.1,
  loss: "cross-entropy",
  evaluation: { everyEpochs: 1 },
};

const probing: LinearBody = {
  task: "linear",
  data: {
    dataset: "imagenet",
    imageSize: 224,
    transform: plainTransform,
    evaluation: evaluation224,
    normalization: imagenetStatistics,
    repeats: 1,
  },
  model: {
    kind: "linear-probe",
    backbone: { kind: "vit", variant: "B/16" },
    pooling: "class-token",
    normalizeFeatures: true,
    headDeviation: 0.01,
  },
  optimizer: {
    kind: "lars",
    lr: 0.1,
    lrForBatch: 256,
    momentum: 0.9,
    trustCoefficient: 1e-3,
    weightDecay: 0,
  },
  groups: { kind: "mae" },
  schedule: { kind: "cosine", warmupEpochs: 10, minimum: 0 },
  epochs: 90,
  batch: { total: 16384, micro: 512 },
  precision: "bfloat16",
  smoothing: 0,
  loss: "cross-entropy",
  evaluation: { everyEpochs: 1 },
};

/** By name. */
export const maeRecipes = {
  "mae_official_vit-b_pretrain_800e": pretraining,
  "mae_official_vit-l_pretrain_800e": derive(pretraining, {
    model: { backbone: { variant: "L/16" } },
  }),
  "mae_official_vit-h_pretrain_800e": derive(pretraining, {
    model: { backbone: { variant: "H/14" } },
  }),
  "mae_official_vit-b_finetune_100e": finetuning,
  "mae_official_vit-l_finetune_50e": derive(finetuning, {
    model: { backbone: { variant: "L/16", dropPathRate: 0.2 } },
    optimizer: { lr: 1e-3 },
    groups: { layerDecay: 0.75 },
    epochs: 50,
  }),
  "mae_official_vit-h_finetune_50e": derive(finetuning, {
    model: { backbone: { variant: "H/14", dropPathRate: 0.3 } },
    optimizer: { lr: 1e-3 },
    groups: { layerDecay: 0.75 },
    epochs: 50,
    batch: { micro: 16 },
  }),
  "mae_official_vit-b_linear_90e": probing,
  "mae_official_vit-l_linear_50e": derive(probing, {
    model: { backbone: { variant: "L/16" } },
    epochs: 50,
  }),
  "mae_official_vit-h_linear_50e": derive(probing, {
    model: { backbone: { variant: "H/14" } },
    epochs: 50,
  }),
} satisfies Record<string, RecipeBody>;
