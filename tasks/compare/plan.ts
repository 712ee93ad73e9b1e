/**
 * The commands that fill the table of a comparison, and where each leaves its numbers.
 *
 * @module
 */
import type { ComparedMethod, ComparedNetwork } from "./methods.ts";

/** Columns of the table. */
export const comparedColumns = ["knn", "probe", "few", "all"] as const;
export type ComparedColumn = (typeof comparedColumns)[number];

/** A number of the table: in the results of a run, by row and column. */
export interface ComparedCell {
  row: string;
  column: ComparedColumn;
  /** Row and column in the run's own table. */
  from: { row: string; column: string };
}

/** A command, its run folder, and the cells that it fills. */
export interface ComparedCommand {
  args: readonly string[];
  folder: string;
  cells: readonly ComparedCell[];
}

/** How much is done. */
export interface ComparisonSize {
  data: string;
  out: string;
  seed: number;
  /** Share of the labels in the column `few`. */
  labels: number;
  /** Steps of pretraining, of fine-tuning with few labels, and with all. */
  steps: { pretraining: number; few: number; all: number };
}

/** Rows of a network, by the names that the table shows. */
export interface ComparedRows {
  network: string;
  rows: readonly string[];
}

function slugOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9.]+/g, "-");
}

/** The name of a row: methods repeat from network to network. */
export function rowName(network: ComparedNetwork, name: string): string {
  return `${network.name}: ${name}`;
}

const drawn = "random weights";
const supervised = "supervised, steps of both";

function fieldFlags({ fields = {} }: ComparedMethod): string[] {
  return Object.entries(fields).flatMap(([path, value]) => [`--${path}`, value]);
}

/**
 * Every command of a comparison, in an order in which each finds what it needs; the baselines that
 * take longest come last.
 */
export function comparisonPlan(
  networks: readonly ComparedNetwork[],
  { data, out, seed, labels, steps }: ComparisonSize,
): { commands: ComparedCommand[]; rows: ComparedRows[] } {
  const commands: ComparedCommand[] = [];
  const longest = { few: [] as ComparedCommand[], all: [] as ComparedCommand[] };
  const suffix = seed === 0 ? "" : `-seed${seed}`;
  const folderOf = (name: string): string => `${out}/${slugOf(name)}${suffix}`;
  const seeded = ["--seed", `${seed}`];

  const finetuning = (
    row: string,
    name: string,
    start: readonly string[],
    more: number,
    into = { few: commands, all: commands },
  ): void => {
    for (const column of ["few", "all"] as const) {
      const share = column === "few" ? labels : 1;
      const folder = folderOf(`${name}-labels-${share}`);
      into[column].push({
        args: [
          ...["finetune", ...start, "--labels", `${share}`],
          ...["--steps", `${steps[column] + more}`, ...seeded, "--out", folder],
        ],
        folder,
        cells: [{ row, column, from: { row: "finetune", column: "top1" } }],
      });
    }
  };

  for (const network of networks) {
    const baseline = rowName(network, drawn);
    network.methods.forEach((method, index) => {
      const row = rowName(network, method.name);
      const name = `${network.name}-${method.name}`;
      const folder = folderOf(name);
      const frozen = (row: string, from: string): ComparedCell[] =>
        (["knn", "probe"] as const).map((column) => ({
          ...{ row, column },
          from: { row: from, column },
        }));
      commands.push({
        args: [
          ...["pretrain", method.recipe, "--data", data, ...fieldFlags(method)],
          ...["--steps", `${steps.pretraining}`, ...seeded, "--out", folder],
        ],
        folder,
        cells: [
          ...frozen(row, method.recipe),
          ...index === 0 ? frozen(baseline, "random weights") : [],
        ],
      });
      finetuning(row, name, ["--from", folder], 0);
    });
    const like = ["--like", folderOf(`${network.name}-${network.methods[0].name}`)];
    finetuning(baseline, `${network.name}-random`, like, 0);
    const longer = rowName(network, supervised);
    const name = `${network.name}-supervised`;
    finetuning(longer, name, like, steps.pretraining, longest);
  }
  const rows = networks.map((network) => ({
    network: network.name,
    rows: [drawn, supervised, ...network.methods.map(({ name }) => name)]
      .map((name) => rowName(network, name)),
  }));
  return { commands: [...commands, ...longest.few, ...longest.all], rows };
}
