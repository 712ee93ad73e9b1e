/**
 * How good a classifier is, in words: accuracy, each class, and what is taken for what; of many classes
 * the ends. Files hold all of it.
 *
 * @module
 */
import { makeFolder, writeAtomically } from "../../lib/runs/mod.ts";
import type { ClassificationReport } from "../../lib/trainers/evaluate.ts";

// What fits on a screen: a matrix of so many columns, so many classes in full, or lists of so many.
const mostColumns = 12;
const mostClasses = 20;
const listed = 10;
const longestName = 30;

/** Images of one class that were taken for another. */
interface Confusion {
  right: string;
  given: string;
  count: number;
  /** In percent of the images of the right class. */
  share: number;
}

/** What is taken for what, the most frequent first. */
function confusionsOf(
  { confusion, perClass }: ClassificationReport,
  names: readonly string[],
): Confusion[] {
  const classes = names.length;
  const found: Confusion[] = [];
  confusion.forEach((count, place) => {
    const [right, given] = [Math.floor(place / classes), place % classes];
    if (count === 0 || right === given) return;
    const share = 100 * count / perClass[right]!.count;
    found.push({ right: names[right]!, given: names[given]!, count, share });
  });
  return found.sort((a, b) => b.count - a.count || b.share - a.share);
}

function short(name: string): string {
  return name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
}

/** Rows whose first columns stand below each other. */
function aligned(rows: readonly (readonly [first: string, rest: string])[]): string[] {
  const width = Math.max(0, ...rows.map(([first]) => first.length));
  return rows.map(([first, rest]) => `  ${first.padEnd(width)} ${rest}`);
}

function matrixRows(
  { confusion }: ClassificationReport,
  names: readonly string[],
): string[] {
  const classes = names.length;
  const cells = Array.from(confusion, String);
  const width = Math.max(...cells.map(({ length }) => length), String(classes).length) +
    1;
  const header = names.map((_, column) => String(column).padStart(width)).join("");
  const labels = names.map(short);
  const label = Math.max(...labels.map(({ length }) => length)) + 5;
  return [
    "Right answers are rows, given ones columns:",
    " ".repeat(label) + header,
    ...labels.map((name, row) =>
      `${String(row).padStart(3)} ${name}`.padEnd(label) +
      cells.slice(row * classes, (row + 1) * classes)
        .map((cell) => cell.padStart(width)).join("")
    ),
  ];
}

/** Each class; of many the worst ones and the best. */
function classRows({ perClass }: ClassificationReport, names: readonly string[]) {
  const all = perClass.map((entry, index) => ({ ...entry, name: names[index]! }))
    .filter(({ count }) => count > 0);
  const rows = (classes: typeof all) =>
    aligned(
      classes.map(({ name, top1, count }) => [
        short(name),
        `${top1.toFixed(1).padStart(5)} % of ${count}`,
      ]),
    );
  if (all.length <= mostClasses) return ["Each class:", ...rows(all)];
  const sorted = all.toSorted((a, b) => a.top1 - b.top1);
  return [
    `The ${listed} worst of ${all.length} classes:`,
    ...rows(sorted.slice(0, listed)),
    `The ${listed} best:`,
    ...rows(sorted.slice(-listed).reverse()),
  ];
}

function confusionRows(report: ClassificationReport, names: readonly string[]): string[] {
  const all = confusionsOf(report, names);
  if (all.length === 0) return [];
  const shown = all.slice(0, listed);
  return [
    `The ${shown.length} most frequent confusions of ${all.length}:`,
    ...aligned(
      shown.map(({ right, given, count, share }) => [
        `${short(right)} taken for ${short(given)}`,
        `${String(count).padStart(5)} (${share.toFixed(1)} %)`,
      ]),
    ),
  ];
}

/** A report as text: of many classes the worst and best ones, and the most frequent confusions. */
export function describeReport(
  report: ClassificationReport,
  names: readonly string[],
): string {
  const { top1, top5, count } = report;
  return [
    `${count} images: top-1 ${top1.toFixed(2)} %, top-5 ${top5.toFixed(2)} %`,
    ...classRows(report, names),
    ...names.length <= mostColumns
      ? matrixRows(report, names)
      : confusionRows(report, names),
  ].join("\n");
}

function cell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The whole matrix: right answers are rows, given ones columns. */
function matrixCsv(
  { confusion }: ClassificationReport,
  names: readonly string[],
): string {
  const classes = names.length;
  const rows = names.map((name, row) =>
    [cell(name), ...confusion.subarray(row * classes, (row + 1) * classes)].join()
  );
  return [["right", ...names.map(cell)].join(), ...rows, ""].join("\n");
}

/**
 * Writes all of a report: `classification.json` with every class and every confusion, and
 * `confusion.csv` with the matrix.
 *
 * @returns a sentence that says where.
 */
export async function writeReportFiles(
  folder: string,
  report: ClassificationReport,
  names: readonly string[],
): Promise<string> {
  const { count, top1, top5, perClass } = report;
  const classes = perClass.map(({ count, top1 }, index) => ({
    name: names[index],
    count,
    top1: count === 0 ? null : top1,
  }));
  const confusions = confusionsOf(report, names)
    .map(({ right, given, count }) => ({ right, given, count }));
  const [json, csv] = [`${folder}/classification.json`, `${folder}/confusion.csv`];
  await makeFolder(folder);
  await writeAtomically(
    json,
    JSON.stringify({ count, top1, top5, classes, confusions }, null, 1) + "\n",
  );
  await writeAtomically(csv, matrixCsv(report, names));
  return `Every class and confusion: ${json}; the matrix: ${csv}`;
}
