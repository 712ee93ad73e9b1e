/**
 * Recipes of linear probing in openmixup after pretraining with A2MIM and SimMIM.
 *
 * @module
 */
import { derive, type LinearBody, type RecipeBody } from "../derive.ts";
import {
  cifarStatistics,
  evaluation224,
  imagenetStatistics,
  openmixupMixing,
  plainTransform,
} from "./shared.ts";

const resnetInSteps: LinearBody = {
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
    backbone: { kind: "resnet", variant: "18" },
    pooling: "patches",
    classes: 1000,
    normalizeFeatures: false,
    headDeviation: 0.01,
  },
  optimizer: {
    kind: "sgd",
    lr: 30,
    lrForBatch: 256,
    momentum: 0.9,
    nesterov: false,
    weightDecay: 0,
  },
  groups: { kind: "openmixup", undecayed: [], slowed: [] },
  schedule: {
    kind: "milestones",
    warmupEpochs: 0,
    warmupRatio: 0,
    milestones: [60, 80],
    gamma: 0.1,
  },
  epochs: 100,
  batch: { total: 256, micro: 64 },
  precision: "float32",
  smoothing: 0,
  loss: "cross-entropy",
  evaluation: { everyEpochs: 1 },
};

const resnetOfAllStages: LinearBody = derive(resnetInSteps, {
  data: {
    transform: {
      colorJitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0 },
      lighting: 0.1,
    },
  },
  model: {
    backbone: { kind: "missing", variant: "ResNet-50 with 4 heads" },
  },
  optimizer: { lr: 0.01, weightDecay: 1e-4 },
  groups: { undecayed: ["(bn|ln|gn)(\\d+)?.(weight|bias)"] },
  schedule: { milestones: [30, 60, 90] },
  epochs: 90,
});

const vit: LinearBody = derive(resnetInSteps, {
  model: { backbone: { kind: "vit", variant: "S768/16", dropPathRate: 0.1 } },
  optimizer: { lr: 12, lrForBatch: 1024 },
  schedule: {
    kind: "cosine-mmcv",
    warmupEpochs: 0,
    warmupRatio: 0,
    minimum: 0,
    byEpoch: true,
  },
  epochs: 90,
  batch: { total: 1024, micro: 128 },
  precision: "bfloat16",
  smoothing: 0.1,
  mixing: openmixupMixing,
});

const cifarDeit: LinearBody = derive(vit, {
  data: {
    dataset: "cifar100",
    transform: {
      crop: { scale: [0.2, 1] },
      randAugment: { variant: "openmixup", magnitude: 9, deviation: 0.5, operations: 2 },
      erasing: {
        variant: "mmpretrain",
        probability: 0.25,
        minimumArea: 0.02,
        maximumArea: 1 / 3,
      },
    },
    normalization: cifarStatistics,
  },
  model: {
    backbone: { variant: "S/16" },
    pooling: "class-token",
    classes: 100,
    headDeviation: 0.02,
  },
  optimizer: { lr: 1, lrForBatch: 512 },
  epochs: 100,
  batch: { total: 512 },
  precision: "float32",
});

const cifarResnet18: LinearBody = derive(cifarDeit, {
  data: { transform: { randAugment: undefined, erasing: undefined } },
  model: {
    backbone: { kind: "resnet", variant: "18" },
    pooling: "patches",
    headDeviation: 0.01,
  },
  optimizer: { lrForBatch: 256 },
  batch: { total: 256, micro: 64 },
  mixing: undefined,
  smoothing: 0,
});

/** By name. */
export const openmixupLinearRecipes = {
  "r18_linear_sz224_4xb64_step_ep100": resnetInSteps,
  "r50_linear_sz224_4xb64_step_ep100": derive(resnetInSteps, {
    model: { backbone: { kind: "resnet", variant: "50" } },
  }),
  "r50_mhead_sz224_4xb64_step_ep90": resnetOfAllStages,
  "vit_small_p16_linear_sz224_8xb128_cos_ep90": vit,
  "vit_small_p16_linear_sz224_8xb128_step_ep90": derive(vit, {
    schedule: {
      kind: "milestones",
      warmupEpochs: 0,
      warmupRatio: 0,
      milestones: [60, 80],
      gamma: 0.1,
    },
  }),
  "imagenet100/r18_linear_sz224_4xb64_step_ep100": derive(resnetInSteps, {
    data: { dataset: "imagenet100" },
    model: { classes: 100 },
  }),
  "A2MIM/imagenet100/r18_linear_sz224_4xb64_step_ep100": derive(resnetInSteps, {
    data: { dataset: "imagenet100" },
    model: { classes: 100 },
  }),
  "imagenet100/r50_linear_sz224_4xb64_step_ep100": derive(resnetInSteps, {
    data: { dataset: "imagenet100" },
    model: { backbone: { kind: "resnet", variant: "50" }, classes: 100 },
  }),
  "imagenet100/vit_small_p16_linear_sz224_8xb128_cos_ep90": derive(vit, {
    data: { dataset: "imagenet100" },
  }),
  "A2MIM/imagenet100/vit_small_p16_linear_sz224_8xb128_cos_ep90": derive(vit, {
    data: { dataset: "imagenet100" },
    precision: "float32",
  }),
  "cifar100/deit_small_p16_linear_sz224_4xb128_cos_ep100": cifarDeit,
  "cifar100/r18_linear_sz224_4xb64_cos_ep100": cifarResnet18,
  "cifar100/r18_linear_sz224_4xb64_step_ep100": derive(cifarResnet18, {
    schedule: {
      kind: "milestones",
      warmupEpochs: 0,
      warmupRatio: 0,
      milestones: [60, 80],
      gamma: 0.1,
    },
  }),
  "cifar100/r50_linear_sz224_4xb64_cos_ep100": derive(cifarResnet18, {
    model: { backbone: { kind: "resnet", variant: "50" } },
    optimizer: { lr: 0.1 },
  }),
} satisfies Record<string, RecipeBody>;
