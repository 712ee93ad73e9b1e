/**
 * How good a classifier is, in words: accuracy, each class, and what is taken for what.
 *
 * @module
 */
import type { ClassificationReport } from "../../lib/trainers/evaluate.ts";

// A terminal has room for so many columns of numbers.
const mostColumns = 12;
const mostClasses = 40;

function confusionRows(
  { confusion }: ClassificationReport,
  names: readonly string[],
): string[] {
  const classes = names.length;
  const cells = Array.from(confusion, String);
  const width = Math.max(...cells.map(({ length }) => length), String(classes).length) +
    1;
  const header = names.map((_, column) => String(column).padStart(width)).join("");
  const label = Math.max(...names.map(({ length }) => length)) + 5;
  return [
    "Right answers are rows, given ones columns:",
    " ".repeat(label) + header,
    ...names.map((name, row) =>
      `${String(row).padStart(3)} ${name}`.padEnd(label) +
      cells.slice(row * classes, (row + 1) * classes)
        .map((cell) => cell.padStart(width)).join("")
    ),
  ];
}

/** A report as text; of many classes the worst ones. */
export function describeReport(
  report: ClassificationReport,
  names: readonly string[],
): string {
  const { top1, top5, count, perClass } = report;
  const rows = perClass.map((entry, index) => ({ ...entry, name: names[index]! }))
    .filter(({ count }) => count > 0);
  const shown = rows.length <= mostClasses
    ? rows
    : rows.toSorted((a, b) => a.top1 - b.top1).slice(0, mostClasses);
  const width = Math.max(...shown.map(({ name }) => name.length));
  return [
    `${count} images: top-1 ${top1.toFixed(2)} %, top-5 ${top5.toFixed(2)} %`,
    shown.length < rows.length
      ? `The ${shown.length} worst of ${rows.length} classes:`
      : "Each class:",
    ...shown.map(({ name, top1, count }) =>
      `  ${name.padEnd(width)} ${top1.toFixed(1).padStart(6)} % of ${count}`
    ),
    ...names.length <= mostColumns ? confusionRows(report, names) : [],
  ].join("\n");
}
