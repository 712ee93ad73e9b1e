/**
 * Recipes of MAE in mmpretrain and openmixup.
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
  bilinearEvaluation224,
  evaluation224,
  imagenetStatistics,
  maeDecoder,
  maeTransform,
  mmpretrainMaeUndecayed,
  mmpretrainMixing,
  mmpretrainTransform,
  plainBilinearTransform,
} from "./shared.ts";

const mmpretrainPretraining: PretrainBody = {
  task: "pretrain",
  data: {
    dataset: "imagenet",
    imageSize: 224,
    transform: maeTransform,
    evaluation: evaluation224,
    normalization: imagenetStatistics,
    repeats: 1,
  },
  model: {
    kind: "mae",
    backbone: { kind: "vit", variant: "B/16" },
    decoder: maeDecoder,
    normalizePixels: true,
  },
  masker: { kind: "random", ratio: 0.75 },
  optimizer: {
    kind: "adamw",
    lr: 2.4e-3,
    lrForBatch: 4096,
    betas: [0.9, 0.95],
    epsilon: 1e-8,
    weightDecay: 0.05,
  },
  groups: {
    kind: "mmpretrain",
    undecayed: mmpretrainMaeUndecayed,
    undecayedVectors: false,
  },
  schedule: { kind: "cosine-mmengine", warmupEpochs: 40, warmupRatio: 1e-4, minimum: 0 },
  epochs: 1600,
  batch: { total: 4096, micro: 512 },
  precision: "bfloat16",
  evaluation: { neighboursEveryEpochs: 0 },
};

const openmixupPretraining: PretrainBody = derive(mmpretrainPretraining, {
  groups: {
    kind: "openmixup",
    undecayed: [
      "(bn|ln|gn)(\\d+)?.(weight|bias)",
      "norm",
      "bias",
      "pos_embed",
      "mask_token",
      "cls_token",
    ],
    slowed: [],
  },
  schedule: { kind: "cosine-openmixup", warmupEpochs: 40, minimum: 0 },
  epochs: 400,
});

const mmpretrainFinetuning: FinetuneBody = {
  task: "finetune",
  data: {
    dataset: "imagenet",
    imageSize: 224,
    transform: mmpretrainTransform,
    evaluation: evaluation224,
    normalization: imagenetStatistics,
    repeats: 1,
  },
  model: {
    kind: "classifier",
    backbone: { kind: "vit", variant: "B/16", dropPathRate: 0.1 },
    pooling: "patches",
    classes: 1000,
    normalizeFeatures: false,
    headDeviation: 2e-5,
  },
  optimizer: {
    kind: "adamw",
    lr: 2e-3,
    lrForBatch: 1024,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    weightDecay: 0.05,
  },
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
  epochs: 100,
  batch: { total: 1024, micro: 128 },
  precision: "float32",
  mixing: mmpretrainMixing,
  smoothing: 0.1,
  loss: "cross-entropy",
  evaluation: { everyEpochs: 1 },
};

const mmpretrainFinetuning448: FinetuneBody = derive(mmpretrainFinetuning, {
  data: { imageSize: 448, evaluation: { crop: 448, resize: 512 } },
  model: { backbone: { variant: "H/14", dropPathRate: 0.3 } },
  optimizer: { lr: 4e-3, lrForBatch: 4096 },
  groups: { layerDecay: 0.75 },
  epochs: 50,
  batch: { total: 4096 },
});

const mmpretrainProbing: LinearBody = {
  task: "linear",
  data: {
    dataset: "imagenet",
    imageSize: 224,
    transform: plainBilinearTransform,
    evaluation: bilinearEvaluation224,
    normalization: imagenetStatistics,
    repeats: 1,
  },
  model: {
    kind: "linear-probe",
    backbone: { kind: "vit", variant: "B/16" },
    pooling: "class-token",
    classes: 1000,
    normalizeFeatures: true,
    headDeviation: 0.01,
  },
  optimizer: {
    kind: "lars-mmpretrain",
    lr: 6.4,
    lrForBatch: 16384,
    momentum: 0.9,
    trustCoefficient: 1e-3,
    weightDecay: 0,
  },
  groups: { kind: "mmpretrain", undecayed: [], undecayedVectors: false },
  schedule: { kind: "cosine-mmengine", warmupEpochs: 10, warmupRatio: 1e-4, minimum: 0 },
  epochs: 90,
  batch: { total: 16384, micro: 2048 },
  precision: "bfloat16",
  smoothing: 0,
  loss: "cross-entropy",
  evaluation: { everyEpochs: 1 },
};

/** By name. */
export const maeRewritesRecipes = {
  "mae_vit-base-p16_8xb512-amp-coslr-1600e_in1k": mmpretrainPretraining,
  "mae_vit-base-p16_8xb512-amp-coslr-300e_in1k": derive(mmpretrainPretraining, {
    epochs: 300,
  }),
  "mae_vit-base-p16_8xb512-amp-coslr-400e_in1k": derive(mmpretrainPretraining, {
    epochs: 400,
  }),
  "mae_vit-base-p16_8xb512-amp-coslr-800e_in1k": derive(mmpretrainPretraining, {
    schedule: { warmupRatio: 1e-9 },
    epochs: 800,
  }),
  "mae_vit-huge-p14_8xb512-amp-coslr-1600e_in1k": derive(mmpretrainPretraining, {
    model: { backbone: { variant: "H/14" } },
  }),
  "mae_vit-large-p16_8xb512-amp-coslr-1600e_in1k": derive(mmpretrainPretraining, {
    model: { backbone: { variant: "L/16" } },
  }),
  "mae_vit-large-p16_8xb512-amp-coslr-300e_in1k": derive(mmpretrainPretraining, {
    model: { backbone: { variant: "L/16" } },
    epochs: 300,
  }),
  "mae_vit-large-p16_8xb512-amp-coslr-400e_in1k": derive(mmpretrainPretraining, {
    model: { backbone: { variant: "L/16" } },
    epochs: 400,
  }),
  "mae_vit-large-p16_8xb512-amp-coslr-800e_in1k": derive(mmpretrainPretraining, {
    model: { backbone: { variant: "L/16" } },
    schedule: { warmupRatio: 1e-9 },
    epochs: 800,
  }),
  "vit_base_dec8_dim512_8xb512_cos": openmixupPretraining,
  "vit_base_dec8_dim512_8xb512_cos_fp16_ep1600": derive(openmixupPretraining, {
    epochs: 1600,
  }),
  "vit_base_dec8_dim512_8xb512_cos_fp16_ep400": openmixupPretraining,
  "vit_base_dec8_dim512_8xb512_cos_fp16_ep800": derive(openmixupPretraining, {
    epochs: 800,
  }),
  "vit_huge_dec8_dim512_8xb128_accu4_cos_fp16_ep1600": derive(openmixupPretraining, {
    model: { backbone: { variant: "H/14" } },
    epochs: 1600,
    batch: { micro: 128 },
  }),
  "vit_large_dec8_dim512_8xb256_accu2_cos": derive(openmixupPretraining, {
    model: { backbone: { variant: "L/16" } },
    batch: { micro: 256 },
  }),
  "vit_large_dec8_dim512_8xb256_accu2_cos_fp16_ep1600": derive(openmixupPretraining, {
    model: { backbone: { variant: "L/16" } },
    epochs: 1600,
    batch: { micro: 256 },
  }),
  "vit_large_dec8_dim512_8xb256_accu2_cos_fp16_ep400": derive(openmixupPretraining, {
    model: { backbone: { variant: "L/16" } },
    batch: { micro: 256 },
  }),
  "vit_large_dec8_dim512_8xb256_accu2_cos_fp16_ep800": derive(openmixupPretraining, {
    model: { backbone: { variant: "L/16" } },
    epochs: 800,
    batch: { micro: 256 },
  }),
  "vit_small_dec6_dim512_8xb512_cos": derive(openmixupPretraining, {
    model: { backbone: { variant: "S768/16" }, decoder: { width: 192, depth: 6 } },
    groups: { undecayed: ["norm", "bias", "pos_embed", "mask_token", "cls_token"] },
    precision: "float32",
  }),
  "vit-base-p16_8xb128-coslr-100e_in1k": mmpretrainFinetuning,
  "vit-huge-p14_32xb8-coslr-50e_in1k-448px": mmpretrainFinetuning448,
  "vit-huge-p14_8xb128-coslr-50e_in1k": derive(mmpretrainFinetuning, {
    model: { backbone: { variant: "H/14", dropPathRate: 0.3 } },
    optimizer: { lr: 4e-3 },
    groups: { layerDecay: 0.75 },
    epochs: 50,
  }),
  "vit-large-p16_8xb128-coslr-50e_in1k": derive(mmpretrainFinetuning, {
    model: { backbone: { variant: "L/16", dropPathRate: 0.2 } },
    optimizer: { lr: 4e-3 },
    groups: { layerDecay: 0.75 },
    epochs: 50,
  }),
  "vit-base-p16_8xb2048-linear-coslr-90e_in1k": mmpretrainProbing,
  "vit-large-p16_8xb2048-linear-coslr-90e_in1k": derive(mmpretrainProbing, {
    model: { backbone: { variant: "L/16" } },
  }),
} satisfies Record<string, RecipeBody>;
