/**
 * What is measured of a CLIP, and the table that says it.
 *
 * @module
 */
import {
  type EmojiDataset,
  equalCaptions,
  type LabelledDataset,
} from "../../lib/data/mod.ts";
import type { Features, LabelledFeatures } from "../../lib/trainers/features.ts";
import { linearProbeAccuracy } from "../../lib/trainers/linear_probe.ts";
import { knnAccuracy } from "../../lib/trainers/nearest_neighbours.ts";
import { recallAt } from "../../lib/trainers/retrieval.ts";
import {
  captionFeatures,
  type SpeakingClip,
  zeroShotAccuracy,
} from "../../lib/trainers/zero_shot.ts";
import { classNamesOf, type Images } from "../training/choose_images.ts";
import type { TableLayout } from "../training/evaluations.ts";
import type { CaptionedImages } from "./captioned_images.ts";
import type { PlacedFeatures } from "./placed_features.ts";

/** The rows of the table. */
export type Row = "raw pixels" | "random CLIP" | "CLIP";

const headings = {
  "knn": "k-nearest neighbours",
  "probe": "linear probe",
  "zero-shot": "zero-shot",
  "other-drawing": "same emoji, other drawing",
  "its-caption": "image → caption",
  "its-image": "caption → image",
  "by-name": "found by its name",
} as const;

/** The columns of the table; not every data set has all. */
export type Column = keyof typeof headings;

/** Images that a CLIP is measured with. */
export interface MeasuredImages {
  captioned: CaptionedImages;
  /** Images with labels to learn from, and such to be tested on; of shards perhaps without labels. */
  bank: Images;
  queries: Images;
}

/** A number in percent from features of the queries, and of the bank where there are labels. */
export type Measure = (
  bank: PlacedFeatures | undefined,
  queries: PlacedFeatures,
) => Promise<number>;

/** How many classes there are, where both have labels. */
export function classesOf({ bank, queries }: MeasuredImages): number | undefined {
  return classNamesOf(queries) === undefined ? undefined : classNamesOf(bank)?.length;
}

/** The captions of the images that are found by them, or that are to be told. */
function captionsOf(queries: Images): readonly string[] | undefined {
  return "captions" in queries
    ? queries.captions as readonly string[] | undefined
    : undefined;
}

function columnsOf(measured: MeasuredImages): Column[] {
  const { captioned: { kind }, queries } = measured;
  const classes: Column[] = classesOf(measured) === undefined ? [] : ["knn", "probe"];
  const recall: Column[] = captionsOf(queries) === undefined
    ? []
    : ["its-caption", "its-image"];
  switch (kind) {
    case "emoji":
      return [...classes, "other-drawing", ...recall, "by-name"];
    case "classes":
      return classes.length === 0 ? [] : [...classes, "zero-shot"];
    case "captions":
      return [...classes, ...recall];
  }
}

function noteOf({ captioned, bank }: MeasuredImages, columns: readonly Column[]): string {
  const { kind, train } = captioned;
  const sentences = {
    "knn":
      "k-nearest neighbours (k = 20) and linear probe on frozen features, with the " +
      `labels of ${bank.length} images of ${train.name}`,
    "zero-shot": "zero-shot: the caption of its class is the nearest of all classes' " +
      "(recall@1)",
    "other-drawing":
      "the same emoji found in the other drawing (recall@1, mean of both directions)",
    "its-caption":
      "the right caption nearest to an image and the right image nearest to a " +
      "caption, among all of the test part (recall@1)",
    "by-name": "a drawing of the emoji found by its name (recall@5)",
  } as Partial<Record<Column, string>>;
  const said = columns.flatMap((column) => sentences[column] ?? []);
  const about = kind === "emoji"
    ? " No emoji of the test part, nor a variant of it, was seen in training."
    : kind === "classes"
    ? " The captions are made of class names: the CLIP has seen these labels."
    : "";
  return `${said.join("; ")}.${about}`;
}

/** The table of a data set; nothing where there is nothing to measure. */
export function clipTable(
  measured: MeasuredImages,
): TableLayout<Row, Column> | undefined {
  const columns = columnsOf(measured);
  if (columns.length === 0) return undefined;
  const { queries } = measured;
  return {
    title: `A CLIP on ${queries.length} images of ${queries.name}`,
    note: noteOf(measured, columns),
    columns: columns.map((key) => ({
      ...{ key, label: headings[key], unit: "%", better: "higher", digits: 1 },
    })),
    // Pixels know no words: without classes there is nothing to measure of them.
    rows: columns.includes("knn")
      ? ["raw pixels", "random CLIP", "CLIP"]
      : ["random CLIP", "CLIP"],
  };
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

function labelled(
  images: Images,
  { features, places }: PlacedFeatures,
): LabelledFeatures {
  const { labels } = images as LabelledDataset;
  return { features, labels: places.map((place) => labels[place]!) };
}

/** Sentences as often as they differ, and which of them belongs to each image. */
function sentencesOf(
  { captioned, queries }: MeasuredImages,
  { features, places }: PlacedFeatures,
  clip: SpeakingClip,
) {
  const captions = captionsOf(queries)!;
  const meanings = captioned.kind === "emoji"
    ? (queries as EmojiDataset).conceptIds
    : equalCaptions(captions);
  const firsts = new Map<string, number>();
  places.forEach((place) => {
    if (!firsts.has(captions[place]!)) firsts.set(captions[place]!, place);
  });
  return {
    images: { features, ids: places.map((place) => meanings[place]!) },
    sentences: {
      features: captionFeatures(clip, [...firsts.keys()]),
      ids: Int32Array.from(firsts.values(), (place) => meanings[place]!),
    },
  };
}

/** What can be measured of an encoder; by sentences only of a CLIP. */
export function clipMeasures(
  measured: MeasuredImages,
  seed: number,
  clip?: SpeakingClip,
): Partial<Record<Column, Measure>> {
  const { captioned, bank, queries } = measured;
  const classes = classesOf(measured)!;
  const all: Record<Column, Measure> = {
    "knn": (known, asked) =>
      knnAccuracy(labelled(bank, known!), labelled(queries, asked), classes),
    "probe": (known, asked) =>
      linearProbeAccuracy(labelled(bank, known!), labelled(queries, asked), {
        ...{ classes, seed },
      }),
    "other-drawing": (_, { features }) => otherDrawing(queries as EmojiDataset, features),
    "zero-shot": (_, asked) =>
      zeroShotAccuracy(clip!, labelled(queries, asked), promptsOf(captioned)),
    "its-caption": (_, asked) => {
      const { images, sentences } = sentencesOf(measured, asked, clip!);
      return recallAt(1, images, sentences);
    },
    "its-image": (_, asked) => {
      const { images, sentences } = sentencesOf(measured, asked, clip!);
      return recallAt(1, sentences, images);
    },
    "by-name": (_, asked) => {
      const { images, sentences } = sentencesOf(measured, asked, clip!);
      return recallAt(5, sentences, images);
    },
  };
  const withoutWords: readonly Column[] = ["knn", "probe", "other-drawing"];
  const taken = columnsOf(measured)
    .filter((column) => clip !== undefined || withoutWords.includes(column));
  return Object.fromEntries(taken.map((column) => [column, all[column]]));
}

function promptsOf(captioned: CaptionedImages): string[][] {
  return captioned.kind === "classes" ? captioned.prompts : [];
}
