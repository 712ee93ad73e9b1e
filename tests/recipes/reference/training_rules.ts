/**
 * Where the reference's batch, optimiser and schedule are in a recipe.
 */
import type { Entry, Fact, Facts } from "./entry.ts";
import { type Rule, translated } from "./rule.ts";

const optimizers = {
  AdamW: "adamw",
  LAMB: "lamb",
  SGD: "sgd",
};

function optimizerKind(type: Fact, { project }: Entry): Facts {
  if (type !== "LARS") return { "optimizer.kind": translated(optimizers, type) };
  const official = project.endsWith("(official)");
  return { "optimizer.kind": official ? "lars" : "lars-mmpretrain" };
}

/** What the authors' codes exempt from decay, in words. */
function officialGroups(words: Fact): Facts {
  const kinds: [string, string][] = [
    ["1-D tensors only", "mixmim"],
    ["1-D tensors and names ending .bias", "mae"],
    ["1-D tensors and *.bias", "mae"],
    ["1-D tensors, pos_embed, cls_token", "mae"],
  ];
  const known = kinds.find(([start]) => String(words).startsWith(start));
  if (known === undefined) throw new Error(`Nothing is known of "${words}"`);
  return { "groups.kind": known[1] };
}

/** openmixup's patterns: what decays, and what learns at a tenth of the rate. */
function patterns(value: Fact): Facts {
  const rules = Object.entries(value as Record<string, Record<string, number>>);
  const slowed = rules.filter(([, rule]) => rule["lr_mult"] !== undefined);
  for (const [pattern, { weight_decay, lr_mult = 0.1, ...rest }] of rules) {
    if (weight_decay !== 0 || lr_mult !== 0.1 || Object.keys(rest).length > 0) {
      throw new Error(`The rule for ${pattern} says more than a recipe can`);
    }
  }
  return {
    "groups.kind": "openmixup",
    "groups.undecayed": rules.map(([pattern]) => pattern),
    "groups.slowed": slowed.map(([pattern]) => pattern),
  };
}

function fragments(value: Fact): Facts {
  const names = Array.isArray(value) ? value : Object.entries(
    value as Record<string, Record<string, number>>,
  ).map(([name, rule]) => {
    if (rule["decay_mult"] !== 0 || Object.keys(rule).length !== 1) {
      throw new Error(`The rule for ${name} says more than a recipe can`);
    }
    return name;
  });
  return { "groups.kind": "mmpretrain", "groups.undecayed": names };
}

type Steps = Record<string, Fact>;

/** mmengine's list: LinearLR, then a cosine or milestones that begin where it ends. */
function mmengineSchedule(value: Fact, { epochs, name }: Entry): Facts {
  if (!Array.isArray(value)) throw new Error("This schedule is no list");
  const [warmup, main, ...others] = value as Steps[];
  if (others.length > 0 || warmup!["type"] !== "LinearLR") throw new Error("Unknown");
  const shared = {
    "schedule.warmupEpochs": warmup!["end"]!,
    "schedule.warmupRatio": warmup!["start_factor"]!,
  };
  if (main!["begin"] !== warmup!["end"] || (main!["end"] ?? epochs) !== epochs) {
    throw new Error("The schedule has a gap");
  }
  if (main!["type"] === "MultiStepLR") {
    return {
      ...shared,
      "schedule.kind": "milestones-mmengine",
      "schedule.milestones": main!["milestones"]!,
    };
  }
  const length = Number(epochs) - Number(warmup!["end"]);
  // One cosine is longer than its run, which its recipe's notes say.
  if (main!["T_max"] !== length && name !== "swin-large-w14_8xb256-coslr-100e_in1k") {
    throw new Error(`The cosine of ${main!["T_max"]} epochs does not end with the run`);
  }
  return {
    ...shared,
    "schedule.kind": "cosine-mmengine",
    "schedule.minimum": main!["eta_min"] ?? 0,
  };
}

const policies = {
  CosineAnnealing: "cosine-mmcv",
  StepFixCosineAnnealing: "cosine-openmixup",
  step: "milestones",
};

/** Where the values of batch, optimiser and schedule are. */
export const trainingRules: Rule[] = [
  { from: ["epochs"], to: "epochs" },
  { from: ["batch.total"], to: "batch.total" },
  { from: ["batch.per_gpu"], to: "batch.micro" },
  {
    from: ["batch.gpus", "batch.gpus_from_name", "batch.accumulation"],
    to: (_, { batch }) => {
      const { per_gpu, total, accumulation = 1, gpus, gpus_from_name } = batch as Record<
        string,
        number | null | undefined
      >;
      const devices = gpus ?? gpus_from_name;
      if (!per_gpu || !devices || !total) return {};
      if (per_gpu * devices * (accumulation ?? 1) !== total) {
        throw new Error(`${per_gpu} × ${devices} × ${accumulation} is not ${total}`);
      }
      return {};
    },
  },
  {
    from: ["batch.auto_scale_lr_base"],
    reason: "changes the rate only for --auto-scale-lr; the notes say where it is wrong",
  },
  {
    from: ["amp.enabled"],
    to: (on) => ({ precision: on === true ? "bfloat16" : "float32" }),
  },
  { from: ["amp.type", "amp.wrapper"], reason: "bfloat16 needs no loss scale" },
  {
    from: ["ema"],
    to: (value, { batch }) => {
      const [{ type, momentum, warmup, warmup_iters, warmup_ratio, update_interval }] =
        value as [Record<string, number>];
      if (String(type) !== "EMAHook" || String(warmup) !== "linear") {
        throw new Error("Unknown");
      }
      if (update_interval !== (batch as Facts)["accumulation"]) {
        throw new Error("An average that is not taken at every update");
      }
      return {
        "ema.momentum": momentum!,
        "ema.of": "parameters",
        "ema.warmup.kind": "linear",
        // They count passes; an interval of 2 goes with gradients of two passes for an update.
        "ema.warmup.steps": warmup_iters! / update_interval!,
        "ema.warmup.ratio": warmup_ratio!,
      };
    },
  },
  {
    from: ["sampler"],
    to: (kind) => ({ "data.repeats": translated({ RepeatAugSampler: 3 }, kind) }),
  },
  { from: ["optimizer.type"], to: optimizerKind },
  { from: ["optimizer.lr"], to: "resolved.learningRate" },
  { from: ["optimizer.blr"], to: "optimizer.lr" },
  {
    from: ["optimizer.lr_formula"],
    to: (text) => ({
      "optimizer.lrForBatch": translated({ "blr * total_batch / 256": 256 }, text),
    }),
  },
  { from: ["optimizer.lr_expression"], reason: "how optimizer.lr was worked out" },
  { from: ["optimizer.betas"], to: "optimizer.betas" },
  { from: ["optimizer.eps"], to: "optimizer.epsilon" },
  { from: ["optimizer.weight_decay"], to: "optimizer.weightDecay" },
  { from: ["optimizer.momentum"], to: "optimizer.momentum" },
  {
    from: ["optimizer.grad_clip", "optimizer.max_grad_norm"],
    to: "optimizer.maximumGradientNorm",
  },
  { from: ["optimizer.trust_coefficient"], to: "optimizer.trustCoefficient" },
  { from: ["optimizer.always_adapt"], to: "optimizer.alwaysAdapt" },
  { from: ["optimizer.trust_clip"], to: "optimizer.trustClip" },
  {
    from: ["optimizer.bias_correction", "optimizer.rule", "optimizer.layer_scale"],
    reason: "what the kit's function of that name always does",
  },
  { from: ["optimizer.paramwise_rule"], reason: "how the projects read their rules" },
  {
    from: ["optimizer.no_decay"],
    to: officialGroups,
  },
  {
    from: ["optimizer.constructor"],
    to: (name) => ({
      "groups.kind": translated({
        TransformerFinetuneConstructor: "openmixup",
        LearningRateDecayOptimWrapperConstructor: "mmpretrain",
      }, name),
    }),
  },
  { from: ["optimizer.layer_decay"], to: "groups.layerDecay" },
  { from: ["optimizer.paramwise.layer_decay_rate"], to: "groups.layerDecay" },
  { from: ["optimizer.paramwise_regex"], to: patterns },
  { from: ["optimizer.paramwise.custom_keys", "optimizer.decay_mult_0"], to: fragments },
  {
    from: [
      ...["optimizer.paramwise.norm_decay_mult", "optimizer.paramwise.bias_decay_mult"],
      "optimizer.paramwise.flat_decay_mult",
    ],
    to: (factor) => ({ "groups.undecayedVectors": factor === 0 }),
  },
  { from: ["schedule"], to: mmengineSchedule },
  { from: ["schedule_semantics"], reason: "how mmengine counts, see learning_rate.ts" },
  {
    from: ["schedule.type"],
    to: (type) => ({
      "schedule.kind": translated({
        "linear warm-up then half-cycle cosine": "cosine",
        MultiStepLR: "milestones",
      }, type),
    }),
  },
  {
    from: ["schedule.policy"],
    to: (policy) => ({ "schedule.kind": translated(policies, policy) }),
  },
  {
    from: ["schedule.warmup_epochs", "schedule.warmup_iters"],
    to: "schedule.warmupEpochs",
  },
  {
    from: ["schedule.warmup", "schedule.warmup_by_epoch", "schedule.start_lr"],
    reason: "every warm-up here is linear, and the counts are epochs",
  },
  {
    from: ["schedule.warmup_ratio"],
    to: (ratio, { schedule }) =>
      // openmixup's own cosine takes the option and does not look at it.
      (schedule as Facts)["policy"] === "StepFixCosineAnnealing"
        ? {}
        : { "schedule.warmupRatio": ratio },
  },
  { from: ["schedule.start_factor"], to: "schedule.warmupRatio" },
  {
    from: ["schedule.min_lr", "schedule.eta_min"],
    to: "schedule.minimum",
  },
  {
    from: ["schedule.cosine_T_max"],
    to: (length, { schedule }) => ({
      epochs: Number(length) + Number((schedule as Facts)["warmup_epochs"]),
      "schedule.kind": "cosine-mmengine",
    }),
  },
  {
    from: ["schedule.step"],
    to: (value) => Array.isArray(value) ? { "schedule.milestones": value } : {},
  },
  { from: ["schedule.milestones"], to: "schedule.milestones" },
  { from: ["schedule.gamma"], to: "schedule.gamma" },
  {
    from: ["schedule.by_epoch"],
    to: (value, { schedule }) =>
      (schedule as Facts)["policy"] === "CosineAnnealing"
        ? { "schedule.byEpoch": value }
        : {},
  },
  {
    from: ["schedule.formula", "schedule.semantics_source"],
    reason: "how the schedule of that kind counts, see schedules.ts",
  },
  {
    from: ["schedule.semantics"],
    to: (text) =>
      String(text).includes("regular advances per epoch")
        ? { "schedule.byEpoch": true }
        : {},
  },
  {
    from: ["overrides.base"], // an inherited configuration, whose name tells of its precision
    to: (name): Facts => String(name).includes("-amp-") ? { precision: "bfloat16" } : {},
  },
  { from: ["overrides.**"], reason: "the same values as under their own names" },
];
