/**
 * The group `wait`: which share of a full-size pretraining step waits for its photographs, in the
 * library's own training loop.
 *
 * @module
 */
import { vitVariant } from "../../../lib/backbones/vit.ts";
import { imageFolder } from "../../../lib/data/mod.ts";
import type { GroupContext } from "../group.ts";
import { findPhotographs } from "../photographs.ts";
import { type LoggedStep, runPretraining } from "../pretraining.ts";
import type { GroupResult } from "../results.ts";
import { useThreads } from "../threads.ts";
import { drawnPhotographs } from "./data.ts";
import { imageSize, photographTransform, readers } from "./data_contenders.ts";

const batchSize = 16;
// The first holds the compilation, in which any number of batches could be read; the second may
// still find those that were read then.
const leftOut = 3;
const mostShare = 5;

/** Milliseconds of a step, and of its wait for data. */
export interface StepWait {
  step: number;
  wait: number;
}

/** The steps that count. */
export function stepWaits(logged: readonly LoggedStep[], batchSize: number): StepWait[] {
  return logged.filter(({ step }) => step > leftOut).map((
    { imagesPerSecond, dataWait },
  ) => {
    const step = batchSize / imagesPerSecond * 1000;
    return { step, wait: step * dataWait };
  });
}

/** The share of all the time that was waited, in per cent. */
export function waitedPercent(waits: readonly StepWait[]): number {
  const sum = (of: (wait: StepWait) => number): number =>
    waits.reduce((sum, wait) => sum + of(wait), 0);
  return 100 * sum(({ wait }) => wait) / sum(({ step }) => step);
}

/** The share of steps that waits for data. */
export async function measureWait(
  { flags, threads, log }: GroupContext,
): Promise<GroupResult> {
  useThreads(threads);
  const photographs = await findPhotographs(flags.jpegs, drawnPhotographs, log);
  const source = await imageFolder({ directory: photographs.folder, classes: "none" });
  const steps = leftOut + flags.repeats;
  log(`${steps} steps of ${batchSize} photographs; the first compiles`);
  const logged = await runPretraining({
    ...{ source, transform: photographTransform, batchSize, steps, readers },
    configuration: {
      backbone: vitVariant("B/16", imageSize),
      decoder: { width: 512, depth: 8, heads: 16 }, // He et al. 2022, section 4.1
    },
  }, {
    // A gigabyte to the disk would be measured too.
    checkpoints: { write: () => Promise.resolve() },
    afterStep: (step) => log(`step ${step} of ${steps}`),
  });
  const waits = stepWaits(logged, batchSize);
  const least = 1e-3; // a wait of nothing is no time for the table
  return {
    group: "wait",
    title:
      `MAE with a ViT-B/16, ${imageSize} pixels, batch ${batchSize}, from JPEG files`,
    settings: { batchSize, imageSize, readers, steps: waits.length },
    measurements: [
      { contender: "step", unit: "ms", samples: waits.map(({ step }) => step) },
      {
        contender: "of which waiting for data",
        unit: "ms",
        samples: waits.map(({ wait }) => Math.max(least, wait)),
      },
    ],
    targets: [{
      text: "the share of the steps that waits for data",
      ...{ better: "below", limit: mostShare, value: waitedPercent(waits), unit: "%" },
    }],
    notes: [
      `on ${photographs.note}`,
      `photographs are decoded on the processor meanwhile, and take their part of the step`,
    ],
  };
}
