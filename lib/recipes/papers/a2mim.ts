/**
 * Recipes of A2MIM's pretraining, in openmixup.
 *
 * @module
 */
import { derive, type PretrainBody, type RecipeBody } from "../derive.ts";
import {
  blockMasker,
  cifarStatistics,
  evaluation224,
  imagenetStatistics,
  simmimTransform,
} from "./shared.ts";

const cifarResnet: PretrainBody = {
  task: "pretrain",
  data: {
    dataset: "cifar100",
    imageSize: 224,
    transform: simmimTransform,
    evaluation: evaluation224,
    normalization: cifarStatistics,
    repeats: 1,
  },
  model: {
    kind: "a2mim",
    backbone: { kind: "resnet", variant: "50" },
    token: { kind: "add", layer: 3, scale: 1e-6 },
    fill: true,
    head: "linear",
    regression: { kind: "focal-l1", gamma: 1, alpha: 0.2 },
    unmaskWeight: 0,
    fourier: {
      unmaskWeight: 1e-3,
      weight: 0.5,
      focal: true,
      replacement: "mixed",
      reweight: false,
    },
  },
  masker: blockMasker,
  optimizer: {
    kind: "adamw",
    lr: 1.2e-3,
    lrForBatch: 512,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    weightDecay: 0.05,
  },
  groups: {
    kind: "openmixup",
    undecayed: ["(bn|ln|gn)(\\d+)?.(weight|bias)", "bias", "mask_token"],
    slowed: ["mask_token"],
  },
  schedule: { kind: "cosine-openmixup", warmupEpochs: 10, minimum: 1e-5 },
  epochs: 1000,
  batch: { total: 512, micro: 64 },
  precision: "bfloat16",
  evaluation: { neighboursEveryEpochs: 0 },
};

const cifarVit: PretrainBody = {
  task: "pretrain",
  data: {
    dataset: "cifar100",
    imageSize: 224,
    transform: simmimTransform,
    evaluation: evaluation224,
    normalization: cifarStatistics,
    repeats: 1,
  },
  model: {
    kind: "a2mim",
    backbone: {
      kind: "vit",
      variant: "S768/16",
      finalNorm: true,
      relativePositions: true,
      layerScale: 0.1,
      dropPathRate: 0.1,
      qkvBias: "query-value",
    },
    token: { kind: "add", layer: 0 },
    fill: true,
    head: "linear",
    regression: { kind: "l1" },
    unmaskWeight: 0,
    fourier: {
      unmaskWeight: 0,
      weight: 0,
      focal: true,
      replacement: "mixed",
      reweight: false,
    },
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
    kind: "openmixup",
    undecayed: [
      "(bn|ln|gn)(\\d+)?.(weight|bias)",
      "norm",
      "bias",
      "mask_token",
      "pos_embed",
      "cls_token",
      "gamma",
    ],
    slowed: [],
  },
  schedule: {
    kind: "cosine-mmcv",
    warmupEpochs: 10,
    warmupRatio: 4e-6,
    minimum: 4e-5,
    byEpoch: false,
  },
  epochs: 1000,
  batch: { total: 2048, micro: 256 },
  precision: "bfloat16",
  evaluation: { neighboursEveryEpochs: 0 },
};

const convnext: PretrainBody = derive(cifarResnet, {
  data: {
    dataset: "imagenet",
    transform: { crop: { scale: [0.8, 1] } },
    normalization: imagenetStatistics,
  },
  model: {
    backbone: { kind: "convnext", variant: "B" },
    fourier: { unmaskWeight: 0, weight: 0, focal: false },
  },
  optimizer: { lrForBatch: 2048 },
  groups: {
    undecayed: [
      "(bn|ln|gn)(\\d+)?.(weight|bias)",
      "bias",
      "gamma",
      "mask_token",
      "mask_gamma",
    ],
    slowed: ["mask_token", "mask_gamma"],
  },
  epochs: 300,
  batch: { total: 2048, micro: 256 },
});

const resnet: PretrainBody = derive(convnext, {
  model: {
    backbone: { kind: "resnet", variant: "101" },
    fourier: { unmaskWeight: 1e-3, weight: 0.1 },
  },
  groups: {
    undecayed: ["(bn|ln|gn)(\\d+)?.(weight|bias)", "bias", "mask_token"],
    slowed: ["mask_token"],
  },
  precision: "float32",
});

const vit: PretrainBody = derive(cifarVit, {
  data: { dataset: "imagenet", normalization: imagenetStatistics },
  model: { backbone: { variant: "B/16" }, fourier: { weight: 0.1 } },
  optimizer: { lr: 4e-4 },
  schedule: {
    kind: "milestones",
    warmupEpochs: 10,
    warmupRatio: 2e-6,
    milestones: [700],
    gamma: 0.1,
  },
  epochs: 800,
  batch: { micro: 128 },
  precision: "float32",
});

const imagenet100Vit: PretrainBody = derive(vit, {
  data: {
    dataset: "imagenet100",
    imageSize: 192,
    evaluation: { crop: 192, resize: 219 },
  },
  model: { backbone: { variant: "S/16" }, head: "depthwise-convolution" },
  optimizer: { lr: 8e-4 },
  schedule: { kind: "cosine-openmixup", warmupEpochs: 10, minimum: 1e-5 },
  batch: { micro: 256 },
});

const imagenet100Resnet: PretrainBody = derive(convnext, {
  data: {
    dataset: "imagenet100",
    imageSize: 192,
    transform: { crop: { scale: [0.08, 1], interpolation: "bicubic" } },
    evaluation: { crop: 192, resize: 219 },
  },
  model: {
    backbone: { kind: "resnet", variant: "50" },
    fourier: { unmaskWeight: 1e-3, weight: 0.5, focal: true },
  },
  groups: {
    undecayed: ["(bn|ln|gn)(\\d+)?.(weight|bias)", "bias", "mask_token", "mask_gamma"],
  },
  epochs: 800,
});

/** By name. */
export const a2mimRecipes = {
  "cifar100/r50_l3_sz224_init_4xb256_accu2_cos_ep1000": cifarResnet,
  "cifar100/vit_small_l0_sz224_4xb256_accu2_cos_ep1000": cifarVit,
  "convnext_b_l3_sz224_init_8xb256_cos_ep300": convnext,
  "A2MIM/convnext_b_l3_sz224_init_8xb256_cos_ep300": convnext,
  "convnext_s_l3_sz224_init_8xb256_cos_ep300": derive(convnext, {
    model: { backbone: { variant: "S" } },
  }),
  "convnext_t_l3_sz224_init_8xb256_cos_ep300": derive(convnext, {
    model: { backbone: { variant: "T" } },
  }),
  "A2MIM/convnext_t_l3_sz224_init_8xb256_cos_ep300": derive(convnext, {
    model: { backbone: { variant: "T" }, fourier: { unmaskWeight: 1e-3 } },
  }),
  "moganet_s_l3_sz224_init_8xb256_cos_ep300": derive(convnext, {
    model: {
      backbone: { kind: "missing", variant: "MogaNet-S" },
      fourier: { unmaskWeight: 1e-3 },
    },
  }),
  "r101_l3_sz224_init_8xb256_cos_ep300": resnet,
  "r152_l3_sz224_init_8xb256_cos_ep300": derive(resnet, {
    model: { backbone: { variant: "152" }, fourier: { weight: 0 } },
  }),
  "A2MIM/r152_l3_sz224_init_8xb256_cos_ep300": derive(resnet, {
    model: { backbone: { variant: "152" } },
  }),
  "r200_l3_sz224_init_8xb256_cos_ep300": derive(resnet, {
    model: { backbone: { variant: "200" }, fourier: { weight: 0 } },
  }),
  "A2MIM/r200_l3_sz224_init_8xb256_cos_ep300": derive(resnet, {
    model: { backbone: { variant: "200" }, fourier: { weight: 0 } },
  }),
  "r50_l0_sz224_8xb256_cos_ep100": derive(resnet, {
    model: {
      backbone: { variant: "50" },
      token: { layer: 0, scale: undefined },
      fourier: { weight: 0.5, focal: true },
    },
    epochs: 100,
  }),
  "r50_l3_sz224_8xb256_cos_ep100": derive(resnet, {
    model: {
      backbone: { variant: "50" },
      token: { scale: undefined },
      fourier: { weight: 0.5, focal: true },
    },
    epochs: 100,
  }),
  "r50_l3_sz224_init_8xb256_cos_ep100": derive(resnet, {
    model: { backbone: { variant: "50" }, fourier: { weight: 0.5, focal: true } },
    groups: {
      undecayed: ["(bn|ln|gn)(\\d+)?.(weight|bias)", "bias", "mask_token", "mask_gamma"],
      slowed: ["mask_token", "mask_gamma"],
    },
    epochs: 100,
  }),
  "r50_l3_sz224_init_8xb256_cos_ep300": derive(resnet, {
    model: { backbone: { variant: "50" }, fourier: { weight: 0.5, focal: true } },
  }),
  "vit_base_l0_sz224_8xb128_accu2_step_ep800": vit,
  "vit_large_l0_sz224_8xb128_accu2_step_ep800": derive(vit, {
    model: { backbone: { variant: "L/16" } },
  }),
  "vit_small_l0_sz224_8xb256_step_ep800": derive(vit, {
    model: { backbone: { variant: "S768/16" } },
    batch: { micro: 256 },
  }),
  "A2MIM/vit_small_l0_sz224_8xb256_step_ep800": derive(vit, {
    model: { backbone: { variant: "S768/16" } },
    batch: { micro: 256 },
  }),
  "imagenet100/deit_small_l0_mlp_sz192_4xb256_accu2_cos_ep800": imagenet100Vit,
  "imagenet100/deit_small_l8_sz192_4xb256_accu2_cos_ep800": derive(imagenet100Vit, {
    model: { token: { layer: 8 }, head: "linear" },
  }),
  "imagenet100/r50_l3_sz192_4xb256_accu2_cos_fp16_ep800": imagenet100Resnet,
} satisfies Record<string, RecipeBody>;
