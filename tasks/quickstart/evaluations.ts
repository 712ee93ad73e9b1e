/**
 * Numbers that take a while to compute, each computed once: a run that is gone on with finds those
 * that it already has.
 *
 * @module
 */
import type { ResultsTable, RunWriter } from "../../lib/runs/mod.ts";
import { writeAtomically } from "../../lib/runs/mod.ts";

/** The columns of the quickstart's table. */
export const columns: ResultsTable["columns"] = [
  { key: "knn", label: "k-nearest neighbours", unit: "%", better: "higher", digits: 1 },
  { key: "probe", label: "linear probe", unit: "%", better: "higher", digits: 1 },
  {
    key: "finetune",
    label: "fine-tuned, 600 labels",
    unit: "%",
    better: "higher",
    digits: 1,
  },
];

/** A column of the table. */
export type Column = "knn" | "probe" | "finetune";

/** The models in the table's order. */
export const models = [
  "raw pixels",
  "random ViT",
  "CLIP teacher",
  "MAE",
  "MILAN",
] as const;

/** A row of the table. */
export type Model = (typeof models)[number];

/** Results by model, column and seed. */
export interface Evaluations {
  /** The value, computed unless it is known. */
  once(
    model: Model,
    column: Column,
    seed: number,
    compute: () => Promise<number>,
  ): Promise<number>;
  /** Whether all of these are known. */
  has(model: Model, columns: readonly Column[], seed: number): boolean;
}

type Known = Record<string, number>;

function tableOf(known: Known, seeds: readonly number[]): ResultsTable {
  return {
    title: "Accuracy on the 10,000 test images of Fashion-MNIST",
    note:
      "k-nearest neighbours (k = 20) and linear probe on frozen features, with the labels of " +
      "the 6,000 captioned images; fine-tuning with 600 of them. A random ViT fine-tuned is " +
      "training from scratch.",
    columns,
    rows: models.map((name) => ({
      name,
      values: Object.fromEntries(columns.map(({ key }) => [
        key,
        seeds.map((seed) => known[`${name}/${key}/${seed}`] ?? null),
      ])),
    })),
  };
}

async function readKnown(path: string): Promise<Known> {
  try {
    return JSON.parse(await Deno.readTextFile(path)) as Known;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw new Error(
      `"${path}" is damaged: remove it, and its numbers are computed again`,
    );
  }
}

/** The evaluations of a run folder. */
export async function openEvaluations(
  run: RunWriter,
  seeds: readonly number[],
): Promise<Evaluations> {
  const path = `${run.folder}/evaluations.json`;
  const known = await readKnown(path);
  const keyOf = (model: Model, column: Column, seed: number): string =>
    `${model}/${column}/${seed}`;
  return {
    async once(model, column, seed, compute) {
      const key = keyOf(model, column, seed);
      if (known[key] === undefined) {
        known[key] = await compute();
        await writeAtomically(path, JSON.stringify(known, null, 2) + "\n");
        await run.writeResults([tableOf(known, seeds)]);
      }
      return known[key]!;
    },
    has: (model, columns, seed) =>
      columns.every((column) => known[keyOf(model, column, seed)] !== undefined),
  };
}
