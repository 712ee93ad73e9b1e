/** A comparison as tables on a terminal. */

import { factTable, nothing, resultText, stateText } from "./cell_text.ts";
import type { Comparison } from "./mod.ts";
import type { ResultsTable } from "../../runs/run_schema.ts";

/** Longer values of settings are cut: the page has them whole. */
const widestCell = 28;

function cut(text: string): string {
  return text.length <= widestCell ? text : `${text.slice(0, widestCell - 1)}…`;
}

/** Rows as columns of equal width; `numbers` says which columns stand at the right edge. */
function tableText(
  rows: readonly (readonly string[])[],
  numbers: (column: number) => boolean,
): string {
  const [header = []] = rows;
  const widths = header.map((_, column) =>
    Math.max(...rows.map((row) => [...row[column] ?? ""].length))
  );
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => {
      const fill = " ".repeat(widths[column]! - [...cell].length);
      return numbers(column) ? fill + cell : cell + fill;
    }).join("  ").trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [line(header), rule, ...rows.slice(1).map(line)].join("\n");
}

function runsText({ runs }: Comparison): string {
  const { columns, common } = factTable(runs);
  const rows = runs.map((run) => [
    run.name,
    stateText(run),
    ...columns.map((column) => "facts" in run ? cut(column.text(run.facts)) : nothing),
  ]);
  const header = ["run", "state", ...columns.map(({ label }) => label)];
  return [
    ...common.length === 0
      ? []
      : [`In common: ${common.map((fact) => fact.join(" ")).join(", ")}.`, ""],
    tableText([header, ...rows], (column) => columns[column - 2]?.number ?? false),
  ].join("\n");
}

/**
 * A setting's values, each with the runs that have it: for more runs than a terminal has room for.
 * Settings that only some of them have would fill screens.
 */
function settingsByValue({ groups, differing }: Comparison): string {
  const ofAll = differing.filter(({ values }) =>
    values.every((value) => value !== undefined)
  );
  const lines = ofAll.map(({ path, values }) => {
    const names = Map.groupBy(groups, (_, index) => values[index]!);
    const parts = [...names].map(([value, having]) =>
      `  ${value}: ${having.map(({ name }) => name).join(", ")}`
    );
    return [path, ...parts].join("\n");
  });
  const others = differing.length - ofAll.length;
  return [
    ...lines,
    ...others === 0
      ? []
      : [`${others} more that only some of the runs have: see the page.`],
  ].join("\n");
}

function settingsText(comparison: Comparison, columns: number): string {
  const { groups, differing } = comparison;
  const header = ["setting", ...groups.map(({ name }) => name)];
  const rows = differing.map(({ path, values }) => [
    path,
    ...values.map((value) => cut(value ?? nothing)),
  ]);
  const table = tableText([header, ...rows], () => false);
  const width = Math.max(...table.split("\n").map((line) => line.length));
  return width <= columns ? table : settingsByValue(comparison);
}

function resultsText({ title, note, columns, rows }: ResultsTable): string {
  const header = [
    "",
    ...columns.map(({ label, unit }) =>
      unit === undefined ? label : `${label} [${unit}]`
    ),
  ];
  const body = rows.map(({ name, values }) => [
    name,
    ...columns.map(({ key, digits, unit }) =>
      resultText(values[key], digits ?? (unit === "%" ? 1 : undefined))
    ),
  ]);
  return [
    ...[title, "", tableText([header, ...body], (column) => column > 0)],
    ...note === undefined ? [] : ["", note],
  ].join("\n");
}

/**
 * What a terminal shows: runs, settings that differ, results, and what is wrong.
 *
 * @param columns the terminal's width; settings that would be wider are listed by value
 */
export function comparisonText(comparison: Comparison, columns = 120): string {
  const { runs, differing, tables, groups } = comparison;
  const problems = runs.flatMap((run) =>
    run.state === "damaged"
      ? [`${run.name}: ${run.problem}`]
      : run.content.warnings.map((warning) => `${run.name}: ${warning}`)
  );
  const several = groups.some(({ runs }) => runs.length > 1);
  return [
    runsText(comparison),
    ...differing.length === 0
      ? []
      : [`Settings that differ\n\n${settingsText(comparison, columns)}`],
    ...tables.map(resultsText),
    ...several
      ? ["±: sample standard deviation over runs that differ in their seed."]
      : [],
    ...problems,
  ].join("\n\n") + "\n";
}
