/**
 * From a run folder to a report: what every training task does around its work.
 *
 * @module
 */
import type { ImageDataset } from "../../lib/data/mod.ts";
import { tensorflowVersion } from "../../lib/engine/mod.ts";
import { writeReport } from "../../lib/plots/mod.ts";
import type { Recipe } from "../../lib/recipes/recipe.ts";
import {
  describeMachine,
  holdRun,
  openRun,
  type Run,
  type RunWriter,
} from "../../lib/runs/mod.ts";
import { Interrupted, whileInterruptible } from "../../lib/trainers/interrupt.ts";
import { terminalProgress } from "../../lib/trainers/progress.ts";
import { NonFiniteLoss } from "../../lib/trainers/non_finite.ts";
import type { TrainingSurroundings } from "../../lib/trainers/training_loop.ts";
import project from "../../deno.json" with { type: "json" };
import type { Saving } from "./saving.ts";
import { printTable } from "./table.ts";

/** What a run is, as far as the task says it. */
export type RunDescription = Pick<
  Run,
  "name" | "command" | "recipe" | "sources" | "seeds"
>;

/** Where a run is written, unless somebody says. */
export function defaultFolder(name: string, images: string, seed: number): string {
  const recipe = name.replaceAll("/", "-");
  return `runs/${recipe}-${images}${seed === 0 ? "" : `-seed${seed}`}`;
}

/** A recipe for a run: its values decide whether a run is the same, their sources stand beside them. */
export function recipeOfRun(
  { sources, ...values }: Recipe,
  more: Record<string, unknown> = {},
): Pick<Run, "recipe" | "sources"> {
  return { recipe: { ...values, ...more }, sources };
}

/** Images, as far as a run names them. */
export type NamedImages = Pick<ImageDataset, "name" | "fingerprint" | "length">;

/** A run on this machine, now, on the images of `parts`. */
export function describeRun(
  description: RunDescription,
  parts: {
    train: NamedImages & Pick<ImageDataset, "mean" | "std">;
    test?: NamedImages;
  },
): Run {
  const { train, test } = parts;
  return {
    ...description,
    machine: describeMachine(),
    versions: {
      mimkit: project.version,
      deno: Deno.version.deno,
      tensorflow: tensorflowVersion(),
    },
    dataset: {
      name: train.name,
      fingerprint: [train, ...test === undefined ? [] : [test]]
        .map(({ fingerprint }) => fingerprint).join(" "),
      counts: {
        train: train.length,
        ...test === undefined ? {} : { test: test.length },
      },
    },
    pixels: { mean: [...train.mean], std: [...train.std] },
    startedAt: new Date().toISOString(),
  };
}

/** Opens the folder and says what of it is gone on with. */
async function open(
  folder: string,
  wanted: Run,
  saving: Saving | undefined,
): Promise<RunWriter> {
  const options = saving === undefined ? {} : { changeSettings: saving.changeSettings };
  const run = await openRun(folder, wanted, options);
  if (!run.resumed) return run;
  const { changed } = run;
  const settings = changed.length === 0
    ? ""
    : `, with other settings: ${changed.join("; ")}`;
  console.error(`Going on with the run in ${folder}${settings}`);
  return run;
}

/**
 * Does the work of a run, or what is left of it, so that Ctrl-C loses nothing; then prints the table
 * of results and writes the report. No other process may do so in the same folder meanwhile.
 *
 * @returns the exit status: 130 or 143 when it was stopped, by Ctrl-C or by SIGTERM.
 */
export function runToEnd(
  folder: string,
  wanted: Run,
  work: (run: RunWriter, surroundings: TrainingSurroundings) => Promise<void>,
  saving?: Saving,
): Promise<number> {
  return holdRun(folder, async () => {
    const run = await open(folder, wanted, saving);
    const surroundings = {
      ...{ run, progress: terminalProgress },
      ...saving && {
        checkpoints: { keep: saving.keep },
        secondsBetweenCheckpoints: saving.secondsBetweenCheckpoints,
      },
    };
    try {
      await whileInterruptible((interruption) =>
        work(run, { ...surroundings, interruption })
      );
    } catch (error) {
      // What stopped the run matters more than that its end cannot be noted.
      await run.finish(false).catch(() => {});
      if (error instanceof NonFiniteLoss && !error.isData && saving !== undefined) {
        throw new Error(
          `${error.message}. To go on from there, add a smaller --optimizer.lr and ` +
            "--change-settings to the same command",
        );
      }
      if (!(error instanceof Interrupted)) throw error;
      console.error(`${error.message}. Nothing is lost; go on with: ${wanted.command}`);
      return error.exitStatus;
    }
    await run.finish(true);
    await printTable(folder);
    console.log(`Report: ${await writeReport(folder)}`);
    return 0;
  });
}
