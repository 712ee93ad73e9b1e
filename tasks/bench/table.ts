/**
 * Results as text for a terminal: aligned columns, targets, notes.
 *
 * @module
 */
import { type Benchmark, type GroupResult, isReached, type Target } from "./results.ts";
import { loadWarning } from "./machine.ts";
import { spreadOf } from "./statistics.ts";

/** A number with about three digits. */
export function formatTime(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/** Columns as wide as their widest cell: the first to the left, the others to the right. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0))
  );
  return rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)
    ).join("  ").trimEnd()
  );
}

function measurementRows({ measurements }: GroupResult): string[][] {
  const first = measurements[0];
  if (first === undefined) return [];
  return measurements.map(({ contender, unit, samples }) => {
    const { median, least, most, quartiles } = spreadOf(samples);
    return [
      contender,
      `${formatTime(median)} ${unit}`,
      `${formatTime(least)}–${formatTime(most)}`,
      `±${(100 * (quartiles[1] - quartiles[0]) / 2 / median).toFixed(0)} %`,
    ];
  });
}

function targetLine(target: Target): string {
  const { text, better, limit, value, unit, range } = target;
  const wanted = `${better} ${limit} ${unit}`;
  const reached = isReached(target);
  if (reached === undefined) return `– ${text}: not measured (${wanted})`;
  const spread = range === undefined
    ? ""
    : ` (rounds ${formatTime(range[0])}–${formatTime(range[1])})`;
  const verdict = reached ? "✓ reached" : "✗ not reached";
  return `${verdict}: ${text}: ${formatTime(value!)} ${unit}${spread}, wanted ${wanted}`;
}

/** One group's table. */
export function renderGroup(result: GroupResult): string {
  const table = alignColumns([
    ["", "median", "least–most", "spread"],
    ...measurementRows(result),
  ]);
  return [
    `${result.group}: ${result.title}`,
    ...table.map((line) => `  ${line}`),
    ...result.targets.map((target) => `  ${targetLine(target)}`),
    ...result.notes.map((note) => `  ${note}`),
  ].join("\n");
}

/** The machine and the load, which decide what the times mean. */
export function renderMachine(benchmark: Benchmark): string {
  const { machine, threads, repeats, loadAverage: { before, after } } = benchmark;
  const versions = Object.entries(machine.versions).map(([name, version]) =>
    `${name} ${version}`
  );
  const warning = loadWarning(before, machine.cores);
  return [
    `${machine.processor}, ${machine.cores} cores (${
      machine.instructionSets.join(" ")
    }), ` +
    `${(machine.memoryBytes / 1e9).toFixed(0)} GB, ${machine.platform}`,
    versions.join(", "),
    `${threads} threads for every side, ${repeats} rounds, load average ${
      before.toFixed(2)
    } ` +
    `before and ${after.toFixed(2)} after`,
    ...(warning === undefined ? [] : [`Warning: ${warning}`]),
  ].join("\n");
}
