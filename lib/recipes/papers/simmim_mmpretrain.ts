/**
 * Recipes of SimMIM in mmpretrain.
 *
 * @module
 */
import {
  derive,
  type FinetuneBody,
  type PretrainBody,
  type RecipeBody,
} from "../derive.ts";
import {
  blockMasker,
  evaluation192,
  imagenetStatistics,
  mmpretrainMixing,
  mmpretrainTransform,
  simmimTransform,
} from "./shared.ts";

const swin100Epochs: PretrainBody = {
  task: "pretrain",
  data: {
    dataset: "imagenet",
    imageSize: 192,
    transform: simmimTransform,
    evaluation: evaluation192,
    normalization: imagenetStatistics,
    repeats: 1,
  },
  model: {
    kind: "simmim",
    backbone: { kind: "swin", variant: "B" },
    token: { kind: "replace", layer: 0 },
    fill: false,
    head: "linear",
  },
  masker: blockMasker,
  optimizer: {
    kind: "adamw",
    lr: 8e-4,
    lrForBatch: 2048,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    weightDecay: 0.05,
    maximumGradientNorm: 5,
  },
  groups: {
    kind: "mmpretrain",
    undecayed: ["norm", "bias", "absolute_pos_embed", "relative_position_bias_table"],
    undecayedVectors: false,
  },
  schedule: {
    kind: "cosine-mmengine",
    warmupEpochs: 10,
    warmupRatio: 5e-3,
    minimum: 4e-5,
  },
  epochs: 100,
  batch: { total: 2048, micro: 128 },
  precision: "bfloat16",
  evaluation: { neighboursEveryEpochs: 0 },
};

const swin800Epochs: PretrainBody = derive(swin100Epochs, {
  optimizer: { lr: 4e-4, lrForBatch: 4096 },
  schedule: {
    kind: "milestones-mmengine",
    warmupEpochs: 10,
    warmupRatio: 5e-3,
    milestones: [700],
    gamma: 0.1,
  },
  epochs: 800,
  batch: { total: 4096, micro: 256 },
});

const swinFinetuning: FinetuneBody = {
  task: "finetune",
  data: {
    dataset: "imagenet",
    imageSize: 192,
    transform: mmpretrainTransform,
    evaluation: evaluation192,
    normalization: imagenetStatistics,
    repeats: 1,
  },
  model: {
    kind: "classifier",
    backbone: { kind: "swin", variant: "B", dropPathRate: 0.1 },
    pooling: "patches",
    classes: 1000,
    normalizeFeatures: false,
    headDeviation: 0.01,
  },
  optimizer: {
    kind: "adamw",
    lr: 5e-3,
    lrForBatch: 2048,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    weightDecay: 0.05,
    maximumGradientNorm: 5,
  },
  groups: {
    kind: "mmpretrain",
    undecayed: [".norm", ".bias", ".absolute_pos_embed", ".relative_position_bias_table"],
    undecayedVectors: false,
    layerDecay: 0.9,
  },
  schedule: {
    kind: "cosine-mmengine",
    warmupEpochs: 20,
    warmupRatio: 2e-4,
    minimum: 1e-6,
  },
  epochs: 100,
  batch: { total: 2048, micro: 256 },
  precision: "bfloat16",
  mixing: mmpretrainMixing,
  smoothing: 0.1,
  loss: "cross-entropy",
  evaluation: { everyEpochs: 1 },
};

const swinLargeFinetuning: FinetuneBody = derive(swinFinetuning, {
  data: { imageSize: 224, evaluation: { crop: 224, resize: 256 } },
  model: {
    backbone: {
      dropPathRate: 0.2,
      padSmallMaps: true,
      width: 192,
      heads: [6, 12, 24, 48],
      window: 14,
    },
  },
  groups: { layerDecay: 0.7 },
});

/** By name. */
export const simmimMmpretrainRecipes = {
  "simmim_swin-base-w6_16xb128-amp-coslr-100e_in1k-192px": swin100Epochs,
  "simmim_swin-base-w6_16xb128-amp-coslr-800e_in1k-192px": swin800Epochs,
  "simmim_swin-base-w6_8xb256-amp-coslr-100e_in1k-192px": derive(swin100Epochs, {
    batch: { micro: 256 },
  }),
  "simmim_swin-large-w12_16xb128-amp-coslr-800e_in1k-192px": derive(swin800Epochs, {
    model: {
      backbone: { padSmallMaps: true, width: 192, heads: [6, 12, 24, 48], window: 12 },
    },
  }),
  "swin-base-w6_8xb256-coslr-100e_in1k-192px": swinFinetuning,
  "swin-base-w7_8xb256-coslr-100e_in1k": derive(swinFinetuning, {
    data: { imageSize: 224, evaluation: { crop: 224, resize: 256 } },
  }),
  "swin-large-w14_8xb256-coslr-100e_in1k": swinLargeFinetuning,
} satisfies Record<string, RecipeBody>;
