/**
 * Step schedules: the learning rate falls by a factor at each of some milestones.
 *
 * @module
 */
import { warmupFactor } from "./schedules.ts";

/** A learning rate that is multiplied by `gamma` at each milestone; all counts in iterations. */
export interface MilestoneSchedule {
  /** The learning rate after the warm-up. */
  base: number;
  /** From which iterations on the rate is smaller; in epochs, times the iterations of an epoch. */
  milestones: readonly number[];
  /** Default: 0.1. */
  gamma?: number;
  /** Default: 0. */
  warmupIterations?: number;
  /** What the rate is multiplied by in the first iteration. Default: 0. */
  warmupRatio?: number;
}

function passed(milestones: readonly number[], iteration: number): number {
  return milestones.filter((milestone) => iteration >= milestone).length;
}

/**
 * The step schedule of mmcv (openmixup's `policy: "step"`) and of SimMIM: milestones count from
 * the start of the run, and the warm-up is a factor.
 *
 * @param iteration a whole number, 0 for the first.
 *
 * @example
 * ```ts
 * import { milestones } from "./milestone_schedules.ts";
 * const schedule = { base: 1, milestones: [60, 80], gamma: 0.5 };
 * console.log(milestones(schedule, 59), milestones(schedule, 60)); // 1 0.5
 * ```
 */
export function milestones(schedule: MilestoneSchedule, iteration: number): number {
  const { base, gamma = 0.1, warmupIterations = 0, warmupRatio = 0 } = schedule;
  const regular = base * gamma ** passed(schedule.milestones, iteration);
  return regular * warmupFactor(iteration, warmupIterations, warmupRatio);
}

/**
 * mmengine's schedule (LinearLR, then MultiStepLR that begins where it ends): milestones count from
 * the end of the warm-up, and its last iteration already has the full learning rate.
 *
 * @param iteration a whole number, 0 for the first.
 *
 * @example
 * ```ts
 * import { milestonesOfMmengine } from "./milestone_schedules.ts";
 * const schedule = { base: 1, milestones: [60], gamma: 0.5, warmupIterations: 10 };
 * console.log(milestonesOfMmengine(schedule, 69), milestonesOfMmengine(schedule, 70)); // 1 0.5
 * ```
 */
export function milestonesOfMmengine(
  schedule: MilestoneSchedule,
  iteration: number,
): number {
  const { base, gamma = 0.1, warmupIterations: warmup = 0, warmupRatio = 0 } = schedule;
  if (iteration < warmup) {
    return base * warmupFactor(iteration, Math.max(1, warmup - 1), warmupRatio);
  }
  return base * gamma ** passed(schedule.milestones, iteration - warmup);
}
