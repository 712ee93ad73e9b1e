/**
 * A table of results as HTML: mean ± standard deviation, and a dash for what is
 * missing.
 */

import { type Markup, markup } from "./html.ts";
import type { ResultsColumn, ResultsTable } from "../runs/run_schema.ts";
import { digitsFor, formatNumber, summarize, type Summary } from "./statistics.ts";

/** The table with its title and note, and a sentence on its spread. */
export function resultsMarkup(table: ResultsTable): Markup {
  const columns = table.columns.map((column) => {
    const cells = table.rows.map((row) => summarize(row.values[column.key] ?? []));
    return {
      column,
      cells,
      digits: digitsOf(column, cells),
      best: bestOf(column, cells),
    };
  });
  const head = columns.map(({ column }) =>
    markup`<th scope="col">${column.label}${
      column.unit === undefined ? "" : markup` <span class="unit">${column.unit}</span>`
    }</th>`
  );
  const rows = table.rows.map((row, index) =>
    markup`<tr><th scope="row">${row.name}</th>${
      columns.map(({ cells, digits, best }) =>
        cellMarkup(cells[index], digits, index === best)
      )
    }</tr>`
  );
  const counts = columns.flatMap(({ cells }) => cells.map((cell) => cell?.count ?? 0));
  const most = Math.max(0, ...counts);
  const fewest = Math.min(...counts.filter((count) => count > 0), most);
  return markup`<section class="results">
<h2>${table.title}</h2>
<div class="scroll"><table>
<thead><tr><td></td>${head}</tr></thead>
<tbody>${rows}</tbody>
</table></div>
${table.note === undefined ? "" : markup`<p class="note">${table.note}</p>`}
<p class="note">${spreadSentence(fewest, most)}</p>
</section>`;
}

function cellMarkup(cell: Summary | undefined, digits: number, best: boolean): Markup {
  if (cell === undefined) return markup`<td class="missing" title="not measured">–</td>`;
  const spread = cell.deviation === undefined
    ? ""
    : markup` <span class="spread">± ${formatNumber(cell.deviation, digits)}</span>`;
  const mean = formatNumber(cell.mean, digits);
  return markup`<td>${best ? markup`<strong>${mean}</strong>` : mean}${spread}</td>`;
}

function digitsOf(
  column: ResultsColumn,
  cells: readonly (Summary | undefined)[],
): number {
  if (column.digits !== undefined) return column.digits;
  if (column.unit === "%") return 1;
  return digitsFor(Math.max(0, ...cells.map((cell) => Math.abs(cell?.mean ?? 0))));
}

/** Row of the best mean, if the column says which way is better and there is a choice. */
function bestOf(column: ResultsColumn, cells: readonly (Summary | undefined)[]): number {
  if (column.better === undefined) return -1;
  const sign = column.better === "higher" ? 1 : -1;
  const scores = cells.map((cell) => cell === undefined ? -Infinity : sign * cell.mean);
  const known = scores.filter(Number.isFinite);
  return known.length < 2 ? -1 : scores.indexOf(Math.max(...known));
}

function spreadSentence(fewest: number, most: number): string {
  if (most === 0) return "Nothing measured yet.";
  if (most === 1) {
    return "One seed: there is no spread to compare with, so small differences may be " +
      "chance.";
  }
  const count = fewest === most ? `${most}` : `${fewest} to ${most}`;
  return `Mean ± sample standard deviation over ${count} seeds.`;
}

/** In place of tables where there are none yet. */
export const noResults: Markup = markup`<section>
<h2>Results</h2>
<p class="quiet">No results yet: nothing has been evaluated.</p>
</section>`;
