/**
 * Recipes of MILAN, by its authors and OpenMMLab.
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
  clampedTransform,
  evaluation224,
  imagenetStatistics,
  maeDecoder,
  maePretraining,
  mmpretrainMaeUndecayed,
  timmMixing,
  timmTransform,
} from "./shared.ts";

const pretraining: PretrainBody = {
  ...maePretraining,
  model: {
    kind: "milan",
    backbone: { kind: "vit", variant: "B/16" },
    decoder: maeDecoder,
    decoderKind: "prompting",
  },
  masker: { kind: "semantic", ratio: 0.75 },
  teacher: { kind: "released", variant: "B/16" },
  epochs: 400,
  batch: { total: 4096, micro: 256 },
};

const openmmlabPretraining: PretrainBody = derive(pretraining, {
  optimizer: { lr: 2.4e-3, lrForBatch: 4096 },
  groups: {
    kind: "mmpretrain",
    undecayed: mmpretrainMaeUndecayed,
    undecayedVectors: false,
  },
  schedule: { kind: "cosine-mmengine", warmupEpochs: 40, warmupRatio: 1e-4, minimum: 0 },
  precision: "float32",
});

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
    headDeviation: 0.02,
  },
  optimizer: {
    kind: "adamw",
    lr: 1e-4,
    lrForBatch: 256,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    weightDecay: 0.05,
  },
  groups: { kind: "mae", layerDecay: 0.65 },
  schedule: { kind: "cosine", warmupEpochs: 5, minimum: 1e-6 },
  epochs: 100,
  batch: { total: 1024, micro: 128 },
  precision: "bfloat16",
  mixing: timmMixing,
  smoothing: 0.1,
  loss: "cross-entropy",
  evaluation: { everyEpochs: 1 },
};

const openmmlabFinetuning: FinetuneBody = derive(finetuning, {
  data: {
    transform: {
      randAugment: { variant: "mmpretrain" },
      erasing: { variant: "mmpretrain" },
    },
  },
  model: { classes: 1000 },
  optimizer: { lr: 4e-4, lrForBatch: 1024 },
  groups: {
    kind: "mmpretrain",
    undecayed: [
      ".absolute_pos_embed",
      ".relative_position_bias_table",
      ".ln",
      ".bias",
      ".cls_token",
      ".pos_embed",
    ],
    undecayedVectors: true,
    layerDecay: 0.65,
  },
  schedule: {
    kind: "cosine-mmengine",
    warmupEpochs: 5,
    warmupRatio: 1e-4,
    minimum: 1e-6,
  },
  precision: "float32",
  mixing: { partners: "permutation", cutmixPartners: "permutation" },
});

const probing: LinearBody = {
  task: "linear",
  data: {
    dataset: "imagenet",
    imageSize: 224,
    transform: clampedTransform,
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
    lr: 0.05,
    lrForBatch: 256,
    momentum: 0.9,
    trustCoefficient: 1e-3,
    weightDecay: 0,
  },
  groups: { kind: "mae" },
  schedule: { kind: "cosine", warmupEpochs: 10, minimum: 0 },
  epochs: 100,
  batch: { total: 16384, micro: 2048 },
  precision: "bfloat16",
  smoothing: 0,
  loss: "cross-entropy",
  evaluation: { everyEpochs: 1 },
};

const openmmlabProbing: LinearBody = derive(probing, {
  data: {
    transform: { crop: { rule: "retry", interpolation: "bilinear" } },
    evaluation: { interpolation: "bilinear" },
  },
  model: { classes: 1000 },
  optimizer: {
    kind: "lars-mmpretrain",
    lr: 3.2,
    lrForBatch: 16384,
    momentum: 0.9,
    trustCoefficient: 1e-3,
    weightDecay: 0,
  },
  groups: { kind: "mmpretrain", undecayed: [], undecayedVectors: false },
  schedule: { kind: "cosine-mmengine", warmupEpochs: 10, warmupRatio: 1e-4, minimum: 0 },
});

/** By name. */
export const milanRecipes = {
  "milan_official_vit-b_pretrain_400e": pretraining,
  "milan_official_vit-l_pretrain_400e": derive(pretraining, {
    model: { backbone: { variant: "L/16" } },
    batch: { micro: 128 },
  }),
  // It takes over MAE's AmpOptimWrapper; mmpretrain's does not, in spite of its name.
  "mmselfsup/milan_vit-base-p16_16xb256-amp-coslr-400e_in1k": derive(
    openmmlabPretraining,
    { precision: "bfloat16" },
  ),
  "milan_vit-base-p16_16xb256-amp-coslr-400e_in1k": openmmlabPretraining,
  "milan_official_vit-b_finetune_100e": finetuning,
  "milan_official_vit-l_finetune_100e": derive(finetuning, {
    model: { backbone: { variant: "L/16", dropPathRate: 0.2 } },
    groups: { layerDecay: 0.75 },
    batch: { micro: 64 },
  }),
  "vit-base-p16_ft-8xb128-coslr-100e_in1k-milan": openmmlabFinetuning,
  "vit-base-p16_milan-pre_8xb128-coslr-100e_in1k": openmmlabFinetuning,
  "milan_official_vit-b_linear_100e": probing,
  "milan_official_vit-l_linear_100e": derive(probing, {
    model: { backbone: { variant: "L/16" } },
    optimizer: { lr: 0.02 },
  }),
  "vit-base-p16_linear-8xb2048-coslr-100e_in1k": openmmlabProbing,
  "vit-base-p16_milan-pre_8xb2048-linear-coslr-100e_in1k": openmmlabProbing,
} satisfies Record<string, RecipeBody>;
