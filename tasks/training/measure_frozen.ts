/**
 * Nearest neighbours and a linear probe on the features of a frozen backbone, for the table of a run.
 *
 * @module
 */
import type { LabelledDataset } from "../../lib/data/mod.ts";
import { type Parameters, scope } from "../../lib/nn/scope.ts";
import { extractLabelledFeatures } from "../../lib/trainers/features.ts";
import { linearProbeAccuracy } from "../../lib/trainers/linear_probe.ts";
import { knnAccuracy } from "../../lib/trainers/nearest_neighbours.ts";
import { terminalProgress } from "../../lib/trainers/progress.ts";
import type { StreamedImages } from "../../lib/trainers/streamed_images.ts";
import type { TrainingSurroundings } from "../../lib/trainers/training_loop.ts";
import type { Evaluations, TableLayout } from "./evaluations.ts";
import {
  type FrozenBackbone,
  frozenFeatures,
} from "../../lib/methods/frozen_features.ts";

/** Columns of the table. */
export type FrozenColumn = "knn" | "probe";

/** Labelled images that are learned from, and others to be tested on. */
export interface LabelledParts {
  bank: LabelledDataset | StreamedImages;
  queries: LabelledDataset | StreamedImages;
  classes: number;
}

/** The layout of the table. */
export function frozenTable<Row extends string>(
  rows: readonly Row[],
  note: string,
): TableLayout<Row, FrozenColumn> {
  const percent = { unit: "%", better: "higher", digits: 1 } as const;
  return {
    title: "Accuracy on frozen features",
    note,
    columns: [
      { key: "knn", label: "k-nearest neighbours", ...percent },
      { key: "probe", label: "linear probe", ...percent },
    ],
    rows,
  };
}

/** Fills in a row of the table, unless it is filled in already. */
export async function measureFrozen<Row extends string>(
  row: Row,
  seed: number,
  parameters: () => Parameters,
  backbone: FrozenBackbone,
  parts: LabelledParts,
  evaluations: Evaluations<Row, FrozenColumn>,
  { interruption, progress = terminalProgress }: TrainingSurroundings,
): Promise<void> {
  if (evaluations.has(row, ["knn", "probe"], seed)) return;
  const { bank, queries, classes } = parts;
  const frozen = scope(parameters());
  const features = (images: typeof bank, which: string) =>
    extractLabelledFeatures(
      images,
      (batch) => frozenFeatures(frozen, batch, backbone),
      {
        ...{ phase: `${row}: ${which}`, progress, batchSize: 250 },
        ...interruption === undefined ? {} : { interruption },
      },
    );
  const known = await features(bank, "images to learn from");
  const asked = await features(queries, "test images");
  await evaluations.once(row, "knn", seed, () => knnAccuracy(known, asked, classes));
  await evaluations.once(
    ...[row, "probe", seed] as const,
    () => linearProbeAccuracy(known, asked, { classes, seed }),
  );
}
