/**
 * Recipes that use what a small pretraining has learned: fine-tuning and linear probing on two
 * cores.
 *
 * @module
 */
import type { DataSection } from "./data.ts";
import type { FinetuneBody, LinearBody } from "./derive.ts";
import type { BackboneSection } from "./model.ts";

const shared = {
  epochs: 1,
  precision: "float32",
  smoothing: 0,
  loss: "cross-entropy",
  evaluation: { everyEpochs: 1 },
} as const;

/** `finetune-tiny` and `linear-tiny`, for these images and this backbone. */
export function smallSupervised(
  data: DataSection,
  backbone: BackboneSection,
): { "finetune-tiny": FinetuneBody; "linear-tiny": LinearBody } {
  return {
    "finetune-tiny": {
      ...{ ...shared, task: "finetune", data },
      model: {
        kind: "classifier",
        backbone: { ...backbone, dropPathRate: 0.1 },
        pooling: "patches",
        normalizeFeatures: false,
        headDeviation: 2e-5,
      },
      optimizer: {
        kind: "adamw",
        lr: 1e-3,
        lrForBatch: 32,
        betas: [0.9, 0.999],
        epsilon: 1e-8,
        weightDecay: 0.05,
      },
      groups: { kind: "mae", layerDecay: 0.8 },
      schedule: { kind: "cosine", warmupEpochs: 0.1, minimum: 0 },
      steps: 300,
      batch: { total: 32, micro: 32 },
      smoothing: 0.1,
    },
    "linear-tiny": {
      ...{ ...shared, task: "linear", data },
      model: {
        kind: "linear-probe",
        backbone,
        pooling: "patches",
        normalizeFeatures: true,
        headDeviation: 0.01,
      },
      optimizer: {
        kind: "lars",
        lr: 0.1,
        lrForBatch: 256,
        momentum: 0.9,
        trustCoefficient: 1e-3,
        weightDecay: 0,
      },
      groups: { kind: "mae" },
      schedule: { kind: "cosine", warmupEpochs: 0.1, minimum: 0 },
      steps: 500,
      batch: { total: 512, micro: 512 },
    },
  };
}
