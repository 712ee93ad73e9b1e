/**
 * What the trainers' tests share: images that a glance tells apart, and models small enough that a
 * step takes milliseconds.
 *
 * @module
 */
import { describeClip } from "../../lib/backbones/clip.ts";
import { tinyClip } from "../../lib/backbones/clip_variants.ts";
import { vit, type VitConfiguration } from "../../lib/backbones/vit.ts";
import {
  type CaptionedDataset,
  randomFlipShift,
  withoutLabels,
  wordTokenizer,
} from "../../lib/data/mod.ts";
import { type Precision, randomKey, type Tensor } from "../../lib/engine/mod.ts";
import { clipTeacher } from "../../lib/methods/teacher.ts";
import { describeParameters, initializeParameters, scope } from "../../lib/nn/scope.ts";
import type { Run } from "../../lib/runs/mod.ts";
import { clipJob } from "../../lib/trainers/clip_training.ts";
import { finetuneJob } from "../../lib/trainers/finetune.ts";
import { linearProbeJob } from "../../lib/trainers/linear_probe_job.ts";
import { maePretext, milanPretext } from "../../lib/trainers/pretext.ts";
import { pretrainJob } from "../../lib/trainers/pretrain.ts";
import type { TrainingJob } from "../../lib/trainers/training_loop.ts";

const side = 8;
const corners = ["top left", "top right", "bottom left", "bottom right"];

/** Grey images 8 × 8 with noise, in which one of the four corners is bright: its class. */
export function toyImages(length = 64, firstImage = 0): CaptionedDataset {
  const labels = Uint8Array.from({ length }, (_, index) => index % corners.length);
  const images = Uint8Array.from({ length: length * side * side }, (_, place) => {
    const index = Math.floor(place / (side * side));
    const row = Math.floor(place / side) % side;
    const column = place % side;
    const corner = 2 * Math.floor(row / 4) + Math.floor(column / 4);
    // Digits of a linear congruence: noise that is the same everywhere.
    const noise = (((firstImage * 64 + place) * 1103515245 + 12345) >>> 16) % 90;
    return noise + (corner === labels[index] ? 120 : 0);
  });
  return {
    name: "toy",
    length,
    height: side,
    width: side,
    channels: 1,
    images,
    labels,
    classNames: corners,
    captions: [...labels].map((label) => `bright ${corners[label]}`),
    mean: [0.3],
    std: [0.25],
    background: [0],
    fingerprint: `toy ${length} ${firstImage}`,
  };
}

/** A ViT of 16 patches. */
export const toyVit: VitConfiguration = {
  imageSize: side,
  patchSize: 2,
  channels: 1,
  width: 16,
  depth: 2,
  heads: 2,
};

/** The ViT with a decoder, for MAE and MILAN. */
export const toyModel = { backbone: toyVit, decoder: { width: 8, depth: 1, heads: 2 } };

const optimization = {
  ...{ steps: 20, batchSize: 16, learningRate: 1e-3 },
  ...{ warmupSteps: 2, weightDecay: 0.05 },
};

/** The jobs that {@linkcode toyJob} makes. */
export type ToyMethod = "mae" | "milan" | "clip" | "finetune" | "probe";

/** A training job of 20 steps. */
export function toyJob(
  method: ToyMethod,
  changes: Partial<typeof optimization> = {},
  precision: Precision = "float32",
): TrainingJob<Record<string, Tensor>> {
  const captioned = toyImages();
  if (method === "finetune" || method === "probe") {
    const job = toyClassification(method, changes, precision);
    return job as TrainingJob<Record<string, Tensor>>;
  }
  const shared = {
    ...{ phase: method, seed: 0, precision },
    ...{ augmentation: randomFlipShift({ maxShift: 1 }) },
    optimization: { ...optimization, ...changes },
  };
  const tokenizer = wordTokenizer(captioned.captions);
  const { vocabularySize, contextLength } = tokenizer;
  const configuration = tinyClip({
    ...{ imageSize: side, patchSize: 2, vocabularySize, contextLength },
    ...{ width: 16, layers: 1, textLayers: 1, heads: 2 },
  });
  if (method === "clip") {
    const job = clipJob({ ...shared, configuration, tokenizer, dataset: captioned });
    return job as unknown as TrainingJob<Record<string, Tensor>>;
  }
  const clip = initializeParameters(describeClip(configuration, 1), randomKey(1));
  const pretext = method === "mae"
    ? maePretext(toyModel, { kind: "random", maskRatio: 0.75 })
    : milanPretext(toyModel, clipTeacher(clip, configuration.vision), {
      kind: "semantic",
      maskRatio: 0.75,
    });
  const job = pretrainJob({
    ...{ ...shared, pretext },
    dataset: withoutLabels(captioned),
  });
  return job as unknown as TrainingJob<Record<string, Tensor>>;
}

/** Fine-tuning with all that it draws and keeps, or a probe on what a frozen ViT sees. */
function toyClassification(
  method: "finetune" | "probe",
  changes: Partial<typeof optimization>,
  precision: Precision,
): TrainingJob<never> {
  const dataset = toyImages();
  const shared = {
    ...{ phase: method, seed: 0, precision },
    augmentation: randomFlipShift({ maxShift: 1 }),
  };
  const settings = { ...optimization, ...changes };
  if (method === "finetune") {
    const backbone = { kind: "vit", ...toyVit, dropPathRate: 0.2 } as const;
    const job = finetuneJob({
      ...{ ...shared, dataset, model: { backbone, classes: corners.length } },
      mixing: { mixupAlpha: 0.8, cutmixAlpha: 1 },
      optimization: {
        ...{ ...settings, layerDecay: 0.75, microBatchSize: 8 },
        ema: { momentum: 0.9 },
      },
    });
    return job as unknown as TrainingJob<never>;
  }
  const specifications = describeParameters((scope, input) =>
    vit(scope, input({ shape: [1, side, side, 1] }), toyVit).tokens
  );
  const frozen = scope(initializeParameters(specifications, randomKey(2)));
  const encode = (images: Tensor) => vit(frozen, images, toyVit).tokens.mean<Tensor>(1);
  const { phase, seed, augmentation } = shared;
  const job = linearProbeJob({
    ...{
      phase,
      seed,
      precision,
      classes: corners.length,
      data: { encode, dataset, augmentation },
    },
    optimization: { ...settings, weightDecay: 0 },
  });
  return job as unknown as TrainingJob<never>;
}

/** What a run folder says of a toy run. */
export function toyRun(recipe: Record<string, unknown> = {}): Run {
  return {
    name: "toy",
    command: "deno task toy",
    recipe: { steps: 20, ...recipe },
    seeds: [0],
    machine: { cpu: "a processor", cores: 1, memoryBytes: 1, os: "an os" },
    versions: { mimkit: "0" },
    dataset: { name: "toy", fingerprint: "toy", counts: { train: 64 } },
    startedAt: "2026-01-01T00:00:00Z",
  };
}
