/**
 * `deno task compare` from commands to one table: every number comes out of the run folder of a task
 * that anybody can run by hand.
 *
 * @module
 */
import { readRunFolder, type ResultsTable, type RunWriter } from "../../lib/runs/mod.ts";
import { Interrupted, type Interruption } from "../../lib/trainers/interrupt.ts";
import { chooseImages, openImages } from "../training/choose_images.ts";
import { describeRun, runToEnd } from "../training/run_to_end.ts";
import type { ComparedNetwork } from "./methods.ts";
import {
  type ComparedCell,
  type ComparedColumn,
  comparedColumns,
  type ComparedCommand,
  comparisonPlan,
  type ComparisonSize,
} from "./plan.ts";

/** What `deno task compare` is asked for. */
export interface CompareTask extends Omit<ComparisonSize, "seed"> {
  networks: readonly ComparedNetwork[];
  seeds: readonly number[];
  /** The command line of the task. */
  command: string;
}

/** What a test does otherwise. */
export interface ComparisonParts {
  /** Runs a task in a process of its own; returns its exit status. */
  runTask(args: readonly string[]): Promise<number>;
  say(line: string): void;
}

type Known = Map<string, number>;

const keyOf = (row: string, column: string, seed: number): string =>
  JSON.stringify([row, column, seed]);

/** A task as somebody would type it. */
export function typedCommand(args: readonly string[]): string {
  return `deno task ${args.join(" ")}`;
}

async function runDenoTask(args: readonly string[]): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", ...args],
    cwd: new URL("../../", import.meta.url),
  }).spawn();
  const { code } = await child.status;
  return code;
}

/** The mean of each value that a run's tables have for a cell; undefined where they have none. */
async function readCell(folder: string, cell: ComparedCell): Promise<number | undefined> {
  const { tables } = await readRunFolder(folder);
  const row = tables.flatMap(({ rows }) => rows)
    .find(({ name }) => name === cell.from.row);
  return row?.values[cell.from.column]?.find((value) => value !== null) ?? undefined;
}

async function readCells(
  { folder, cells }: ComparedCommand,
  seed: number,
  known: Known,
): Promise<boolean> {
  const isThere = await Deno.stat(`${folder}/results.json`).then(() => true, () => false);
  if (!isThere) return false;
  let complete = true;
  for (const cell of cells) {
    const value = await readCell(folder, cell);
    if (value === undefined) complete = false;
    else known.set(keyOf(cell.row, cell.column, seed), value);
  }
  return complete;
}

function describeColumns(labels: number): ResultsTable["columns"] {
  const label: Record<ComparedColumn, string> = {
    knn: "k-nearest neighbours",
    probe: "linear probe",
    few: `fine-tuned, ${Number((100 * labels).toPrecision(3))} % of labels`,
    all: "fine-tuned, all labels",
  };
  return comparedColumns.map((key) => ({
    ...{ key, label: label[key], unit: "%", better: "higher", digits: 1 },
  }));
}

/** One table for each network: only rows of the same network can be compared. */
function tablesOf(task: CompareTask, known: Known): ResultsTable[] {
  const { networks, seeds, labels, steps } = task;
  const note = `Pretrained for ${steps.pretraining} steps, fine-tuned for ${steps.few} ` +
    `(few labels) and ${steps.all} (all). "Supervised" is given the steps of pretraining ` +
    "and fine-tuning together, on those labels alone.";
  return comparisonPlan(networks, { ...task, seed: 0 }).rows.map(({ network, rows }) => ({
    ...{ title: network, note, columns: describeColumns(labels) },
    rows: rows.map((name) => ({
      name: name.slice(network.length + 2),
      values: Object.fromEntries(
        comparedColumns.map((column) => [
          column,
          seeds.map((seed) => known.get(keyOf(name, column, seed)) ?? null),
        ]),
      ),
    })),
  }));
}

/**
 * Runs every command whose numbers are not there yet, and writes the tables after each.
 *
 * @throws {Error} when a command fails, or leaves no numbers.
 * @throws {Interrupted} when somebody asks to stop.
 */
export async function fillTables(
  task: CompareTask,
  run: RunWriter,
  interruption: Interruption | undefined,
  { runTask, say }: ComparisonParts,
): Promise<void> {
  const known: Known = new Map();
  const planned = task.seeds.flatMap((seed) =>
    comparisonPlan(task.networks, { ...task, seed }).commands
      .map((command) => ({ command, seed }))
  );
  for (const [index, { command, seed }] of planned.entries()) {
    if (!await readCells(command, seed, known)) {
      const typed = typedCommand(command.args);
      say(`\n[${index + 1} of ${planned.length}] ${typed}`);
      const status = await runTask(command.args);
      if (interruption?.requested) {
        throw new Interrupted("Stopped between two runs", interruption.signal);
      }
      if (status !== 0) throw new Error(`Ended with status ${status}: ${typed}`);
      if (!await readCells(command, seed, known)) {
        throw new Error(`"${command.folder}" has no results: are there labels?`);
      }
    }
    await run.writeResults(tablesOf(task, known));
  }
}

/** Runs what is left of a comparison, and prints its tables; returns the exit status. */
export async function compare(task: CompareTask): Promise<number> {
  const { seeds, command, out, data, labels, steps } = task;
  const images = await openImages(await chooseImages(data, ""));
  const wanted = describeRun({
    name: `Methods compared on ${images.train.name}`,
    command,
    // Not the methods: a comparison can be gone on with for more of them.
    recipe: { data, labels, steps },
    sources: {},
    seeds: [...seeds],
  }, images);
  return await runToEnd(
    out,
    wanted,
    (run, { interruption }) =>
      fillTables(task, run, interruption, { runTask: runDenoTask, say: console.error }),
  );
}

/** The commands of a comparison, a line each. */
export function describePlan(task: CompareTask): string {
  return task.seeds.flatMap((seed) =>
    comparisonPlan(task.networks, { ...task, seed }).commands
      .map(({ args }) => typedCommand(args))
  ).join("\n");
}
