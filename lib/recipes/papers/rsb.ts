/**
 * Recipes of fine-tuning ResNets and ConvNeXts after pretraining with A2MIM and SimMIM, as
 * "ResNet strikes back" and SparK have it, in openmixup.
 *
 * @module
 */
import { derive, type FinetuneBody, type RecipeBody } from "../derive.ts";
import {
  evaluation224,
  imagenetStatistics,
  openmixupMixing,
  timmTransform,
} from "./shared.ts";

const spark: FinetuneBody = {
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
    backbone: { kind: "convnext", variant: "B", dropPathRate: 0.5 },
    pooling: "patches",
    classes: 1000,
    normalizeFeatures: false,
    headDeviation: 0.02,
  },
  optimizer: {
    kind: "adamw",
    lr: 4e-3,
    lrForBatch: 4096,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    weightDecay: 0.05,
  },
  groups: {
    kind: "openmixup",
    undecayed: ["(bn|ln|gn)(\\d+)?.(weight|bias)", "norm", "bias", "gamma"],
    slowed: [],
  },
  schedule: {
    kind: "cosine-mmcv",
    warmupEpochs: 5,
    warmupRatio: 1e-5,
    minimum: 1e-6,
    byEpoch: false,
  },
  epochs: 300,
  batch: { total: 4096, micro: 256 },
  precision: "bfloat16",
  ema: {
    momentum: 0.9999,
    of: "parameters",
    warmup: { kind: "linear", ratio: 0.9, steps: 6260 },
  },
  mixing: openmixupMixing,
  smoothing: 0.1,
  loss: "cross-entropy",
  evaluation: { everyEpochs: 1 },
};

const convnextA3: FinetuneBody = derive(spark, {
  data: {
    imageSize: 160,
    transform: {
      randAugment: { variant: "openmixup", magnitude: 6 },
      erasing: undefined,
    },
    evaluation: { resize: 236 },
  },
  model: { backbone: { variant: "T", dropPathRate: 0.1 } },
  optimizer: {
    kind: "lamb",
    lr: 8e-3,
    lrForBatch: 2048,
    betas: [0.9, 0.999],
    epsilon: 1e-6,
    alwaysAdapt: false,
    trustClip: false,
    weightDecay: 0.02,
    maximumGradientNorm: 1,
  },
  epochs: 100,
  batch: { total: 2048 },
  ema: undefined,
  mixing: { mixupAlpha: 0.1 },
  loss: "binary-cross-entropy",
});

const a2Averaged: FinetuneBody = derive(convnextA3, {
  data: { imageSize: 224, transform: { randAugment: { magnitude: 7 } }, repeats: 3 },
  model: {
    backbone: { kind: "resnet", variant: "101", dropPathRate: 0.1 },
    headDeviation: 0.01,
  },
  optimizer: { lr: 5e-3 },
  groups: { undecayed: ["(bn|gn)(\\d+)?.(weight|bias)", "bias"] },
  schedule: { byEpoch: true },
  epochs: 300,
  smoothing: 0,
});

const a2: FinetuneBody = derive(a2Averaged, {
  model: { backbone: { variant: "50", dropPathRate: 0.05 } },
  ema: {
    momentum: 0.9999,
    of: "parameters",
    warmup: { kind: "linear", ratio: 0.9, steps: 12520 },
  },
});

const a3: FinetuneBody = derive(convnextA3, {
  model: { backbone: { kind: "resnet", variant: "50" }, headDeviation: 0.01 },
  groups: { undecayed: ["(bn|gn)(\\d+)?.(weight|bias)", "bias"] },
  schedule: { byEpoch: true },
  batch: { micro: 512 },
  smoothing: 0,
});

/** By name. */
export const rsbRecipes = {
  "convnext_b_spark_ft_sz224_8xb256_cos_fp16_ep300": spark,
  "convnext_s_spark_ft_sz224_8xb256_cos_fp16_ep300": derive(spark, {
    model: { backbone: { variant: "S", dropPathRate: 0.4 } },
  }),
  "convnext_t_rsb_a3_ft_sz160_8xb256_cos_fp16_ep100": convnextA3,
  "convnext_t_spark_ft_sz224_8xb256_cos_fp16_ep400": derive(spark, {
    model: { backbone: { variant: "T", dropPathRate: 0.1 } },
    optimizer: { lr: 4e-4, weightDecay: 0.01 },
    groups: { layerDecay: 0.7 },
    epochs: 400,
  }),
  "r101_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300": a2Averaged,
  "A2MIM/r101_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300": derive(a2Averaged, {
    model: { backbone: { dropPathRate: 0.05 } },
  }),
  "r101_rsb_a3_ft_sz160_8xb256_cos_fp16_ep100": derive(convnextA3, {
    model: { backbone: { kind: "resnet", variant: "101" }, headDeviation: 0.01 },
    groups: { undecayed: ["(bn|gn)(\\d+)?.(weight|bias)", "bias"] },
    schedule: { byEpoch: true },
    smoothing: 0,
  }),
  "r152_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300": derive(a2Averaged, {
    model: { backbone: { variant: "152", dropPathRate: 0.15 } },
  }),
  "A2MIM/r152_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300": derive(a2Averaged, {
    model: { backbone: { variant: "152", dropPathRate: 0.05 } },
  }),
  "r152_rsb_a3_ft_sz160_8xb256_cos_fp16_ep100": derive(convnextA3, {
    model: { backbone: { kind: "resnet", variant: "152" }, headDeviation: 0.01 },
    groups: { undecayed: ["(bn|gn)(\\d+)?.(weight|bias)", "bias"] },
    schedule: { byEpoch: true },
    smoothing: 0,
  }),
  "r200_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300": derive(a2Averaged, {
    model: { backbone: { variant: "200", dropPathRate: 0.2 } },
  }),
  "r200_rsb_a3_ft_sz160_8xb256_cos_fp16_ep100": derive(convnextA3, {
    model: { backbone: { kind: "resnet", variant: "200" }, headDeviation: 0.01 },
    groups: { undecayed: ["(bn|gn)(\\d+)?.(weight|bias)", "bias"] },
    schedule: { byEpoch: true },
    smoothing: 0,
  }),
  "r50_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300": a2,
  "r50_rsb_a3_ft_sz160_4xb512_cos_fp16_ep100": a3,
} satisfies Record<string, RecipeBody>;
