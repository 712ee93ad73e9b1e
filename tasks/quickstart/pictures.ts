/**
 * The quickstart's pictures: reconstructions, semantic masks, nearest neighbours.
 *
 * @module
 */
import { copyImages, type LabelledDataset } from "../../lib/data/mod.ts";
import { foldIn, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { scope } from "../../lib/nn/scope.ts";
import {
  heatOverlay,
  imageGrid,
  maskOverlay,
  type Picture,
} from "../../lib/plots/mod.ts";
import type { QuickstartRecipe } from "../../lib/recipes/quickstart.ts";
import type { RunWriter } from "../../lib/runs/mod.ts";
import { extractFeatures, normalizeImages } from "../../lib/trainers/features.ts";
import { nearestNeighbours } from "../../lib/trainers/nearest_neighbours.ts";
import { reconstruct } from "../../lib/trainers/reconstruction.ts";
import { vitFeatures } from "../training/frozen.ts";
import type { QuickstartData, Trained } from "./phases.ts";

/** The first test images of different classes. */
function oneOfEachClass({ labels }: LabelledDataset, count: number): number[] {
  const found = new Map<number, number>();
  labels.forEach((label, index) => found.has(label) || found.set(label, index));
  return [...found].sort(([a], [b]) => a - b).slice(0, count).map(([, index]) => index);
}

/** Some images as a tensor of bytes, and as pictures. */
function selection(dataset: LabelledDataset, indices: readonly number[]) {
  const { height, width, channels } = dataset;
  const bytes = copyImages(dataset, indices);
  const size = height * width * channels;
  const pictures = indices.map((_, row): Picture => ({
    pixels: bytes.slice(row * size, (row + 1) * size),
    height,
    width,
    channels: channels as 1 | 3,
  }));
  const shape: [number, number, number, number] = [
    indices.length,
    height,
    width,
    channels,
  ];
  return { pictures, images: tf.tensor4d(Int32Array.from(bytes), shape, "int32") };
}

/** Row `row` of a tensor `(B, …)` as plain numbers. */
function rowOf(tensor: Tensor, row: number): Float32Array {
  const values = tensor.dataSync() as Float32Array;
  const size = values.length / tensor.shape[0]!;
  return values.slice(row * size, (row + 1) * size);
}

function reconstructionGrid(
  { test }: QuickstartData,
  { mae }: Trained,
  recipe: QuickstartRecipe,
): Promise<Uint8Array> {
  const { pictures, images } = selection(test, oneOfEachClass(test, 8));
  const { patchSize } = recipe.backbone;
  const [masks, pixels] = tf.tidy(() => {
    const normalized = normalizeImages(images, test);
    const key = foldIn(randomKey(0), "pictures");
    const output = mae.pretext(scope(mae.parameters), normalized, key);
    const options = { patchSize, normalizePixels: true, mean: test.mean, std: test.std };
    return [output.mask.mask, reconstruct(normalized, output, options)];
  });
  const masked = pictures.map((picture, row) =>
    maskOverlay(picture, rowOf(masks!, row), patchSize)
  );
  const rebuilt = pictures.map((picture, row): Picture => ({
    ...picture,
    pixels: rowOf(pixels!, row),
  }));
  tf.dispose([images, masks!, pixels!]);
  return imageGrid([pictures, masked, rebuilt], {
    rowTitles: ["original", "masked", "reconstructed"],
    scale: 3,
  });
}

function semanticMaskGrid(
  { test }: QuickstartData,
  { teacher, milan }: Trained,
  recipe: QuickstartRecipe,
): Promise<Uint8Array> {
  const { pictures, images } = selection(test, oneOfEachClass(test, 8));
  const { patchSize } = recipe.backbone;
  const draws = 2;
  const [importance, ...masks] = tf.tidy(() => {
    const normalized = normalizeImages(images, test);
    const drawn = Array.from({ length: draws }, (_, draw) => {
      const key = foldIn(randomKey(draw), "pictures");
      return milan.pretext(scope(milan.parameters), normalized, key).mask.mask;
    });
    return [teacher(normalized).importance, ...drawn];
  });
  const rows = [
    pictures,
    pictures.map((picture, row) =>
      heatOverlay(picture, rowOf(importance!, row), patchSize)
    ),
    ...masks.map((mask) =>
      pictures.map((picture, row) => maskOverlay(picture, rowOf(mask, row), patchSize))
    ),
  ];
  tf.dispose([images, importance!, ...masks]);
  const maskTitles = masks.map((_, draw) => `drawn mask ${draw + 1}`);
  return imageGrid(rows, {
    rowTitles: ["original", "importance", ...maskTitles],
    scale: 3,
  });
}

async function neighbourGrid(
  { test }: QuickstartData,
  { milan }: Trained,
  recipe: QuickstartRecipe,
): Promise<Uint8Array> {
  const encode = vitFeatures(milan.parameters, recipe.backbone);
  const features = await extractFeatures(test, encode, { phase: "neighbours" });
  const queries = oneOfEachClass(test, 6);
  const { width } = features;
  const values = new Float32Array(queries.length * width);
  queries.forEach((index, row) =>
    values.set(features.values.subarray(index * width, (index + 1) * width), row * width)
  );
  const shown = 7; // the nearest is the image itself
  const found = await nearestNeighbours(features, {
    values,
    length: queries.length,
    width,
  }, shown);
  const rows = found.map((indices) => {
    const { pictures, images } = selection(test, [...indices]);
    images.dispose();
    return pictures;
  });
  const columnTitles = Array.from(
    { length: shown },
    (_, index) => index ? `${index}` : "image",
  );
  return imageGrid(rows, { columnTitles, scale: 3 });
}

/** Writes all pictures of a seed. */
export async function writePictures(
  run: RunWriter,
  data: QuickstartData,
  trained: Trained,
  recipe: QuickstartRecipe,
): Promise<void> {
  await run.writePicture({
    file: "reconstruction.png",
    title: "MAE: original, masked, reconstructed",
    caption:
      "Test images that no phase has seen. Grey patches are hidden from the encoder; the " +
      "reconstruction shows predicted patches with the original's brightness and contrast, and " +
      "visible patches as they are.",
  }, await reconstructionGrid(data, trained, recipe));
  await run.writePicture({
    file: "semantic-mask.png",
    title: "MILAN: where the teacher looks, and the masks drawn from it",
    caption:
      "Importance is the attention of the teacher's class token to each patch; patches of " +
      "high importance are kept more often.",
  }, await semanticMaskGrid(data, trained, recipe));
  await run.writePicture({
    file: "neighbours.png",
    title: "Nearest test images in MILAN's feature space",
    caption: "Left the image itself, then its neighbours, nearest first.",
  }, await neighbourGrid(data, trained, recipe));
}
