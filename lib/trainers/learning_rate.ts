/**
 * The learning rate of a training job, chosen by a plain object, as recipes are.
 *
 * @module
 */
import { milestones, milestonesOfMmengine } from "./milestone_schedules.ts";
import {
  cosineByIteration,
  cosineOfMmcv,
  cosineOfOpenmixup,
  cosineWithWarmup,
} from "./schedules.ts";
import { unknownKind } from "./unknown_kind.ts";

/** A schedule; what is left out has the defaults of the functions that they name. */
export type ScheduleChoice =
  | {
    /** MAE's, MILAN's and MixMIM's: `cosineWithWarmup`. */
    kind: "cosine";
    minimum?: number;
  }
  | {
    /** `cosineByIteration`. */
    kind: "cosine-mmengine";
    minimum?: number;
    /** The warm-up's first learning rate as a share of the full one. */
    warmupRatio: number;
  }
  | {
    /** `cosineOfMmcv`. */
    kind: "cosine-mmcv";
    minimum?: number;
    warmupRatio?: number;
    /** For a cosine that changes after whole epochs alone. */
    stepsPerEpoch?: number;
  }
  | {
    /** `cosineOfOpenmixup`. */
    kind: "cosine-openmixup";
    minimum?: number;
  }
  | {
    /** `milestones`, or mmengine's `milestonesOfMmengine`. */
    kind: "milestones" | "milestones-mmengine";
    /** In steps. */
    milestones: readonly number[];
    gamma?: number;
    warmupRatio?: number;
  }
  | { kind: "constant" };

/** The learning rate of a job. */
export interface LearningRate {
  /** At the end of the warm-up. */
  learningRate: number;
  steps: number;
  /** Default: 0. */
  warmupSteps?: number;
  /** Default: cosine, down to 0. */
  schedule?: ScheduleChoice;
}

/**
 * The linear scaling rule (Goyal et al. 2017): recipes give a base rate for 256 images.
 *
 * @param per images that the base rate is for. Default: 256 (MAE, MILAN, MixMIM; SimMIM has 512).
 *
 * @example
 * ```ts
 * import { scaledLearningRate } from "./learning_rate.ts";
 * console.log(scaledLearningRate(1.5e-4, 4096)); // 0.0024
 * ```
 */
export function scaledLearningRate(base: number, batchSize: number, per = 256): number {
  return base * batchSize / per;
}

const kinds = [
  ...["cosine", "cosine-mmengine", "cosine-mmcv", "cosine-openmixup"],
  ...["milestones", "milestones-mmengine", "constant"],
];

/** Refuses counts and rates that no run can have. */
function requireLearningRate(
  { learningRate, steps, warmupSteps = 0, schedule }: LearningRate,
): void {
  if (!(learningRate >= 0 && Number.isFinite(learningRate))) {
    throw new Error(
      `The learning rate must be finite and at least 0, got ${learningRate}`,
    );
  }
  if (!(warmupSteps >= 0)) {
    throw new Error(`The warm-up must be 0 steps long or more, got ${warmupSteps}`);
  }
  if (schedule?.kind === "cosine-openmixup" && warmupSteps >= steps) {
    throw new Error(
      `openmixup's cosine needs a warm-up shorter than its ${steps} steps, got ${warmupSteps}`,
    );
  }
  if (schedule === undefined || !("milestones" in schedule)) return;
  const { milestones } = schedule;
  if (
    milestones.some((milestone, index) => !(milestone > (milestones[index - 1] ?? 0)))
  ) {
    throw new Error(
      `Milestones are steps in rising order, the first above 0; got [${milestones}]`,
    );
  }
}

/**
 * The learning rate as a function of the step, 0 for the first.
 *
 * The default, MAE's cosine, is taken one step later than in MAE's code, whose first step has
 * learning rate 0 and therefore does nothing; the other projects' schedules are as they are there.
 *
 * @throws {Error} when a count or a rate makes no sense.
 *
 * @example
 * ```ts
 * import { learningRateOf } from "./learning_rate.ts";
 * const schedule = { kind: "milestones", milestones: [60, 80] } as const;
 * const rate = learningRateOf({ learningRate: 1, steps: 100, schedule });
 * console.log(rate(0), rate(60)); // 1 0.1
 * ```
 */
export function learningRateOf(options: LearningRate): (step: number) => number {
  requireLearningRate(options);
  const { learningRate: base, steps, warmupSteps = 0 } = options;
  const { schedule = { kind: "cosine" } } = options;
  const counted = { base, iterations: steps, warmupIterations: warmupSteps, ...schedule };
  switch (schedule.kind) {
    case "cosine": {
      // A step counts as an epoch here; neither the first nor the last may have learning rate 0.
      const shape = { ...schedule, base, warmupEpochs: warmupSteps, epochs: steps + 1 };
      return (step) => cosineWithWarmup(shape, step + 1);
    }
    case "cosine-mmengine": {
      const epochs = { warmupEpochs: warmupSteps, epochs: steps, iterationsPerEpoch: 1 };
      const shape = { ...schedule, ...epochs, base, startFactor: schedule.warmupRatio };
      return (step) => cosineByIteration(shape, step);
    }
    case "cosine-mmcv": {
      const shape = { ...counted, iterationsPerEpoch: schedule.stepsPerEpoch ?? 1 };
      return (step) => cosineOfMmcv(shape, step);
    }
    case "cosine-openmixup":
      return (step) => cosineOfOpenmixup(counted, step);
    case "milestones": {
      const shape = { ...counted, milestones: schedule.milestones };
      return (step) => milestones(shape, step);
    }
    case "milestones-mmengine": {
      const shape = { ...counted, milestones: schedule.milestones };
      return (step) => milestonesOfMmengine(shape, step);
    }
    case "constant":
      return () => base;
    default:
      return unknownKind("schedule", schedule, kinds);
  }
}
