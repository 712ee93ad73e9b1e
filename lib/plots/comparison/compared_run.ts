/** What a run folder says in a comparison with others: its facts, or why it has none. */

import { finalLoss } from "../loss_curves.ts";
import { settingsOf } from "../recipe_markup.ts";
import { readRunFolder, type RunFolder } from "../../runs/run_folder.ts";
import type { Metric } from "../../runs/run_schema.ts";
import { median } from "../statistics.ts";

/** What a run is, in short; `undefined` is what its folder does not say. */
export interface RunFacts {
  /** pretrain, finetune, linear, clip, …; what a recipe calls its task. */
  readonly task: string | undefined;
  readonly recipe: string | undefined;
  /** Such as "mae", or "classifier from mae-tiny" for a fine-tuned one. */
  readonly method: string | undefined;
  readonly backbone: string | undefined;
  readonly data: string;
  readonly seeds: readonly number[];
  /** Steps of all phases and seeds that were logged as done. */
  readonly steps: number;
  /** Steps that the recipe asks for. */
  readonly wantedSteps: number | undefined;
  /** Of the phase that took the most steps: the median over the logged steps. */
  readonly imagesPerSecond: number | undefined;
  /** Of that phase: the mean over the last twentieth of the logged steps. */
  readonly finalLoss: number | undefined;
  /** Time spent; of a run that goes on, up to its last logged step. */
  readonly minutes: number | undefined;
  readonly machine: string;
}

/** A run of a comparison. */
export type ComparedRun =
  & {
    /** The end of its path that no other run has. */
    readonly name: string;
    readonly folder: string;
  }
  & (
    | {
      readonly state: "finished" | "unfinished";
      readonly content: RunFolder;
      readonly facts: RunFacts;
      /** Its recipe's settings as text, by dotted path. */
      readonly settings: ReadonlyMap<string, string>;
    }
    | {
      readonly state: "damaged";
      /** What is wrong, in a sentence. */
      readonly problem: string;
    }
  );

/** A run that could be read. */
export type ReadableRun = Extract<ComparedRun, { readonly content: RunFolder }>;

/** Whether a run could be read. */
export function isReadable(run: ComparedRun): run is ReadableRun {
  return run.state !== "damaged";
}

/** A path without dots and trailing slashes, in its parts. */
function partsOf(path: string): string[] {
  return path.split(/[/\\]+/).filter((part) => part !== "" && part !== ".");
}

/** The shortest ends of paths that differ: "mae-tiny", or "first/mae" and "second/mae". */
export function shortNames(folders: readonly string[]): string[] {
  const parts = folders.map(partsOf);
  return parts.map((own, index) => {
    for (let length = 1; length < own.length; length++) {
      const end = own.slice(-length).join("/");
      const others = parts.filter((_, at) => at !== index);
      if (!others.some((other) => other.slice(-length).join("/") === end)) return end;
    }
    return own.join("/") || folders[index]!;
  });
}

/** The last part of a path. */
function nameOf(path: string): string {
  return partsOf(path).at(-1) ?? path;
}

function methodOf(settings: ReadonlyMap<string, string>): string | undefined {
  const kind = settings.get("model.kind");
  const from = settings.get("from");
  if (from === undefined || from === "") return kind;
  return `${kind ?? "classifier"} from ${nameOf(from)}`;
}

function backboneOf(settings: ReadonlyMap<string, string>): string | undefined {
  const of = (field: string): string | undefined =>
    settings.get(`model.backbone.${field}`);
  const [kind, variant, depths] = [of("kind"), of("variant"), of("depths")];
  const words = [kind, variant].filter((word) => word !== undefined).join(" ");
  // A named variant with other depths is another network.
  return words === "" ? undefined : depths === undefined ? words : `${words} ${depths}`;
}

/** The longest phase, each seed on its own. */
function mainPhase(metrics: readonly Metric[]): Metric[][] {
  const phases = [...Map.groupBy(metrics, ({ phase }) => phase).values()];
  const longest = phases.reduce<Metric[]>(
    (longest, phase) => phase.length > longest.length ? phase : longest,
    [],
  );
  return [...Map.groupBy(longest, ({ seed }) => seed).values()];
}

/** Steps of all phases and seeds. */
function stepsOf(metrics: readonly Metric[]): number {
  const ends = new Map<string, number>();
  for (const { phase, seed, step } of metrics) {
    const key = JSON.stringify([phase, seed]);
    ends.set(key, Math.max(step, ends.get(key) ?? 0));
  }
  return [...ends.values()].reduce((sum, step) => sum + step, 0);
}

function minutesOf({ run, metrics }: RunFolder): number | undefined {
  if (run.minutes !== undefined) return run.minutes;
  const last = metrics.at(-1)?.time;
  if (last === undefined) return undefined;
  return (new Date(last).getTime() - new Date(run.startedAt).getTime()) / 60_000;
}

function factsOf(content: RunFolder, settings: ReadonlyMap<string, string>): RunFacts {
  const { run, metrics } = content;
  const { cpu, cores, accelerator } = run.machine;
  const main = mainPhase(metrics);
  const steps = Number(settings.get("steps"));
  return {
    task: settings.get("task"),
    recipe: settings.get("name"),
    method: methodOf(settings),
    backbone: backboneOf(settings),
    data: run.dataset.name,
    seeds: run.seeds,
    steps: stepsOf(metrics),
    wantedSteps: Number.isFinite(steps) ? steps : undefined,
    imagesPerSecond: median(
      main.flat().flatMap(({ imagesPerSecond }) => imagesPerSecond ?? []),
    ),
    finalLoss: finalLoss(main),
    minutes: minutesOf(content),
    machine: accelerator ?? `${cores} cores of ${cpu}`,
  };
}

async function readOne(
  folder: string,
  name: string,
): Promise<ComparedRun> {
  try {
    const content = await readRunFolder(folder);
    const settings = new Map(
      settingsOf(content.run.recipe, {}).map(({ path, value }) => [path, value]),
    );
    const state = content.run.finishedAt === undefined ? "unfinished" : "finished";
    return {
      ...{ name, folder, state, content, settings },
      facts: factsOf(content, settings),
    };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { name, folder, state: "damaged", problem };
  }
}

/** Reads run folders, damaged ones among them. */
export async function readComparedRuns(
  folders: readonly string[],
): Promise<ComparedRun[]> {
  const names = shortNames(folders);
  return await Promise.all(
    folders.map((folder, index) => readOne(folder, names[index]!)),
  );
}
