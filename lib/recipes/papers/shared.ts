/**
 * Values that many of the papers' configurations have in common.
 *
 * @module
 */
import type {
  CropSection,
  DataSection,
  EvaluationTransformSection,
  TransformSection,
} from "../data.ts";
import type { PretrainBody } from "../derive.ts";
import type { DecoderSection, MaskerSection } from "../model.ts";
import type { MixingSection } from "../optimization.ts";

type RandomResized = Extract<CropSection, { kind: "random-resized" }>;
type Statistics = NonNullable<DataSection["normalization"]>;

/** Of ImageNet's pixels. */
export const imagenetStatistics: Statistics = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

/** Of CIFAR's pixels, as openmixup has them. */
export const cifarStatistics: Statistics = {
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.2023, 0.1994, 0.201],
};

/** A random part of at least `smallest` of the picture, with sides of up to 4 : 3. */
export function randomResized(
  smallest: number,
  other: Partial<RandomResized> = {},
): RandomResized {
  return {
    kind: "random-resized",
    scale: [smallest, 1],
    ratio: [3 / 4, 4 / 3],
    interpolation: "bicubic",
    rule: "retry",
    ...other,
  };
}

/** Pretraining of MAE, MILAN and MixMIM: a fifth of the picture or more. */
export const maeTransform: TransformSection = {
  crop: randomResized(0.2),
  flip: 0.5,
};

/** Pretraining of SimMIM, and of A2MIM with a ViT: two thirds of the picture or more. */
export const simmimTransform: TransformSection = {
  crop: randomResized(0.67, { interpolation: "bilinear" }),
  flip: 0.5,
};

/** Pretraining of A2MIM with a convolutional network: four fifths of the picture or more. */
export const a2mimCnnTransform: TransformSection = {
  crop: randomResized(0.8, { interpolation: "bilinear" }),
  flip: 0.5,
};

/** A random part and a mirror. */
export const plainTransform: TransformSection = {
  crop: randomResized(0.08),
  flip: 0.5,
};

/** The same, as mmpretrain's linear probes have it. */
export const plainBilinearTransform: TransformSection = {
  crop: randomResized(0.08, { interpolation: "bilinear" }),
  flip: 0.5,
};

/** The same with a single draw, as the linear probes of MAE and MILAN have it. */
export const clampedTransform: TransformSection = {
  crop: randomResized(0.08, { rule: "clamp" }),
  flip: 0.5,
};

/** Fine-tuning with timm: RandAugment `rand-m9-mstd0.5-inc1` and random erasing. */
export const timmTransform: TransformSection = {
  crop: randomResized(0.08),
  flip: 0.5,
  randAugment: { variant: "timm", magnitude: 9, deviation: 0.5, operations: 2 },
  erasing: { variant: "timm", probability: 0.25, minimumArea: 0.02, maximumArea: 1 / 3 },
};

/** The same in mmpretrain. */
export const mmpretrainTransform: TransformSection = {
  crop: randomResized(0.08),
  flip: 0.5,
  randAugment: { variant: "mmpretrain", magnitude: 9, deviation: 0.5, operations: 2 },
  erasing: {
    variant: "mmpretrain",
    probability: 0.25,
    minimumArea: 0.02,
    maximumArea: 1 / 3,
  },
};

/** "ResNet strikes back", A2, in openmixup. */
export const rsbA2Transform: TransformSection = {
  crop: randomResized(0.08),
  flip: 0.5,
  randAugment: { variant: "openmixup", magnitude: 7, deviation: 0.5, operations: 2 },
};

/** "ResNet strikes back", A3, in openmixup. */
export const rsbA3Transform: TransformSection = {
  crop: randomResized(0.08),
  flip: 0.5,
  randAugment: { variant: "openmixup", magnitude: 6, deviation: 0.5, operations: 2 },
};

/** The centre of a picture of 256 pixels. */
export const evaluation224: EvaluationTransformSection = {
  crop: 224,
  interpolation: "bicubic",
  resize: 256,
};

/** The same, as mmpretrain's linear probes have it. */
export const bilinearEvaluation224: EvaluationTransformSection = {
  crop: 224,
  interpolation: "bilinear",
  resize: 256,
};

/** The centre of a picture of 219 pixels. */
export const evaluation192: EvaluationTransformSection = {
  crop: 192,
  interpolation: "bicubic",
  resize: 219,
};

/** "ResNet strikes back": 95 % of the picture, at 224 pixels after training at 160 too. */
export const rsbEvaluation: EvaluationTransformSection = {
  crop: 224,
  interpolation: "bicubic",
  resize: 236,
};

/** The decoder of MAE, MILAN and MixMIM. */
export const maeDecoder: DecoderSection = { width: 512, depth: 8, heads: 16 };

/** What MILAN's and MixMIM's own pretraining took over from MAE's. */
export const maePretraining = {
  task: "pretrain",
  data: {
    dataset: "imagenet",
    imageSize: 224,
    transform: maeTransform,
    evaluation: evaluation224,
    normalization: imagenetStatistics,
    repeats: 1,
  },
  optimizer: {
    kind: "adamw",
    lr: 1.5e-4,
    lrForBatch: 256,
    betas: [0.9, 0.95],
    epsilon: 1e-8,
    weightDecay: 0.05,
  },
  groups: { kind: "mae" },
  schedule: { kind: "cosine", warmupEpochs: 40, minimum: 0 },
  precision: "bfloat16",
  evaluation: { neighboursEveryEpochs: 0 },
} satisfies Partial<PretrainBody>;

/** Mixup and cutmix of timm, in fine-tuning. */
export const timmMixing: MixingSection = {
  mixupAlpha: 0.8,
  cutmixAlpha: 1,
  probability: 1,
  switchProbability: 0.5,
  partners: "reversed",
  cutmixPartners: "reversed",
};

/** The same in mmpretrain. */
export const mmpretrainMixing: MixingSection = {
  ...timmMixing,
  partners: "permutation",
  cutmixPartners: "permutation",
};

/** The same in openmixup. */
export const openmixupMixing: MixingSection = {
  ...mmpretrainMixing,
  cutmixPartners: "derangement",
};

/** "ResNet strikes back" in openmixup: little mixup. */
export const rsbMixing: MixingSection = {
  ...openmixupMixing,
  mixupAlpha: 0.1,
};

/** SimMIM's and A2MIM's: 60 % of squares of 32 pixels. */
export const blockMasker: MaskerSection = { kind: "block", ratio: 0.6, cellPixels: 32 };

/** Parts of names that do not decay in mmpretrain's MAE and MILAN. */
export const mmpretrainMaeUndecayed: string[] = [
  "ln",
  "bias",
  "pos_embed",
  "mask_token",
  "cls_token",
];
