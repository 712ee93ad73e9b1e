/**
 * A run as it writes its folder: what was run, its metrics, results, pictures and checkpoints.
 * A second run of the same command goes on where the first one ended.
 *
 * @module
 */
import { appendLine, makeFolder, writeAtomically } from "./files.ts";
import {
  type Metric,
  type PictureEntry,
  picturesSchema,
  type ResultsTable,
  type Run,
  runSchema,
} from "./run_schema.ts";

/** An open run folder. */
export interface RunWriter {
  readonly folder: string;
  readonly run: Run;
  /** Whether the folder held an earlier part of the same run. */
  readonly resumed: boolean;
  /** Appends to metrics.jsonl. */
  log(metric: Metric): Promise<void>;
  /** Forgets a phase's metrics after `step`: they came after the checkpoint that is gone on from. */
  forgetAfter(of: { phase: string; seed: number }, step: number): Promise<void>;
  writeResults(tables: ResultsTable[]): Promise<void>;
  /** Writes pictures/FILE and its caption. */
  writePicture(entry: PictureEntry, png: Uint8Array): Promise<void>;
  /** The folder of a phase's checkpoints. */
  checkpointFolder(phase: string, seed: number): string;
  /** Notes the end, or the time spent so far. */
  finish(done: boolean): Promise<void>;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    // A file where a folder must be: making the folder says so.
    if (error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** The first setting in which two recipes differ, as "name: a ≠ b". */
function firstDifference(a: unknown, b: unknown, path = ""): string | undefined {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return Object.is(a, b)
      ? undefined
      : `${path}: ${JSON.stringify(a)} ≠ ${JSON.stringify(b)}`;
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const found = firstDifference(
      left[key],
      right[key],
      path === "" ? key : `${path}.${key}`,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

async function earlierRun(folder: string): Promise<Run | undefined> {
  const text = await readText(`${folder}/run.json`);
  if (text === undefined) return undefined;
  try {
    return runSchema.parse(JSON.parse(text));
  } catch {
    throw new Error(`"${folder}/run.json" is damaged: choose another folder with --out`);
  }
}

/**
 * Opens a run folder, new or with an earlier part of the same run.
 *
 * @throws {Error} when the folder holds a run with other settings, or cannot be written.
 *
 * @example
 * ```ts ignore
 * import { openRun } from "./run.ts";
 * declare const run: import("./run_schema.ts").Run;
 * const writer = await openRun("runs/first", run);
 * await writer.log({ phase: "mae", step: 1, loss: 0.9 });
 * ```
 */
export async function openRun(folder: string, wanted: Run): Promise<RunWriter> {
  const earlier = await earlierRun(folder);
  if (earlier !== undefined) {
    const settings = ({ recipe, seeds, dataset }: Run) => ({ recipe, seeds, dataset });
    // What JSON does not keep (undefined) must not count as a difference.
    const plain = JSON.parse(JSON.stringify(settings(wanted)));
    const difference = firstDifference(settings(earlier), plain);
    if (difference !== undefined) {
      throw new Error(
        `"${folder}" holds a run with other settings (${difference}): ` +
          "choose another folder with --out, or the same settings to go on",
      );
    }
  }
  const run: Run = earlier ?? wanted;
  await makeFolder(`${folder}/checkpoints`);
  await makeFolder(`${folder}/pictures`);
  const write = (name: string, value: unknown): Promise<void> =>
    writeAtomically(`${folder}/${name}`, JSON.stringify(value, null, 2) + "\n");
  if (earlier === undefined) await write("run.json", run);
  const began = performance.now();
  const metricsPath = `${folder}/metrics.jsonl`;

  return {
    folder,
    run,
    resumed: earlier !== undefined,
    log: (metric) => appendLine(metricsPath, JSON.stringify(metric)),
    async forgetAfter({ phase, seed }, step) {
      const lines = (await readText(metricsPath) ?? "").split("\n").filter((line) => {
        try {
          const metric = JSON.parse(line) as Metric;
          return metric.phase !== phase || metric.seed !== seed || metric.step <= step;
        } catch {
          return false; // a line that a kill cut off
        }
      });
      await writeAtomically(metricsPath, lines.map((line) => line + "\n").join(""));
    },
    writeResults: (tables) => write("results.json", { tables }),
    async writePicture(entry, png) {
      await writeAtomically(`${folder}/pictures/${entry.file}`, png);
      const text = await readText(`${folder}/pictures.json`);
      const entries = text === undefined ? [] : picturesSchema.parse(JSON.parse(text));
      const others = entries.filter(({ file }) => file !== entry.file);
      await write("pictures.json", [...others, entry]);
    },
    checkpointFolder: (phase, seed) => `${folder}/checkpoints/${phase}-seed${seed}`,
    async finish(done) {
      const minutes = (run.minutes ?? 0) + (performance.now() - began) / 60_000;
      const ended = done ? { finishedAt: new Date().toISOString() } : {};
      await write("run.json", { ...run, ...ended, minutes });
    },
  };
}
