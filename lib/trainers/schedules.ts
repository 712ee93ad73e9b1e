/**
 * Learning-rate schedules as plain functions of time.
 *
 * @module
 */

/** A linear warm-up and then half a cosine, both in epochs. */
export interface CosineSchedule {
  /** The learning rate at the end of the warm-up. */
  base: number;
  /** The learning rate at the end. Default: 0. */
  minimum?: number;
  warmupEpochs: number;
  epochs: number;
}

/** Half a cosine from `base` at 0 to `minimum` at `duration` and after. */
function cosine(
  { base, minimum = 0 }: { base: number; minimum?: number | undefined },
  elapsed: number,
  duration: number,
): number {
  if (elapsed >= duration) return minimum;
  return minimum + (base - minimum) * 0.5 * (1 + Math.cos(Math.PI * elapsed / duration));
}

/**
 * MAE's schedule (util/lr_sched.py, also MILAN's and MixMIM's): the warm-up starts at 0.
 *
 * @param epoch fractional, before the step: the first step of a run has learning rate 0.
 *
 * @example
 * ```ts
 * import { cosineWithWarmup } from "./schedules.ts";
 * const schedule = { base: 1e-3, warmupEpochs: 10, epochs: 100 };
 * console.log(cosineWithWarmup(schedule, 5), cosineWithWarmup(schedule, 55)); // 0.0005 0.0005
 * ```
 */
export function cosineWithWarmup(schedule: CosineSchedule, epoch: number): number {
  const { base, warmupEpochs, epochs } = schedule;
  if (epoch < warmupEpochs) return base * epoch / warmupEpochs;
  return cosine(schedule, epoch - warmupEpochs, epochs - warmupEpochs);
}

/** A {@linkcode CosineSchedule} as mmengine counts: in iterations, from a fraction of `base`. */
export interface IterationCosineSchedule extends CosineSchedule {
  /** The warm-up's first learning rate as a share of `base` (mmpretrain: 1e-4). */
  startFactor: number;
  iterationsPerEpoch: number;
}

/**
 * mmengine's schedule (LinearLR, then CosineAnnealingLR, both by iteration): the last iteration of
 * the warm-up already has the full learning rate.
 *
 * @param iteration a whole number, 0 for the first.
 *
 * @example
 * ```ts
 * import { cosineByIteration } from "./schedules.ts";
 * const schedule = {
 *   base: 1,
 *   startFactor: 0.1,
 *   warmupEpochs: 1,
 *   epochs: 3,
 *   iterationsPerEpoch: 10,
 * };
 * console.log(cosineByIteration(schedule, 0), cosineByIteration(schedule, 9)); // 0.1 1
 * ```
 */
export function cosineByIteration(
  schedule: IterationCosineSchedule,
  iteration: number,
): number {
  const { base, warmupEpochs, epochs, startFactor, iterationsPerEpoch } = schedule;
  const warmup = warmupEpochs * iterationsPerEpoch;
  if (iteration < warmup) {
    const progress = iteration / Math.max(1, warmup - 1);
    return base * (startFactor + (1 - startFactor) * progress);
  }
  return cosine(schedule, iteration - warmup, epochs * iterationsPerEpoch - warmup);
}

/** What the schedules of openmixup's recipes (mmcv 1) share: all counts are in iterations. */
export interface MmcvSchedule {
  /** The learning rate that the regular schedule starts with. */
  base: number;
  /** The learning rate at the end. Default: 0. */
  minimum?: number;
  iterations: number;
  /** Default: 0. */
  warmupIterations?: number;
}

/** Options of {@linkcode cosineOfMmcv}. */
export interface MmcvCosineSchedule extends MmcvSchedule {
  /** What the regular learning rate is multiplied by in the first iteration. Default: 0. */
  warmupRatio?: number;
  /** For a cosine that changes after whole epochs alone (by_epoch). Default: 1. */
  iterationsPerEpoch?: number;
}

/** mmcv's linear warm-up: the factor rises from `ratio` at iteration 0 to 1 at `warmup`. */
export function warmupFactor(iteration: number, warmup: number, ratio: number): number {
  if (iteration >= warmup) return 1;
  return 1 - (1 - iteration / warmup) * (1 - ratio);
}

/**
 * mmcv's CosineAnnealing: half a cosine over all iterations, the warm-up's included, which is a
 * factor on it.
 *
 * @param iteration a whole number, 0 for the first.
 *
 * @example
 * ```ts
 * import { cosineOfMmcv } from "./schedules.ts";
 * const schedule = { base: 1, iterations: 100, warmupIterations: 10, warmupRatio: 0.1 };
 * console.log(cosineOfMmcv(schedule, 0), cosineOfMmcv(schedule, 50)); // 0.1 0.5
 * ```
 */
export function cosineOfMmcv(schedule: MmcvCosineSchedule, iteration: number): number {
  const { base, minimum, iterations, warmupIterations = 0, warmupRatio = 0 } = schedule;
  const { iterationsPerEpoch = 1 } = schedule;
  const elapsed = Math.floor(iteration / iterationsPerEpoch) * iterationsPerEpoch;
  const regular = cosine({ base, minimum }, elapsed, iterations);
  return regular * warmupFactor(iteration, warmupIterations, warmupRatio);
}

/**
 * openmixup's StepFixCosineAnnealing: half a cosine from the end of the warm-up to the end of the
 * run, and in the warm-up the same cosine, continued backwards, times the share that has passed.
 *
 * @param iteration a whole number; the first, 0, has learning rate 0.
 *
 * @example
 * ```ts
 * import { cosineOfOpenmixup } from "./schedules.ts";
 * const schedule = { base: 1, iterations: 110, warmupIterations: 10 };
 * console.log(cosineOfOpenmixup(schedule, 0), cosineOfOpenmixup(schedule, 60)); // 0 0.5
 * ```
 */
export function cosineOfOpenmixup(schedule: MmcvSchedule, iteration: number): number {
  const { base, minimum, iterations, warmupIterations = 0 } = schedule;
  const elapsed = iteration - warmupIterations;
  const regular = cosine({ base, minimum }, elapsed, iterations - warmupIterations);
  return regular * warmupFactor(iteration, warmupIterations, 0);
}
