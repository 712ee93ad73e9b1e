/**
 * The table of results in the terminal.
 *
 * @module
 */
import { summarize } from "../../lib/plots/mod.ts";
import { readRunFolder } from "../../lib/runs/mod.ts";

/** Prints every table of a run. */
export async function printTable(folder: string): Promise<void> {
  const { tables } = await readRunFolder(folder);
  for (const { title, columns, rows } of tables) {
    const header = [
      "",
      ...columns.map(({ label, unit }) => unit ? `${label} [${unit}]` : label),
    ];
    const body = rows.map(({ name, values }) => [
      name,
      ...columns.map(({ key, digits }) => {
        const summary = summarize(values[key] ?? []);
        if (summary === undefined) return "–";
        const write = (value: number): string => value.toFixed(digits ?? 1);
        const { mean, deviation } = summary;
        return write(mean) + (deviation === undefined ? "" : ` ± ${write(deviation)}`);
      }),
    ]);
    const widths = header.map((_, column) =>
      Math.max(...[header, ...body].map((row) => row[column]!.length))
    );
    console.log(`\n${title}`);
    for (const row of [header, ...body]) {
      console.log(
        row.map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)
        ).join("  "),
      );
    }
  }
  console.log();
}
