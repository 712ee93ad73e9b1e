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
  { base, minimum = 0 }: CosineSchedule,
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
