/**
 * Numbers that take a while to compute, each computed once: a run that is gone on with finds those
 * that it already has.
 *
 * @module
 */
import {
  type ResultsTable,
  type RunWriter,
  writeAtomically,
} from "../../lib/runs/mod.ts";

/** What a table says beside its numbers. */
export interface TableLayout<Row extends string, Column extends string> {
  title: string;
  note: string;
  columns: readonly (ResultsTable["columns"][number] & { key: Column })[];
  rows: readonly Row[];
}

/** Results by row, column and seed. */
export interface Evaluations<Row extends string, Column extends string> {
  /** The value, computed unless it is known. */
  once(
    row: Row,
    column: Column,
    seed: number,
    compute: () => Promise<number> | number,
  ): Promise<number>;
  /** Whether all of these are known. */
  has(row: Row, columns: readonly Column[], seed: number): boolean;
}

type Known = Record<string, number>;

function isKnown(value: unknown): value is Known {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every(Number.isFinite);
}

async function readKnown(path: string): Promise<Known> {
  try {
    const known: unknown = JSON.parse(await Deno.readTextFile(path));
    if (isKnown(known)) return known;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(`"${path}" is damaged: remove it, and its numbers are computed again`);
}

function keyOf(row: string, column: string, seed: number): string {
  return `${row}/${column}/${seed}`;
}

function tableOf<Row extends string, Column extends string>(
  known: Known,
  seeds: readonly number[],
  { title, note, columns, rows }: TableLayout<Row, Column>,
): ResultsTable {
  return {
    title,
    note,
    columns: [...columns],
    rows: rows.map((name) => ({
      name,
      values: Object.fromEntries(columns.map(({ key }) => [
        key,
        seeds.map((seed) => known[keyOf(name, key, seed)] ?? null),
      ])),
    })),
  };
}

/** The evaluations of a run folder, which are its table of results as well. */
export async function openEvaluations<Row extends string, Column extends string>(
  run: RunWriter,
  seeds: readonly number[],
  layout: TableLayout<Row, Column>,
): Promise<Evaluations<Row, Column>> {
  const path = `${run.folder}/evaluations.json`;
  const known = await readKnown(path);
  return {
    async once(row, column, seed, compute) {
      const key = keyOf(row, column, seed);
      if (known[key] === undefined) {
        known[key] = await compute();
        await writeAtomically(path, JSON.stringify(known, null, 2) + "\n");
        await run.writeResults([tableOf(known, seeds, layout)]);
      }
      return known[key]!;
    },
    has: (row, columns, seed) =>
      columns.every((column) => known[keyOf(row, column, seed)] !== undefined),
  };
}
