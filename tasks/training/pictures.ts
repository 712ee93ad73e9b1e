/**
 * Pictures that more than one task puts into its report.
 *
 * @module
 */
import type { LabelledDataset } from "../../lib/data/mod.ts";
import { imageGrid, pictureOf } from "../../lib/plots/mod.ts";
import type { RunWriter } from "../../lib/runs/mod.ts";
import { extractFeatures, type Features } from "../../lib/trainers/features.ts";
import { nearestNeighbours } from "../../lib/trainers/nearest_neighbours.ts";
import type { Encode } from "./frozen.ts";

/** The first images of different classes. */
export function oneOfEachClass({ labels }: LabelledDataset, count: number): number[] {
  const found = new Map<number, number>();
  labels.forEach((label, index) => found.has(label) || found.set(label, index));
  return [...found].sort(([a], [b]) => a - b).slice(0, count).map(([, index]) => index);
}

function rowsAt({ values, width }: Features, indices: readonly number[]): Features {
  const chosen = new Float32Array(indices.length * width);
  indices.forEach((index, row) =>
    chosen.set(values.subarray(index * width, (index + 1) * width), row * width)
  );
  return { values: chosen, length: indices.length, width };
}

/** Writes neighbours.png: a test image of six classes, and the six test images nearest to it. */
export async function writeNeighbours(
  run: RunWriter,
  test: LabelledDataset,
  encode: Encode,
  whose: string,
): Promise<void> {
  const features = await extractFeatures(test, encode, { phase: "neighbours" });
  const queries = rowsAt(features, oneOfEachClass(test, 6));
  const count = Math.min(7, features.length); // the nearest is itself
  const found = await nearestNeighbours(features, queries, count);
  const columnTitles = found[0] === undefined
    ? []
    : Array.from(found[0], (_, column) => column === 0 ? "image" : `${column}`);
  const rows = found.map((indices) =>
    Array.from(indices, (index) => pictureOf(test, index))
  );
  const scale = Math.max(1, Math.round(84 / test.width)); // the same size whatever the images'
  await run.writePicture({
    file: "neighbours.png",
    title: `Nearest test images in ${whose} feature space`,
    caption: "Left the image itself, then its neighbours, nearest first.",
  }, await imageGrid(rows, { columnTitles, scale }));
}
