/**
 * Recipes of MixMIM, by its authors and OpenMMLab.
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
  evaluation224,
  imagenetStatistics,
  maeDecoder,
  maePretraining,
  timmMixing,
  timmTransform,
} from "./shared.ts";

const pretraining: PretrainBody = {
  ...maePretraining,
  model: {
    kind: "mixmim",
    backbone: { kind: "mixmim", variant: "B" },
    decoder: maeDecoder,
    normalizePixels: true,
  },
  masker: { kind: "mix", ratio: 0.5 },
  epochs: 600,
  batch: { total: 2048, micro: 128 },
};

const openmmlabPretraining: PretrainBody = derive(pretraining, {
  model: { backbone: { rewrite: "mmpretrain" }, decoder: { epsilon: 1e-6 } },
  optimizer: { lr: 1.2e-3, lrForBatch: 2048 },
  groups: { kind: "mmpretrain", undecayed: ["ln", "bias"], undecayedVectors: false },
  schedule: { kind: "cosine-mmengine", warmupEpochs: 40, warmupRatio: 1e-4, minimum: 0 },
  epochs: 300,
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
    backbone: { kind: "mixmim", variant: "B", dropPathRate: 0.1 },
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
  groups: { kind: "mixmim", layerDecay: 0.7 },
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
  model: { backbone: { rewrite: "mmpretrain" }, classes: 1000, headDeviation: 0.01 },
  optimizer: { lr: 2e-3, lrForBatch: 1024 },
  groups: {
    kind: "mmpretrain",
    undecayed: [".ln", ".bias"],
    undecayedVectors: false,
    layerDecay: 0.7,
  },
  schedule: {
    kind: "cosine-mmengine",
    warmupEpochs: 5,
    warmupRatio: 1e-6,
    minimum: 1e-6,
  },
  precision: "float32",
  mixing: { partners: "permutation", cutmixPartners: "permutation" },
});

const thirdParty: FinetuneBody = derive(openmmlabFinetuning, {
  optimizer: {
    kind: "sgd",
    lr: 0.1,
    lrForBatch: 512,
    momentum: 0.9,
    nesterov: false,
    weightDecay: 1e-4,
  },
  groups: { undecayed: [], layerDecay: undefined },
  schedule: {
    kind: "milestones",
    warmupEpochs: 0,
    warmupRatio: 0,
    milestones: [30, 60, 90],
    gamma: 0.1,
  },
  batch: { total: 512, micro: 64 },
});

/** By name. */
export const mixmimRecipes = {
  "mixmim_official_mixmim_base_pretrain_600e": pretraining,
  "mixmim_official_mixmim_large_pretrain": derive(pretraining, {
    model: { backbone: { variant: "L" } },
  }),
  "mixmim_official_mixmim_huge_pretrain": derive(pretraining, {
    model: { backbone: { variant: "H" } },
  }),
  "mixmim-base-p16_16xb128-coslr-300e_in1k": openmmlabPretraining,
  "mixmim_mixmim-base_16xb128-coslr-300e_in1k": openmmlabPretraining,
  "mixmim_official_mixmim_base_finetune_100e": finetuning,
  "mixmim_official_mixmim_base_384_finetune": derive(finetuning, {
    data: { imageSize: 384, evaluation: { crop: 384, resize: 384 } },
  }),
  "mixmim_official_mixmim_large_finetune": derive(finetuning, {
    model: { backbone: { variant: "L" } },
  }),
  "mixmim_official_mixmim_large_384_finetune": derive(finetuning, {
    data: { imageSize: 384, evaluation: { crop: 384, resize: 384 } },
    model: { backbone: { variant: "L" } },
  }),
  "mixmim_official_mixmim_huge_finetune": derive(finetuning, {
    model: { backbone: { variant: "H" } },
  }),
  "mixmim-base-p16_ft-8xb128-coslr-100e-in1k": openmmlabFinetuning,
  "mixmim-base_mixmim-pre_8xb128-coslr-100e_in1k": openmmlabFinetuning,
  "mixmim-base_3rdparty_in1k": thirdParty,
} satisfies Record<string, RecipeBody>;
