/**
 * How a recipe trains: batch, optimiser, parameter groups, schedule, averages, mixing.
 *
 * @module
 */
import { z } from "zod";

/** Images of a step. */
export interface BatchSection {
  /** Images of one update. */
  total: number;
  /** Images that are computed at once; gradients of the others are added up. */
  micro: number;
}

/** What all optimisers have. */
interface SharedOptimizer {
  /** For batches of `lrForBatch` images; others in proportion. */
  lr: number;
  lrForBatch: number;
  weightDecay: number;
  /** All gradients together are shortened to it. */
  maximumGradientNorm?: number | undefined;
}

/** An optimiser and its learning rate. */
export type OptimizerSection =
  & SharedOptimizer
  & (
    | { kind: "adamw"; betas: [number, number]; epsilon: number }
    | {
      kind: "lamb";
      betas: [number, number];
      epsilon: number;
      alwaysAdapt: boolean;
      trustClip: boolean;
    }
    | { kind: "sgd"; momentum: number; nesterov: boolean }
    | { kind: "lars" | "lars-mmpretrain"; momentum: number; trustCoefficient: number }
  );

/** Whose rules say which parameters decay, and how much slower early layers learn. */
export type GroupsSection =
  | {
    /** By the number of axes: MAE, MILAN and MixMIM. */
    kind: "mae" | "mixmim";
    layerDecay?: number | undefined;
  }
  | {
    kind: "mmpretrain";
    /** Parameters whose names contain one of these do not decay. */
    undecayed: string[];
    /** Nor do vectors: norms and biases of any name. */
    undecayedVectors: boolean;
    layerDecay?: number | undefined;
  }
  | {
    kind: "openmixup";
    /** Regular expressions: parameters that match do not decay. */
    undecayed: string[];
    /** Regular expressions: parameters that match learn at a tenth of the rate. */
    slowed: string[];
    layerDecay?: number | undefined;
  };

/** The learning rate over time; all in epochs. */
export type ScheduleSection =
  & { warmupEpochs: number }
  & (
    | { kind: "cosine" | "cosine-openmixup"; minimum: number }
    | { kind: "cosine-mmengine"; minimum: number; warmupRatio: number }
    | {
      kind: "cosine-mmcv";
      minimum: number;
      warmupRatio: number;
      /** Changes after whole epochs alone. */
      byEpoch: boolean;
    }
    | {
      kind: "milestones" | "milestones-mmengine";
      milestones: number[];
      gamma: number;
      warmupRatio: number;
    }
    | { kind: "constant" }
  );

/** A moving average of the parameters, evaluated in their place. */
export interface EmaSection {
  momentum: number;
  of: "state" | "parameters";
  warmup?: { kind: "linear"; steps: number; ratio: number } | undefined;
}

/** Mixup and cutmix. */
export interface MixingSection {
  mixupAlpha: number;
  cutmixAlpha: number;
  probability: number;
  switchProbability: number;
  partners: "reversed" | "permutation" | "derangement";
  cutmixPartners: "reversed" | "permutation" | "derangement";
}

const share = z.number().min(0).max(1);
const positive = z.number().positive();
const whole = z.int().positive();

/** The schema of {@linkcode BatchSection}. */
export const batchSchema = z.strictObject({
  total: whole.describe("images of one update"),
  micro: whole.describe("images computed at once; gradients of the rest are added up"),
});

const sharedOptimizer = {
  lr: z.number().min(0).describe("learning rate for a batch of lrForBatch images"),
  lrForBatch: whole.describe("the batch that lr is for; other batches in proportion"),
  weightDecay: z.number().min(0).describe("weight decay"),
  maximumGradientNorm: positive.optional()
    .describe("all gradients together are shortened to this norm"),
};
const moments = {
  betas: z.tuple([share, share]).default([0.9, 0.999])
    .describe("decay rates of the two moments"),
  epsilon: positive.default(1e-8).describe("added to the denominator"),
};
// Defaults are for those who choose another kind on a command line: PyTorch's and the papers'.
const momentum = share.default(0.9).describe("momentum");

/** The schema of {@linkcode OptimizerSection}. */
export const optimizerSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("adamw"), ...sharedOptimizer, ...moments }),
  z.strictObject({
    kind: z.literal("lamb"),
    ...sharedOptimizer,
    ...moments,
    alwaysAdapt: z.boolean().default(false).describe(
      "scales parameters without decay too",
    ),
    trustClip: z.boolean().default(false).describe("scales by 1 at most"),
  }),
  z.strictObject({
    kind: z.literal("sgd"),
    ...sharedOptimizer,
    momentum,
    nesterov: z.boolean().default(false).describe("looks ahead"),
  }),
  z.strictObject({
    kind: z.enum(["lars", "lars-mmpretrain"]),
    ...sharedOptimizer,
    momentum,
    trustCoefficient: positive.default(0.001).describe("of the layer-wise rates"),
  }),
]);

const layerDecay = positive.max(1).optional()
  .describe("what the learning rate is multiplied by from a layer to the one below");

/** The schema of {@linkcode GroupsSection}. */
export const groupsSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(["mae", "mixmim"]), layerDecay }),
  z.strictObject({
    kind: z.literal("mmpretrain"),
    undecayed: z.array(z.string()).default([]).describe(
      "parts of names that do not decay",
    ),
    undecayedVectors: z.boolean().default(true).describe(
      "norms and biases do not decay either",
    ),
    layerDecay,
  }),
  z.strictObject({
    kind: z.literal("openmixup"),
    undecayed: z.array(z.string()).default([]).describe(
      "patterns of names that do not decay",
    ),
    slowed: z.array(z.string()).default([]).describe(
      "patterns of names at a tenth of the rate",
    ),
    layerDecay,
  }),
]);

const warmupEpochs = z.number().min(0).describe("epochs of the linear warm-up");
const minimum = z.number().min(0).default(0).describe("learning rate at the end");
const warmupRatio = share.default(0).describe(
  "first learning rate as a share of the full one",
);

/** The schema of {@linkcode ScheduleSection}. */
export const scheduleSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.enum(["cosine", "cosine-openmixup"]),
    warmupEpochs,
    minimum,
  }),
  z.strictObject({
    kind: z.literal("cosine-mmengine"),
    warmupEpochs,
    minimum,
    warmupRatio,
  }),
  z.strictObject({
    kind: z.literal("cosine-mmcv"),
    warmupEpochs,
    minimum,
    warmupRatio,
    byEpoch: z.boolean().default(false).describe("changes after whole epochs alone"),
  }),
  z.strictObject({
    kind: z.enum(["milestones", "milestones-mmengine"]),
    warmupEpochs,
    milestones: z.array(positive).describe("epochs at which the rate falls"),
    gamma: share.default(0.1).describe("what it is multiplied by there"),
    warmupRatio,
  }),
  z.strictObject({ kind: z.literal("constant"), warmupEpochs }),
]);

/** The schema of {@linkcode EmaSection}. */
export const emaSchema = z.strictObject({
  momentum: share.describe("how much of the average stays at each step"),
  of: z.enum(["state", "parameters"]).default("state").describe(
    "with running statistics, or without",
  ),
  warmup: z.strictObject({
    kind: z.literal("linear").default("linear"),
    steps: whole.describe("updates until the momentum is whole"),
    ratio: share.default(0.9).describe("its first share"),
  }).optional(),
});

const partners = z.enum(["reversed", "permutation", "derangement"]).default(
  "permutation",
);

/** The schema of {@linkcode MixingSection}. */
export const mixingSchema = z.strictObject({
  mixupAlpha: z.number().min(0).default(0.8).describe(
    "of mixup's Beta(α, α); 0 for none",
  ),
  cutmixAlpha: z.number().min(0).default(1).describe(
    "of cutmix's Beta(α, α); 0 for none",
  ),
  probability: share.default(1).describe("how often a batch is mixed"),
  switchProbability: share.default(0.5).describe("how often it is cutmix"),
  partners: partners.describe("how mixup's partners are found"),
  cutmixPartners: partners.describe("how cutmix's partners are found"),
});
