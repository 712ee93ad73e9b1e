/**
 * Recipes of SimMIM's pretraining in openmixup.
 *
 * @module
 */
import { derive, type PretrainBody, type RecipeBody } from "../derive.ts";
import {
  blockMasker,
  cifarStatistics,
  evaluation192,
  imagenetStatistics,
  simmimTransform,
} from "./shared.ts";

const cifarSwin: PretrainBody = {
  task: "pretrain",
  data: {
    dataset: "cifar10",
    imageSize: 192,
    transform: simmimTransform,
    evaluation: evaluation192,
    normalization: cifarStatistics,
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
    kind: "openmixup",
    undecayed: [
      "norm",
      "bias",
      "mask_token",
      "absolute_pos_embed",
      "relative_position_bias_table",
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
  epochs: 100,
  batch: { total: 2048, micro: 64 },
  precision: "bfloat16",
  evaluation: { neighboursEveryEpochs: 0 },
};

const convnext: PretrainBody = derive(cifarSwin, {
  data: {
    dataset: "imagenet",
    imageSize: 224,
    evaluation: { crop: 224, resize: 256 },
    normalization: imagenetStatistics,
  },
  model: {
    backbone: { kind: "convnext", variant: "B" },
    token: { kind: "add", layer: 0 },
  },
  optimizer: { lrForBatch: 4096, maximumGradientNorm: undefined },
  groups: {
    undecayed: ["(bn|ln|gn)(\\d+)?.(weight|bias)", "bias", "gamma", "mask_token"],
  },
  schedule: { kind: "cosine-openmixup", warmupEpochs: 10, minimum: 1e-5 },
  epochs: 300,
  batch: { total: 4096, micro: 256 },
});

const resnet: PretrainBody = derive(convnext, {
  model: {
    backbone: { kind: "resnet", variant: "101" },
    token: { kind: "replace", layer: 0 },
  },
  optimizer: { lrForBatch: 2048 },
  groups: { undecayed: ["(bn|ln|gn)(\\d+)?.(weight|bias)", "bias", "mask_token"] },
  batch: { total: 2048 },
});

const swin: PretrainBody = derive(cifarSwin, {
  data: { dataset: "imagenet", normalization: imagenetStatistics },
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

const vit: PretrainBody = derive(swin, {
  data: { imageSize: 224, evaluation: { crop: 224, resize: 256 } },
  model: {
    backbone: {
      kind: "vit",
      variant: "B/16",
      finalNorm: true,
      relativePositions: true,
      layerScale: 0.1,
      dropPathRate: 0.1,
      qkvBias: "query-value",
    },
    fill: true,
  },
  groups: {
    undecayed: [
      "(bn|ln|gn)(\\d+)?.(weight|bias)",
      "norm",
      "bias",
      "mask_token",
      "pos_embed",
      "cls_token",
      "gamma",
    ],
  },
});

const imagenet100Resnet: PretrainBody = derive(cifarSwin, {
  data: { dataset: "imagenet100", normalization: imagenetStatistics },
  model: { backbone: { kind: "resnet", variant: "50" } },
  groups: { undecayed: ["(bn|ln|gn)(\\d+)?.(weight|bias)", "bias", "mask_token"] },
  schedule: { warmupRatio: 1e-6 },
  epochs: 800,
  batch: { micro: 128 },
  precision: "float32",
});

/** By name. */
export const simmimRecipes = {
  "cifar10/swin_base_sz192_8xb64_accu4_cos_ep1000": cifarSwin,
  "A2MIM/cifar10/swin_base_sz192_8xb64_accu4_cos_ep1000": derive(cifarSwin, {
    precision: "float32",
  }),
  "cifar100/swin_base_sz192_8xb64_accu4_cos_ep1000": derive(cifarSwin, {
    data: { dataset: "cifar100" },
  }),
  "A2MIM/cifar100/swin_base_sz192_8xb64_accu4_cos_ep1000": derive(cifarSwin, {
    data: { dataset: "cifar100" },
    precision: "float32",
  }),
  "convnext_base_sz224_8xb256_fp16_ep300": convnext,
  "convnext_small_sz224_8xb256_fp16_ep300": derive(convnext, {
    model: { backbone: { variant: "S" } },
    optimizer: { lrForBatch: 2048 },
    batch: { total: 2048 },
  }),
  "convnext_tiny_sz224_8xb256_fp16_ep300": derive(convnext, {
    model: { backbone: { variant: "T" } },
    optimizer: { lrForBatch: 2048 },
    batch: { total: 2048 },
  }),
  "r101_sz224_8xb256_fp16_ep300": resnet,
  "r152_sz224_8xb256_fp16_ep300": derive(resnet, {
    model: { backbone: { variant: "152" } },
  }),
  "r200_sz224_8xb256_fp16_ep300": derive(resnet, {
    model: { backbone: { variant: "200" } },
  }),
  "r50_sz224_8xb256_fp16_ep300": derive(resnet, {
    model: { backbone: { variant: "50" } },
  }),
  "swin_base_sz192_8xb128_accu2_cos_ep100": derive(cifarSwin, {
    data: { dataset: "imagenet", normalization: imagenetStatistics },
    batch: { micro: 128 },
    precision: "float32",
  }),
  "swin_base_sz192_8xb128_accu2_cos_ep800": swin,
  "vit_base_rgb_m_sz224_8xb128_accu2_step_fp16_ep800": vit,
  "vit_base_sz224_8xb128_accu2_step_fp16_ep800": derive(vit, { model: { fill: false } }),
  "vit_large_sz224_8xb128_accu2_step_fp16_ep800": derive(vit, {
    model: { backbone: { variant: "L/16" }, fill: false },
    precision: "bfloat16",
  }),
  "vit_small_sz224_8xb256_step_fp16_ep800": derive(vit, {
    model: { backbone: { variant: "S768/16" }, fill: false },
    batch: { micro: 256 },
    precision: "bfloat16",
  }),
  "imagenet100/r50_sz192_8xb128_accu2_cos_ep800": imagenet100Resnet,
  "imagenet100/swin_tiny_sz192_8xb128_accu2_cos_ep800": derive(imagenet100Resnet, {
    model: { backbone: { kind: "swin", variant: "T" } },
    groups: {
      undecayed: [
        "(bn|ln|gn)(\\d+)?.(weight|bias)",
        "bias",
        "mask_token",
        "absolute_pos_embed",
        "relative_position_bias_table",
      ],
    },
    schedule: { warmupRatio: 4e-6 },
  }),
} satisfies Record<string, RecipeBody>;
