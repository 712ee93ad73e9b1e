/** The results of several runs in one table: a row for each, seeds as mean and deviation. */

import type { ResultsColumn, ResultsTable } from "../../runs/run_schema.ts";
import type { RunGroup } from "./run_groups.ts";

type Values = Record<string, (number | null)[]>;

interface Row {
  readonly group: RunGroup;
  readonly name: string;
  readonly values: Values;
}

function columnsOf(tables: readonly ResultsTable[]): ResultsColumn[] {
  const columns = new Map<string, ResultsColumn>();
  for (const column of tables.flatMap(({ columns }) => columns)) {
    if (!columns.has(column.key)) columns.set(column.key, column);
  }
  return [...columns.values()];
}

/** The rows of a group, each with the values of all its runs. */
function rowsOf(group: RunGroup, title: string): Row[] {
  const rows = new Map<string, Values>();
  for (const { content } of group.runs) {
    for (const table of content.tables) {
      if (table.title !== title) continue;
      for (const { name, values } of table.rows) {
        const row = rows.get(name) ?? {};
        rows.set(name, row);
        for (const [key, more] of Object.entries(values)) (row[key] ??= []).push(...more);
      }
    }
  }
  return [...rows].map(([name, values]) => ({ group, name, values }));
}

/**
 * A row's name: the group's for the row that is the run itself, and with its own name for the others,
 * such as those of random weights.
 */
function nameOf({ group, name }: Row, rows: readonly Row[]): string {
  const ofGroup = rows.filter((row) => row.group === group).length;
  const facts = group.runs[0]!.facts;
  if (ofGroup === 1 || name === facts.recipe) return group.name;
  // What all groups have with the same numbers is one row, such as raw pixels.
  const same = rows.filter((row) => row.name === name);
  const equal = same.length > 1 &&
    same.every(({ values }) =>
      JSON.stringify(values) === JSON.stringify(same[0]!.values)
    );
  return equal ? name : `${group.name}: ${name}`;
}

/** Tables of the same title as one, with all their columns, in the order in which they come. */
export function mergedResults(groups: readonly RunGroup[]): ResultsTable[] {
  const all = groups.flatMap(({ runs }) => runs.flatMap(({ content }) => content.tables));
  return [...Map.groupBy(all, ({ title }) => title)].map(([title, tables]) => {
    const rows = groups.flatMap((group) => rowsOf(group, title));
    const named = new Map(rows.map((row) => [nameOf(row, rows), row.values]));
    const notes = new Set(tables.flatMap(({ note }) => note ?? []));
    return {
      title,
      ...notes.size === 0 ? {} : { note: [...notes].join(" ") },
      columns: columnsOf(tables),
      rows: [...named].map(([name, values]) => ({ name, values })),
    };
  });
}
