/**
 * From a recipe to the library's optimiser, schedule and parameter groups.
 *
 * @module
 */
import type { ClassifierBackbone } from "../methods/classification.ts";
import type { ScheduleChoice } from "../trainers/learning_rate.ts";
import type { EmaChoice, Optimization } from "../trainers/optimization.ts";
import type { OptimizerChoice } from "../trainers/optimizers/choice.ts";
import type { Specifications } from "../trainers/parameter_groups/mod.ts";
import { defined } from "./build_backbone.ts";
import { effectiveLearningRate } from "./effective_learning_rate.ts";
import { groupsOfRecipe } from "./build_groups.ts";
import type { EmaSection, OptimizerSection, ScheduleSection } from "./optimization.ts";
import type { Recipe } from "./recipe.ts";

/** What a run's data add to a recipe. */
export interface RunLength {
  /** Images that an epoch goes through. */
  images: number;
}

/**
 * Updates of an epoch. Its last one may be of fewer images; with repeated augmentation an epoch has
 * as many of them, of a part of the data several times.
 */
export function stepsPerEpoch(
  { batch }: Pick<Recipe, "batch">,
  { images }: RunLength,
): number {
  return Math.max(1, Math.ceil(images / batch.total));
}

/** Updates of a run. */
export function stepsOf(
  recipe: Pick<Recipe, "batch" | "epochs" | "steps">,
  run: RunLength,
): number {
  return recipe.steps ??
    Math.max(1, Math.round(recipe.epochs * stepsPerEpoch(recipe, run)));
}

function optimizerOf(section: OptimizerSection): OptimizerChoice {
  switch (section.kind) {
    case "adamw":
      return { kind: "adamw", betas: section.betas, epsilon: section.epsilon };
    case "lamb": {
      const { kind, betas, epsilon, alwaysAdapt, trustClip } = section;
      const maximumGradientNorm = section.maximumGradientNorm ?? Infinity;
      return { kind, betas, epsilon, alwaysAdapt, trustClip, maximumGradientNorm };
    }
    case "sgd":
      return { kind: "sgd", momentum: section.momentum, nesterov: section.nesterov };
    case "lars":
    case "lars-mmpretrain": {
      const { kind, momentum, trustCoefficient } = section;
      return { kind, momentum, trustCoefficient };
    }
  }
}

/** A schedule in steps; all of a recipe's counts are in epochs. */
function scheduleOf(section: ScheduleSection, perEpoch: number): ScheduleChoice {
  switch (section.kind) {
    case "cosine":
    case "cosine-openmixup":
      return { kind: section.kind, minimum: section.minimum };
    case "cosine-mmengine": {
      const { kind, minimum, warmupRatio } = section;
      return { kind, minimum, warmupRatio };
    }
    case "cosine-mmcv": {
      const { kind, minimum, warmupRatio, byEpoch } = section;
      const whole = byEpoch ? { stepsPerEpoch: Math.max(1, Math.round(perEpoch)) } : {};
      return { kind, minimum, warmupRatio, ...whole };
    }
    case "milestones":
    case "milestones-mmengine": {
      const { kind, gamma, warmupRatio } = section;
      const milestones = section.milestones.map((epoch) => Math.round(epoch * perEpoch));
      return { kind, milestones, gamma, warmupRatio };
    }
    case "constant":
      return { kind: "constant" };
  }
}

function emaOf({ momentum, of, warmup }: EmaSection): EmaChoice {
  return { momentum, of, ...warmup === undefined ? {} : { warmup } };
}

/** What a recipe's optimisation is for. */
export interface OptimizationInput extends RunLength {
  specifications: Specifications;
  /** Whose layers the layer-wise rates count; not needed without them. */
  backbone?: ClassifierBackbone;
}

/**
 * How a recipe's parameters are updated.
 *
 * With `steps`, a run of another length keeps the shares of warm-up and milestones.
 *
 * @throws {Error} when the parameter groups do not go with the network.
 *
 * @example
 * ```ts
 * import { optimizationOf } from "./build_optimization.ts";
 * import { recipe } from "./mod.ts";
 * const input = { images: 1_281_167, specifications: new Map() };
 * const { steps, learningRate } = optimizationOf(
 *   recipe("mae_official_vit-b_pretrain_800e"),
 *   input,
 * );
 * console.log(steps, learningRate.toFixed(4)); // 250400 "0.0024"
 * ```
 */
export function optimizationOf(recipe: Recipe, input: OptimizationInput): Optimization {
  const steps = stepsOf(recipe, input);
  const perEpoch = steps / recipe.epochs;
  const { optimizer, schedule, ema, batch } = recipe;
  const norm = optimizer.kind === "lamb" ? undefined : optimizer.maximumGradientNorm;
  return {
    batchSize: batch.total,
    learningRate: effectiveLearningRate(recipe),
    steps,
    warmupSteps: Math.round(schedule.warmupEpochs * perEpoch),
    schedule: scheduleOf(schedule, perEpoch),
    optimizer: optimizerOf(optimizer),
    groups: groupsOfRecipe(recipe, input),
    ...defined({ maximumGradientNorm: norm }),
    ...ema === undefined ? {} : { ema: emaOf(ema) },
  };
}
