/** The facts of a run as words, alike on the page and in the terminal. */

import type { ComparedRun, RunFacts } from "./compared_run.ts";
import { digitsFor, formatNumber, summarize } from "../statistics.ts";

/** What stands where a run does not say something. */
export const nothing = "–";

/** Minutes as "35 s", "12.5 min" or "3 h 05 min". */
export function timeText(minutes: number): string {
  if (minutes < 1) return `${Math.round(minutes * 60)} s`;
  if (minutes < 60) return `${formatNumber(minutes, 1)} min`;
  const [hours, rest] = [Math.floor(minutes / 60), Math.floor(minutes % 60)];
  return `${formatNumber(hours, 0)} h ${String(rest).padStart(2, "0")} min`;
}

function stepsText({ steps, wantedSteps }: RunFacts): string {
  const done = formatNumber(steps, 0);
  return wantedSteps === undefined || wantedSteps === steps
    ? done
    : `${done} of ${formatNumber(wantedSteps, 0)}`;
}

function numberText(value: number | undefined, digits?: number): string {
  return value === undefined ? nothing : formatNumber(value, digits ?? digitsFor(value));
}

/** A column of the table that shows runs side by side. */
export interface FactColumn {
  readonly label: string;
  readonly number: boolean;
  /** Words that need room. */
  readonly long?: boolean;
  text(facts: RunFacts): string;
}

const columns: readonly FactColumn[] = [
  { label: "task", number: false, text: ({ task }) => task ?? nothing },
  { label: "recipe", number: false, text: ({ recipe }) => recipe ?? nothing },
  { label: "method", number: false, long: true, text: ({ method }) => method ?? nothing },
  { label: "backbone", number: false, text: ({ backbone }) => backbone ?? nothing },
  { label: "data", number: false, long: true, text: ({ data }) => data },
  { label: "seed", number: true, text: ({ seeds }) => seeds.join(", ") },
  { label: "steps", number: true, text: stepsText },
  {
    ...{ label: "loss", number: true },
    text: ({ finalLoss }) => numberText(finalLoss),
  },
  {
    ...{ label: "images/s", number: true },
    text: ({ imagesPerSecond: speed }) =>
      numberText(speed, speed === undefined || speed >= 10 ? 0 : 1),
  },
  {
    ...{ label: "time", number: true },
    text: ({ minutes }) => minutes === undefined ? nothing : timeText(minutes),
  },
  { label: "machine", number: false, long: true, text: ({ machine }) => machine },
];

/** What is worth a column, and what all runs have in common. */
export interface FactTable {
  readonly columns: readonly FactColumn[];
  /** Label and text. */
  readonly common: readonly (readonly [string, string])[];
}

/** Words that are the same in several runs are said once; numbers stand in a column always. */
export function factTable(runs: readonly ComparedRun[]): FactTable {
  const facts = runs.flatMap((run) => "facts" in run ? run.facts : []);
  const same = (column: FactColumn): boolean =>
    !column.number && facts.length > 1 && new Set(facts.map(column.text)).size === 1;
  return {
    columns: facts.length === 0 ? [] : columns.filter((column) => !same(column)),
    common: columns.filter(same)
      .map((column) => [column.label, column.text(facts[0]!)] as const)
      .filter(([, text]) => text !== nothing),
  };
}

/** What state a run is in. */
export function stateText(run: ComparedRun): string {
  if (run.state === "damaged") return "damaged";
  return run.content.metrics.length > 0
    ? run.state
    : run.state === "finished"
    ? "no metrics"
    : "not begun";
}

/** A cell of a table of results: the mean and, over several seeds, its deviation. */
export function resultText(
  values: readonly (number | null)[] | undefined,
  digits: number | undefined,
): string {
  const summary = summarize(values ?? []);
  if (summary === undefined) return nothing;
  const { mean, deviation } = summary;
  const places = digits ?? digitsFor(mean);
  return formatNumber(mean, places) +
    (deviation === undefined ? "" : ` ± ${formatNumber(deviation, places)}`);
}
