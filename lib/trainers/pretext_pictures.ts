/**
 * What a method does to images, as one picture: originals, what the network saw, what it made of
 * it, and how wrong that is.
 *
 * @module
 */
import type { ImageDataset } from "../data/mod.ts";
import {
  disposeTree,
  foldIn,
  type Key,
  randomKey,
  rowsOf,
  type Tensor,
  tf,
} from "../engine/mod.ts";
import type { MethodPictures } from "../methods/method.ts";
import { patchify } from "../nn/patch_embed.ts";
import { type Parameters, scope } from "../nn/scope.ts";
import { pictureOf } from "../plots/dataset_picture.ts";
import { imageGrid } from "../plots/image_grid.ts";
import { heatOverlay } from "../plots/overlays.ts";
import type { Picture } from "../plots/picture.ts";
import { normalizedImages } from "./normalized_images.ts";
import type { Pretext } from "./pretext.ts";

/** Options of {@linkcode pretextPictures}. */
export interface PretextPicturesOptions {
  pretext: Pretext;
  dataset: ImageDataset;
  /** The images to show, one per column. */
  indices: readonly number[];
  /** Draws the masks; with the same key they stay, and grids can be compared. */
  key?: Key;
  /** Side, in pixels, of the square that a pixel becomes. Default: 3. */
  scale?: number;
}

/** A row of the grid: images `(B, H, W, C)` in 0 … 1, or weights of patches `(B, N)`. */
interface Row {
  title: string;
  kind: "images" | "weights";
  values: Tensor;
}

/** Pixels in 0 … 1 from normalised ones. */
function toPixels(images: Tensor, { mean, std }: ImageDataset): Tensor {
  return images.mul(tf.tensor1d([...std])).add(tf.tensor1d([...mean])).clipByValue(0, 1);
}

/** Mean absolute error over the cells of a mask of `length` cells, `(B, N)`. */
function errorOfCells(difference: Tensor, length: number): Tensor {
  const [, height, width] = difference.shape as [number, number, number];
  return patchify(difference.abs(), Math.sqrt(height * width / length)).mean(-1);
}

function rowsOfPictures(
  pictures: MethodPictures,
  images: Tensor,
  cells: number,
  dataset: ImageDataset,
): Row[] {
  const { input, reconstruction, partner, importance, error } = pictures;
  const shown = (title: string, images: Tensor | undefined): Row[] =>
    images === undefined
      ? []
      : [{ title, kind: "images", values: toPixels(images, dataset) }];
  const weighed = (title: string, values: Tensor | undefined): Row[] =>
    values === undefined ? [] : [{ title, kind: "weights", values }];
  const wrong = error ??
    (reconstruction && errorOfCells(reconstruction.sub(images), cells));
  return [
    ...shown("partner", partner?.images),
    ...weighed("importance", importance),
    ...shown(partner === undefined ? "masked" : "mixed", input),
    ...shown("reconstructed", reconstruction),
    ...shown("its partner", partner?.reconstruction),
    ...weighed("error", wrong),
  ];
}

async function picturesOfRow(
  { kind, values }: Row,
  originals: readonly Picture[],
): Promise<Picture[]> {
  const rows = await rowsOf(values);
  return originals.map((picture, column) => {
    if (kind === "images") return { ...picture, pixels: rows[column]! };
    const patchSize = Math.sqrt(picture.height * picture.width / rows[column]!.length);
    return heatOverlay(picture, rows[column]!, patchSize);
  });
}

/**
 * A grid as PNG bytes, one column per image: the original; for MILAN the importance of its patches;
 * the masked, filled or mixed input (for MixMIM under the partner that it was mixed with); the
 * reconstruction, where the method predicts pixels, with the original's brightness and contrast
 * put back; and the error of each patch.
 *
 * @throws {RangeError} if an index lies outside the data set.
 */
export async function pretextPictures(
  parameters: Parameters,
  { pretext, dataset, indices, key, scale = 3 }: PretextPicturesOptions,
): Promise<Uint8Array> {
  const rows: Row[] = [];
  tf.tidy(() => {
    const images = normalizedImages(dataset, indices);
    const output = pretext(
      scope(parameters),
      images,
      key ?? foldIn(randomKey(0), "pictures"),
    );
    const cells = output.mask.mask.shape[1]!;
    const made = rowsOfPictures(output.pictures(), images, cells, dataset);
    // A row may be a tensor that others share, or that is made outside: this one is ours.
    rows.push(
      ...made.map((row) => ({ ...row, values: tf.keep(row.values.clone()) })),
    );
  });
  const originals = indices.map((index) => pictureOf(dataset, index));
  const drawn = await Promise.all(rows.map((row) => picturesOfRow(row, originals)));
  disposeTree(rows.map(({ values }) => values));
  return await imageGrid([originals, ...drawn], {
    rowTitles: ["original", ...rows.map(({ title }) => title)],
    scale,
  });
}
