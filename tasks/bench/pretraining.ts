/**
 * A pretraining through the library's own loop, in a run folder that goes away: for the groups that
 * measure what surrounds a step.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { ImageFolder, Transform } from "../../lib/data/mod.ts";
import { disposeTree } from "../../lib/engine/mod.ts";
import type { MaeConfiguration } from "../../lib/methods/mae.ts";
import { openRun } from "../../lib/runs/mod.ts";
import { maePretext } from "../../lib/trainers/pretext.ts";
import { pretrainJob } from "../../lib/trainers/pretrain.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { train, type TrainingSurroundings } from "../../lib/trainers/training_loop.ts";
import { describeRun } from "../training/run_to_end.ts";

/** What to pretrain. */
export interface Pretraining {
  source: ImageFolder;
  transform: Transform;
  configuration: MaeConfiguration;
  batchSize: number;
  steps: number;
  readers: number;
}

/** A logged step. */
export interface LoggedStep {
  step: number;
  loss: number;
  imagesPerSecond: number;
  /** The share of the step that waited for data. */
  dataWait: number;
}

/** Runs an MAE with the paper's mask, and gives what the loop logged of each step. */
export async function runPretraining(
  { source, transform, configuration, batchSize, steps, readers }: Pretraining,
  surroundings: Omit<TrainingSurroundings, "run" | "progress"> = {},
): Promise<LoggedStep[]> {
  const dir = fileURLToPath(new URL("../../.cache", import.meta.url));
  await Deno.mkdir(dir, { recursive: true });
  const folder = await Deno.makeTempDir({ dir, prefix: "bench-run-" });
  try {
    const description = {
      ...{ name: "bench", command: "deno task bench", seeds: [0] },
      ...{ recipe: {}, sources: {} },
    };
    const run = await openRun(folder, describeRun(description, { train: source }));
    const job = pretrainJob({
      ...{ phase: "mae", seed: 0 },
      pretext: maePretext(configuration, { kind: "random", maskRatio: 0.75 }),
      dataset: { source, transform, readers },
      optimization: { learningRate: 1e-4, steps, batchSize, weightDecay: 0.05 },
    });
    disposeTree(await train(job, { ...surroundings, run, progress: noProgress }));
    const lines = (await Deno.readTextFile(`${folder}/metrics.jsonl`)).trim().split("\n");
    return lines.map((line) => JSON.parse(line) as LoggedStep);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
