/**
 * What is measured of a tiny CLIP, and the table that says it.
 *
 * @module
 */
import type { EmojiDataset } from "../../lib/data/mod.ts";
import type { Features } from "../../lib/trainers/features.ts";
import { recallAt } from "../../lib/trainers/retrieval.ts";
import {
  captionFeatures,
  type SpeakingClip,
  zeroShotAccuracy,
} from "../../lib/trainers/zero_shot.ts";
import type { TableLayout } from "../training/evaluations.ts";
import { classMeasures, type Measure } from "../training/frozen.ts";
import type { ClipData } from "./data.ts";

/** The rows of the table. */
export type Row = "raw pixels" | "random CLIP" | "CLIP";

/** The columns of the tables; not every data set has all. */
export type Column = "knn" | "probe" | "zero-shot" | "other-drawing" | "by-name";

const rows: readonly Row[] = ["raw pixels", "random CLIP", "CLIP"];

function column(key: Column, label: string) {
  return { key, label, unit: "%", better: "higher", digits: 1 } as const;
}

/** The table of a data set. */
export function clipTable(data: ClipData): TableLayout<Row, Column> {
  const [knn, probe] = [
    column("knn", "k-nearest neighbours"),
    column("probe", "linear probe"),
  ];
  switch (data.kind) {
    case "emoji":
      return {
        title: `Held-out emoji: ${data.test.length} drawings of ${data.test.length / 2}`,
        note:
          "k-nearest neighbours (k = 20) and linear probe of the nine categories on frozen " +
          "features; the same emoji found in the other drawing (recall@1, mean of both " +
          "directions); a drawing of the emoji found by its name (recall@5). Raw pixels are averaged down to 16 × 16. No emoji of the " +
          "test part, nor a variant of it, was seen in training.",
        columns: [
          ...[knn, probe, column("other-drawing", "same emoji, other drawing")],
          column("by-name", "found by its name"),
        ],
        rows,
      };
    case "fashion-mnist":
      return {
        title: "Accuracy on the 10,000 test images of Fashion-MNIST",
        note:
          "k-nearest neighbours (k = 20) and linear probe on frozen features, with the " +
          `labels of the ${data.train.length} captioned images; zero-shot: the class whose ` +
          "captions are nearest.",
        columns: [knn, probe, column("zero-shot", "zero-shot")],
        rows,
      };
  }
}

/** The rows of a part of all features. */
function slice({ values, width }: Features, start: number, length: number): Features {
  return {
    values: values.subarray(start * width, (start + length) * width),
    length,
    width,
  };
}

/** Finds each emoji of one drawing in the other; the first half of the set is Noto's. */
async function otherDrawing({ length, conceptIds }: EmojiDataset, features: Features) {
  const half = length / 2;
  const [noto, twemoji] = [0, half].map((start) => ({
    features: slice(features, start, half),
    ids: conceptIds.subarray(start, start + half),
  })) as [Parameters<typeof recallAt>[1], Parameters<typeof recallAt>[1]];
  return (await recallAt(1, noto, twemoji) + await recallAt(1, twemoji, noto)) / 2;
}

/** Finds one of an emoji's drawings by its name. */
async function byName({ length, conceptIds, captions }: EmojiDataset, {
  features,
  clip,
}: { features: Features; clip: SpeakingClip }) {
  const half = length / 2; // both drawings have the same names
  const names = {
    features: captionFeatures(clip, captions.slice(0, half)),
    ids: conceptIds.subarray(0, half),
  };
  return await recallAt(5, names, { features, ids: conceptIds });
}

/** What can be measured of an encoder; by sentences only of a CLIP. */
export function clipMeasures(
  data: ClipData,
  seed: number,
  clip?: SpeakingClip,
): Partial<Record<Column, Measure>> {
  const classes = classMeasures(data.test.classNames.length, seed);
  switch (data.kind) {
    case "emoji": {
      const { test } = data;
      return {
        ...classes,
        "other-drawing": (_, { features }) => otherDrawing(test, features),
        ...(clip && { "by-name": (_, { features }) => byName(test, { features, clip }) }),
      };
    }
    case "fashion-mnist":
      return {
        ...classes,
        ...(clip &&
          { "zero-shot": (_, test) => zeroShotAccuracy(clip, test, data.prompts) }),
      };
  }
}
