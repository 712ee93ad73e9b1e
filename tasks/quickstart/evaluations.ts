/**
 * The quickstart's table.
 *
 * @module
 */
import type { ResultsTable } from "../../lib/runs/mod.ts";
import type { Evaluations, TableLayout } from "../training/evaluations.ts";

const columns: readonly (ResultsTable["columns"][number] & { key: Column })[] = [
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

/** The quickstart's results, by model, column and seed. */
export type QuickstartEvaluations = Evaluations<Model, Column>;

/** The quickstart's table. */
export const quickstartTable: TableLayout<Model, Column> = {
  title: "Accuracy on the 10,000 test images of Fashion-MNIST",
  note:
    "k-nearest neighbours (k = 20) and linear probe on frozen features, with the labels of " +
    "the 6,000 captioned images; fine-tuning with 600 of them. A random ViT fine-tuned is " +
    "training from scratch.",
  columns,
  rows: models,
};
