/**
 * The group `memory`: what a process holds while a small pretraining on photographs runs through the
 * library's own loop, with checkpoints and logs as in any run, and whether it grows.
 *
 * @module
 */
import process from "node:process";
import { vitVariant } from "../../../lib/backbones/vit.ts";
import { imageFolder, trainTransform } from "../../../lib/data/mod.ts";
import { memory } from "../../../lib/engine/mod.ts";
import type { GroupContext } from "../group.ts";
import { findPhotographs } from "../photographs.ts";
import { runPretraining } from "../pretraining.ts";
import type { GroupResult } from "../results.ts";
import { useThreads } from "../threads.ts";
import { afterWarmUp, trendOf } from "../trend.ts";
import { drawnPhotographs } from "./data.ts";
import { readers } from "./data_contenders.ts";

const imageSize = 64;
const batchSize = 16;
const samples = 60;
// Until caches are filled and the allocator has what it needs.
const warmUp = 0.5;
const mostGrowth = 1; // per cent: what is below it over thousands of steps is no leak to fear

/** What the process holds at a step. */
export interface MemorySample {
  step: number;
  tensors: number;
  /** Bytes in main memory. */
  resident: number;
  /** Bytes of JavaScript's heap, and of buffers outside of it. */
  heap: number;
  buffers: number;
}

function sampleAt(step: number): MemorySample {
  const { tensors, residentBytes } = memory();
  const { heapUsed, external } = Deno.memoryUsage();
  return { step, tensors, resident: residentBytes, heap: heapUsed, buffers: external };
}

const megabytes = (bytes: number): number => bytes / 1e6;

/** A trend in words. */
export function describeTrend(
  name: string,
  samples: readonly MemorySample[],
  of: (sample: MemorySample) => number,
): string {
  const trend = trendOf(
    samples.map((sample) => ({ step: sample.step, value: of(sample) })),
  );
  const isNoise = Math.abs(trend.slope) < 2 * trend.error;
  return `${name}: ${trend.slope.toFixed(0)} ± ${
    trend.error.toFixed(0)
  } bytes per step, ` +
    `${megabytes(trend.rise).toFixed(1)} MB over ${
      samples.at(-1)!.step - samples[0]!.step
    } ` +
    `steps${isNoise ? " (no more than its scatter)" : ""}`;
}

function commonest(values: readonly number[]): number {
  const times = (value: number): number => values.filter((one) => one === value).length;
  return values.toSorted((one, other) => times(other) - times(one))[0]!;
}

/** Tensors alive: all the same, or from how many to how many. */
export function describeTensors(samples: readonly MemorySample[]): string {
  const counts = samples.map(({ tensors }) => tensors);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (least === most) return `tensors alive: ${least} at every look`;
  return `tensors alive: at least ${least} and at most ${most}, most often ${
    commonest(counts)
  } (a checkpoint that is being written holds the state's)`;
}

/**
 * The growth of the resident memory, in per cent. Between two collections of garbage JavaScript's
 * heap rises by tens of megabytes: the lowest numbers tell, of the first third and of the last.
 */
export function growthPercent(samples: readonly MemorySample[]): number {
  const third = Math.ceil(samples.length / 3);
  const lowest = (some: readonly MemorySample[]): number =>
    Math.min(...some.map(({ resident }) => resident));
  const before = lowest(samples.slice(0, third));
  return 100 * (lowest(samples.slice(-third)) - before) / before;
}

/** What is held, after a warm-up. */
export async function measureMemory(
  { flags, threads, log }: GroupContext,
): Promise<GroupResult> {
  useThreads(threads);
  const photographs = await findPhotographs(flags.jpegs, drawnPhotographs, log);
  const source = await imageFolder({ directory: photographs.folder, classes: "none" });
  const { steps } = flags;
  const transform = trainTransform({
    crop: {
      kind: "random-resized",
      ...{ scale: [0.2, 1], ratio: [3 / 4, 4 / 3], interpolation: "bicubic" },
    },
    flip: 0.5,
  }, { size: imageSize });
  const taken: MemorySample[] = [];
  const every = Math.max(1, Math.floor(steps / samples));
  await runPretraining({
    ...{ source, transform, batchSize, steps, readers },
    configuration: {
      backbone: vitVariant("tiny/8", imageSize),
      decoder: { width: 64, depth: 1, heads: 4 },
    },
  }, {
    afterStep(step) {
      if (step % every !== 0) return;
      const sample = sampleAt(step);
      taken.push(sample);
      if (taken.length % 10 !== 0) return;
      log(
        `step ${step} of ${steps}: ${sample.tensors} tensors, ${
          megabytes(sample.resident).toFixed(0)
        } MB resident`,
      );
    },
  });
  const measured = afterWarmUp(taken, warmUp);
  const series = (contender: string, of: (sample: MemorySample) => number) => ({
    ...{ contender, unit: "MB" as const },
    samples: measured.map((sample) => megabytes(of(sample))),
  });
  return {
    group: "memory",
    title: `${steps} steps of a small MAE on JPEG files, batch ${batchSize}; ` +
      `looked at from step ${measured[0]!.step} on`,
    settings: { steps, batchSize, imageSize, every },
    measurements: [
      series("resident memory", ({ resident }) => resident),
      series("JavaScript's heap", ({ heap }) => heap),
      series("buffers outside of it", ({ buffers }) => buffers),
    ],
    targets: [{
      text: "growth of the resident memory: its lowest, of the last third and the first",
      ...{
        better: "below",
        limit: mostGrowth,
        value: growthPercent(measured),
        unit: "%",
      },
    }],
    notes: [
      describeTensors(measured),
      describeTrend("resident memory", measured, ({ resident }) => resident),
      describeTrend("JavaScript's heap", measured, ({ heap }) => heap),
      describeTrend("the rest", measured, ({ resident, heap }) => resident - heap),
      // In kilobytes, as getrusage has it on Linux.
      `most resident memory: ${
        (process.resourceUsage().maxRSS / 1000).toFixed(0)
      } MB; at step ${taken[0]!.step}: ${megabytes(taken[0]!.resident).toFixed(0)} MB`,
      `on ${photographs.note}`,
    ],
  };
}
