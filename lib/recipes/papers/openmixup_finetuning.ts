/**
 * Recipes of fine-tuning of transformers in openmixup after pretraining with A2MIM and SimMIM.
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

const beit: FinetuneBody = {
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
    backbone: { kind: "missing", variant: "BEiT-B/16", dropPathRate: 0.1 },
    pooling: "patches",
    classes: 1000,
    normalizeFeatures: false,
    headDeviation: 0.02,
  },
  optimizer: {
    kind: "adamw",
    lr: 4e-3,
    lrForBatch: 1024,
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
      "cls_token",
      "pos_embed",
      "gamma",
    ],
    slowed: [],
    layerDecay: 0.65,
  },
  schedule: {
    kind: "cosine-mmcv",
    warmupEpochs: 5,
    warmupRatio: 1e-4,
    minimum: 1e-6,
    byEpoch: false,
  },
  epochs: 100,
  batch: { total: 1024, micro: 128 },
  precision: "bfloat16",
  mixing: openmixupMixing,
  smoothing: 0.1,
  loss: "cross-entropy",
  evaluation: { everyEpochs: 1 },
};

const windowVit: FinetuneBody = derive(beit, {
  model: {
    backbone: {
      kind: "vit",
      variant: "B/16",
      relativePositions: true,
      layerScale: 0.1,
      qkvBias: "query-value",
      dropPathRate: 0.1,
    },
    headDeviation: 0.01,
  },
  optimizer: { lr: 8e-3 },
  schedule: { kind: "cosine-openmixup", warmupEpochs: 5, minimum: 1e-6 },
});

// openmixup's VisionTransformer and its head look at the class token, MIMVisionTransformer does not.
const deit: FinetuneBody = derive(windowVit, {
  model: {
    backbone: { variant: "S/16", qkvBias: "off" },
    pooling: "class-token",
    headDeviation: 0.02,
  },
  batch: { micro: 256 },
});

const swin: FinetuneBody = derive(beit, {
  data: { imageSize: 192, evaluation: { crop: 192, resize: 219 } },
  model: {
    backbone: { kind: "swin", variant: "B", dropPathRate: 0.1 },
    headDeviation: 0.01,
  },
  optimizer: { lr: 5e-3, lrForBatch: 2048 },
  groups: {
    undecayed: ["norm", "bias", "absolute_pos_embed", "relative_position_bias_table"],
    layerDecay: 0.9,
  },
  schedule: { warmupEpochs: 20, warmupRatio: 2e-4 },
  batch: { total: 2048 },
  precision: "float32",
});

const maeVit: FinetuneBody = derive(beit, {
  model: {
    backbone: { kind: "vit", variant: "B/16", dropPathRate: 0.1 },
    headDeviation: 0.01,
  },
  groups: {
    undecayed: [
      "(bn|ln|gn)(\\d+)?.(weight|bias)",
      "norm",
      "bias",
      "cls_token",
      "pos_embed",
    ],
  },
  schedule: { kind: "cosine-openmixup", warmupEpochs: 5, minimum: 1e-6 },
});

const simmimVit: FinetuneBody = derive(windowVit, {
  optimizer: { lr: 0.01 },
  schedule: { warmupEpochs: 20 },
  ema: {
    momentum: 0.99996,
    of: "parameters",
    warmup: { kind: "linear", ratio: 0.9, steps: 25030 },
  },
});

const imagenet100Swin: FinetuneBody = derive(swin, {
  data: {
    dataset: "imagenet100",
    imageSize: 224,
    evaluation: { crop: 224, resize: 256 },
  },
  model: { backbone: { variant: "T" }, classes: 100 },
  groups: { undecayed: [] },
});

/** By name. */
export const openmixupFinetuningRecipes = {
  "beit_base_p16_ft_sz224_8xb128_cos_ep100": beit,
  "deit_small_p16_swin_ft_sz224_4xb256_cos_ep100": deit,
  "swin_base_swin_ft_sz192_4xb128_accu4_cos_ep100": swin,
  "swin_base_swin_ft_sz224_4xb128_accu4_cos_ep100": derive(swin, {
    data: { imageSize: 224, evaluation: { crop: 224, resize: 256 } },
  }),
  "swin_tiny_swin_ft_sz192_4xb128_accu4_cos_ep100": derive(swin, {
    model: { backbone: { variant: "T" } },
  }),
  "swin_tiny_swin_ft_sz224_4xb128_accu4_cos_ep100": derive(swin, {
    data: { imageSize: 224, evaluation: { crop: 224, resize: 256 } },
    model: { backbone: { variant: "T" } },
  }),
  "vit_base_p16_swin_ft_cae_sz224_4xb128_accu2_cos_ep100": derive(windowVit, {
    model: { backbone: { qkvBias: "off" } },
  }),
  "vit_base_p16_swin_ft_mae_sz224_8xb128_cos_ep100": maeVit,
  "vit_base_p16_swin_ft_simmim_sz224_4xb128_accu2_cos_ep100": simmimVit,
  "vit_base_p16_swin_ft_simmim_sz224_8xb128_cos_ep100": derive(simmimVit, {
    ema: { warmup: { steps: 25040 } },
  }),
  "vit_huge_p14_swin_ft_mae_sz224_8xb128_cos_ep50": derive(maeVit, {
    model: { backbone: { variant: "H/14", dropPathRate: 0.3 } },
    optimizer: { lr: 2e-3 },
    epochs: 50,
  }),
  "vit_large_p16_swin_ft_mae_sz224_8xb128_cos_ep100": derive(maeVit, {
    model: { backbone: { variant: "L/16" } },
    optimizer: { lr: 2e-3 },
  }),
  "vit_large_p16_swin_ft_simmim_sz224_8xb64_accu2_cos_ep100": derive(simmimVit, {
    data: { repeats: 3 },
    model: { backbone: { variant: "L/16" } },
    batch: { micro: 64 },
  }),
  "vit_large_p16_swin_ft_simmim_sz224_8xb64_accu2_cos_ep150": derive(simmimVit, {
    data: { repeats: 3 },
    model: { backbone: { variant: "L/16" } },
    epochs: 150,
    batch: { micro: 64 },
  }),
  "vit_small_p16_swin_ft_simmim_sz224_8xb128_cos_ep100": derive(simmimVit, {
    model: { backbone: { variant: "S768/16" } },
    ema: undefined,
  }),
  "vit_small_p16_swin_ft_simmim_sz224_8xb128_cos_ep200": derive(simmimVit, {
    model: { backbone: { variant: "S768/16" } },
    epochs: 200,
    ema: undefined,
  }),
  "imagenet100/deit_small_p16_swin_ft_sz224_4xb256_cos_ep100": derive(deit, {
    data: { dataset: "imagenet100" },
    model: { classes: 100 },
  }),
  "imagenet100/swin_base_swin_ft_sz224_4xb128_accu4_cos_ep100": derive(swin, {
    data: {
      dataset: "imagenet100",
      imageSize: 224,
      evaluation: { crop: 224, resize: 256 },
    },
    model: { classes: 100 },
  }),
  "imagenet100/swin_tiny_swin_ft_sz224_4xb256_accu2_cos_ep100": imagenet100Swin,
  "imagenet100/vit_base_p16_swin_ft_mae_sz224_8xb128_cos_ep100": derive(maeVit, {
    data: { dataset: "imagenet100" },
    model: { classes: 100 },
    groups: { undecayed: [] },
    precision: "float32",
  }),
} satisfies Record<string, RecipeBody>;
