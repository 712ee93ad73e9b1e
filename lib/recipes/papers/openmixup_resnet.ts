/**
 * Recipes of fine-tuning of ResNets in openmixup after pretraining with A2MIM and SimMIM.
 *
 * @module
 */
import { derive, type FinetuneBody, type RecipeBody } from "../derive.ts";
import {
  cifarStatistics,
  evaluation224,
  imagenetStatistics,
  openmixupMixing,
  plainTransform,
} from "./shared.ts";

const plainResnet: FinetuneBody = {
  task: "finetune",
  data: {
    dataset: "imagenet",
    imageSize: 224,
    transform: plainTransform,
    evaluation: evaluation224,
    normalization: imagenetStatistics,
    repeats: 1,
  },
  model: {
    kind: "classifier",
    backbone: { kind: "resnet", variant: "50" },
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
  },
  groups: {
    kind: "openmixup",
    undecayed: ["(bn|ln|gn)(\\d+)?.(weight|bias)", "bias"],
    slowed: [],
  },
  schedule: {
    kind: "cosine-mmcv",
    warmupEpochs: 20,
    warmupRatio: 2e-4,
    minimum: 1e-6,
    byEpoch: false,
  },
  epochs: 100,
  batch: { total: 2048, micro: 256 },
  precision: "bfloat16",
  smoothing: 0,
  loss: "cross-entropy",
  evaluation: { everyEpochs: 1 },
};

const resnet: FinetuneBody = derive(plainResnet, {
  data: {
    imageSize: 192,
    transform: {
      randAugment: { variant: "timm", magnitude: 9, deviation: 0.5, operations: 2 },
      erasing: {
        variant: "timm",
        probability: 0.25,
        minimumArea: 0.02,
        maximumArea: 1 / 3,
      },
    },
    evaluation: { crop: 192, resize: 219 },
  },
  batch: { micro: 512 },
  smoothing: 0.1,
  mixing: openmixupMixing,
});

const incompleteCopy: FinetuneBody = derive(resnet, {
  data: {
    dataset: "imagenet100",
    imageSize: 224,
    evaluation: { crop: 224, resize: 256 },
  },
  model: { classes: 100 },
  groups: { undecayed: [] },
  batch: { micro: 256 },
  precision: "float32",
});

const cifarResnet18: FinetuneBody = {
  task: "finetune",
  data: {
    dataset: "cifar100",
    imageSize: 32,
    transform: {
      crop: { kind: "random-padded", padding: 4, mode: "reflect" },
      flip: 0.5,
    },
    evaluation: { crop: 32, interpolation: "bicubic", resize: 32 },
    normalization: cifarStatistics,
    repeats: 1,
  },
  model: {
    kind: "classifier",
    backbone: { kind: "resnet", variant: "18", stem: "full-size" },
    pooling: "patches",
    classes: 100,
    normalizeFeatures: false,
    headDeviation: 0.01,
  },
  optimizer: {
    kind: "sgd",
    lr: 0.1,
    lrForBatch: 100,
    momentum: 0.9,
    nesterov: false,
    weightDecay: 1e-4,
  },
  groups: { kind: "openmixup", undecayed: [], slowed: [] },
  schedule: {
    kind: "cosine-mmcv",
    warmupEpochs: 0,
    warmupRatio: 0,
    minimum: 0,
    byEpoch: true,
  },
  epochs: 200,
  batch: { total: 100, micro: 100 },
  precision: "float32",
  smoothing: 0,
  loss: "cross-entropy",
  evaluation: { everyEpochs: 1 },
};

/** By name. */
export const openmixupResnetRecipes = {
  "r50_ft_sz224_4xb256_accu2_cos_ep100": plainResnet,
  "r50_swin_ft_sz192_4xb512_accu1_cos_ep100": resnet,
  "r50_swin_ft_sz224_4xb256_accu2_cos_ep100": derive(resnet, {
    data: { imageSize: 224, evaluation: { crop: 224, resize: 256 } },
    batch: { micro: 256 },
  }),
  "r50_swin_ft_sz224_8xb128_accu2_cos_ep100": derive(resnet, {
    data: { imageSize: 224, evaluation: { crop: 224, resize: 256 } },
    batch: { micro: 128 },
  }),
  "imagenet100/r50_ft_sz224_4xb256_accu2_cos_ep100": derive(plainResnet, {
    data: { dataset: "imagenet100" },
    model: { classes: 100 },
  }),
  "imagenet100/r50_swin_ft_sz224_4xb256_accu2_cos_ep100": derive(resnet, {
    data: {
      dataset: "imagenet100",
      imageSize: 224,
      evaluation: { crop: 224, resize: 256 },
    },
    model: { classes: 100 },
    batch: { micro: 256 },
  }),
  "A2MIM/imagenet100/r50_swin_ft_sz224_4xb256_accu2_cos_ep100": incompleteCopy,
  "imagenet100/r50_swin_ft_sz224_8xb128_accu2_cos_ep100": derive(incompleteCopy, {
    groups: { undecayed: ["(bn|ln|gn)(\\d+)?.(weight|bias)", "bias"] },
    batch: { micro: 128 },
    precision: "bfloat16",
  }),
  "cifar100/r18_sz32_bs100_cos_ep200": cifarResnet18,
} satisfies Record<string, RecipeBody>;
