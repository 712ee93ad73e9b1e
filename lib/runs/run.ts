/**
 * A run as it writes its folder: what was run, its metrics, results, pictures and checkpoints.
 * A second run of the same command goes on where the first one ended.
 *
 * @module
 */
import { appendLine, makeFolder, syncFile, writeAtomically } from "./files.ts";
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
  /** The settings that are others than in the earlier part, as "name: before → now". */
  readonly changed: readonly string[];
  /** Appends to metrics.jsonl. */
  log(metric: Metric): Promise<void>;
  /** What has been logged outlasts the machine's stopping. */
  flush(): Promise<void>;
  /**
   * Forgets a phase's metrics after `step`: they came after the checkpoint that is gone on from.
   *
   * @returns how many lines were forgotten.
   */
  forgetAfter(of: { phase: string; seed: number }, step: number): Promise<number>;
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

/** The settings in which two recipes differ, as "name: before → now". */
function differencesOf(before: unknown, now: unknown, path = ""): string[] {
  const isTree = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null;
  if (!isTree(before) || !isTree(now)) {
    const [old, next] = [before, now].map((value) => JSON.stringify(value) ?? "nothing");
    return Object.is(before, now) ? [] : [`${path}: ${old} → ${next}`];
  }
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].flatMap((name) =>
    differencesOf(before[name], now[name], path === "" ? name : `${path}.${name}`)
  );
}

/** What JSON does not keep (undefined) must not count as a difference. */
function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value));
}

async function earlierRun(folder: string): Promise<Run | undefined> {
  const text = await readText(`${folder}/run.json`);
  if (text === undefined) return undefined;
  try {
    return runSchema.parse(JSON.parse(text));
  } catch {
    throw new Error(
      `"${folder}/run.json" is damaged: choose another folder with --out, or mend the file`,
    );
  }
}

/** Whether checkpoints lie in a folder. */
async function hasCheckpoints(folder: string): Promise<boolean> {
  try {
    for await (const phase of Deno.readDir(`${folder}/checkpoints`)) {
      if (!phase.isDirectory) continue;
      for await (
        const { name } of Deno.readDir(`${folder}/checkpoints/${phase.name}`)
      ) {
        if (name.endsWith(".safetensors")) return true;
      }
    }
  } catch (error) {
    const absent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (!absent) throw error;
  }
  return false;
}

/** How a run is opened. */
export interface OpenRunOptions {
  /**
   * Whether a run may go on with another recipe than it began with; run.json then says what was
   * changed, and when. Seeds and data stay the same in any case. Default: it may not, and the error
   * does not name the flag.
   */
  changeSettings?: boolean;
}

/** The settings that were changed; the first one is named where they may not be. */
function changesBetween(
  folder: string,
  earlier: Run,
  wanted: Run,
  { changeSettings }: OpenRunOptions,
): string[] {
  const { seeds, dataset, recipe } = plain(wanted);
  const fixed = differencesOf(
    { seeds: earlier.seeds, dataset: earlier.dataset },
    { seeds, dataset },
  );
  const changed = differencesOf({ recipe: earlier.recipe }, { recipe });
  const refuse = (first: string, alternative: string): never => {
    throw new Error(
      `"${folder}" holds a run with other settings (${first}): choose another folder with --out, ` +
        `or the same settings to go on${alternative}`,
    );
  };
  if (fixed[0] !== undefined) refuse(fixed[0], "");
  if (changed[0] !== undefined && changeSettings !== true) {
    const way = changeSettings === false
      ? ", or --change-settings to go on with these"
      : "";
    refuse(changed[0], way);
  }
  return changed;
}

// What was measured at the end of a run is of another end when its settings change.
const ofTheEnd = ["results.json", "evaluations.json"];

/** A run that goes on, with what is new of it. */
function continued(earlier: Run, wanted: Run, changed: readonly string[]): Run {
  if (changed.length === 0) return earlier;
  const { finishedAt: _, ...before } = earlier;
  const { command, recipe, sources } = wanted;
  const change = { at: new Date().toISOString(), settings: [...changed] };
  return {
    ...{ ...before, command, recipe },
    ...sources === undefined ? {} : { sources },
    changes: [...earlier.changes ?? [], change],
  };
}

/**
 * Opens a run folder, new or with an earlier part of the same run.
 *
 * @throws {Error} when the folder holds a run with other settings, or checkpoints of which nothing is
 *   known, or cannot be written.
 *
 * @example
 * ```ts ignore
 * import { openRun } from "./run.ts";
 * declare const run: import("./run_schema.ts").Run;
 * const writer = await openRun("runs/first", run);
 * await writer.log({ phase: "mae", step: 1, loss: 0.9 });
 * ```
 */
export async function openRun(
  folder: string,
  wanted: Run,
  options: OpenRunOptions = {},
): Promise<RunWriter> {
  const earlier = await earlierRun(folder);
  if (earlier === undefined && await hasCheckpoints(folder)) {
    throw new Error(
      `"${folder}" holds checkpoints, and no run.json that says what of: put it back, or choose ` +
        "another folder with --out",
    );
  }
  const changed = earlier === undefined
    ? []
    : changesBetween(folder, earlier, wanted, options);
  const run: Run = earlier === undefined ? wanted : continued(earlier, wanted, changed);
  await makeFolder(`${folder}/checkpoints`);
  await makeFolder(`${folder}/pictures`);
  const write = (name: string, value: unknown): Promise<void> =>
    writeAtomically(`${folder}/${name}`, JSON.stringify(value, null, 2) + "\n");
  if (earlier === undefined) await write("run.json", run);
  let noted = changed.length === 0;
  /** Other settings are noted when the run really goes on with them. */
  const note = async (): Promise<void> => {
    if (noted) return;
    noted = true;
    await write("run.json", run);
    for (const name of ofTheEnd) {
      await Deno.remove(`${folder}/${name}`).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    }
  };
  const began = performance.now();
  const metricsPath = `${folder}/metrics.jsonl`;

  return {
    folder,
    run,
    resumed: earlier !== undefined,
    changed,
    async log(metric) {
      await note();
      await appendLine(metricsPath, JSON.stringify(metric));
    },
    flush: () => syncFile(metricsPath),
    async forgetAfter({ phase, seed }, step) {
      await note();
      const all = (await readText(metricsPath) ?? "").split("\n")
        .filter((line) => line !== "");
      const lines = all.filter((line) => {
        try {
          const metric = JSON.parse(line) as Metric;
          return metric.phase !== phase || metric.seed !== seed || metric.step <= step;
        } catch {
          return false; // a line that a kill cut off
        }
      });
      await writeAtomically(metricsPath, lines.map((line) => line + "\n").join(""));
      return all.length - lines.length;
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
      if (done) await note();
      await write("run.json", { ...(noted ? run : earlier), ...ended, minutes });
    },
  };
}
