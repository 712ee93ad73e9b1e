/**
 * From a run folder to a report: what every training task does around its work.
 *
 * @module
 */
import type { ImageDataset } from "../../lib/data/mod.ts";
import { tensorflowVersion } from "../../lib/engine/mod.ts";
import { writeReport } from "../../lib/plots/mod.ts";
import {
  describeMachine,
  openRun,
  type Run,
  type RunWriter,
} from "../../lib/runs/mod.ts";
import { Interrupted, whileInterruptible } from "../../lib/trainers/interrupt.ts";
import { terminalProgress } from "../../lib/trainers/progress.ts";
import type { TrainingSurroundings } from "../../lib/trainers/training_loop.ts";
import project from "../../deno.json" with { type: "json" };
import { printTable } from "./table.ts";

/** What a run is, as far as the task says it. */
export type RunDescription = Pick<
  Run,
  "name" | "command" | "recipe" | "sources" | "seeds"
>;

/** A run on this machine, now, on the images of `parts`. */
export function describeRun(
  description: RunDescription,
  parts: { train: ImageDataset; test: ImageDataset },
): Run {
  return {
    ...description,
    machine: describeMachine(),
    versions: {
      mimkit: project.version,
      deno: Deno.version.deno,
      tensorflow: tensorflowVersion(),
    },
    dataset: {
      name: parts.train.name,
      fingerprint: `${parts.train.fingerprint} ${parts.test.fingerprint}`,
      counts: { train: parts.train.length, test: parts.test.length },
    },
    startedAt: new Date().toISOString(),
  };
}

/**
 * Does the work of a run, or what is left of it, so that Ctrl-C loses nothing; then prints the table
 * of results and writes the report.
 *
 * @returns the exit status: 130 when it was stopped.
 */
export async function runToEnd(
  folder: string,
  wanted: Run,
  work: (run: RunWriter, surroundings: TrainingSurroundings) => Promise<void>,
): Promise<number> {
  const run = await openRun(folder, wanted);
  if (run.resumed) console.error(`Going on with the run in ${folder}`);
  try {
    await whileInterruptible((interruption) =>
      work(run, { run, interruption, progress: terminalProgress })
    );
  } catch (error) {
    // What stopped the run matters more than that its end cannot be noted.
    await run.finish(false).catch(() => {});
    if (!(error instanceof Interrupted)) throw error;
    console.error(`${error.message}. Nothing is lost; go on with: ${wanted.command}`);
    return 130;
  }
  await run.finish(true);
  await printTable(folder);
  console.log(`Report: ${await writeReport(folder)}`);
  return 0;
}
