/**
 * What a pixel method makes of images, as a picture: original, masked, reconstructed.
 *
 * @module
 */
import type { ImageDataset } from "../data/mod.ts";
import { foldIn, type Key, randomKey, rowsOf, type Tensor, tf } from "../engine/mod.ts";
import { type Parameters, scope } from "../nn/scope.ts";
import { pictureOf } from "../plots/dataset_picture.ts";
import { imageGrid } from "../plots/image_grid.ts";
import { maskOverlay } from "../plots/overlays.ts";
import { normalizedImages } from "./normalized_images.ts";
import type { Pretext } from "./pretrain.ts";
import { reconstruct } from "./reconstruction.ts";

/** Options of {@linkcode reconstructionGrid}. */
export interface ReconstructionGridOptions {
  pretext: Pretext;
  dataset: ImageDataset;
  /** The images to show, one per column. */
  indices: readonly number[];
  patchSize: number;
  /** Whether the pretext task normalises its targets patch by patch. Default: true. */
  normalizePixels?: boolean;
  /** Draws the masks; with the same key they stay, and grids can be compared. */
  key?: Key;
  /** Side, in pixels, of the square that a pixel becomes. Default: 3. */
  scale?: number;
}

/**
 * A grid of three rows as PNG bytes: the images, what the encoder sees of them, and the
 * reconstruction (predicted patches with the original's brightness and contrast put back; visible
 * patches as they are).
 *
 * @throws {RangeError} if an index lies outside the data set.
 */
export async function reconstructionGrid(
  parameters: Parameters,
  options: ReconstructionGridOptions,
): Promise<Uint8Array> {
  const { pretext, dataset, indices, patchSize, scale = 3 } = options;
  const { mean, std } = dataset;
  const normalizePixels = options.normalizePixels ?? true;
  const [mask, pixels] = tf.tidy((): [Tensor, Tensor] => {
    const images = normalizedImages(dataset, indices);
    const key = options.key ?? foldIn(randomKey(0), "pictures");
    const output = pretext(scope(parameters), images, key);
    const how = { patchSize, normalizePixels, mean, std };
    return [output.mask.mask, reconstruct(images, output, how)];
  });
  const [masks, values] = await Promise.all([rowsOf(mask), rowsOf(pixels)]);
  tf.dispose([mask, pixels]);
  const originals = indices.map((index) => pictureOf(dataset, index));
  return await imageGrid([
    originals,
    originals.map((picture, row) => maskOverlay(picture, masks[row]!, patchSize)),
    originals.map((picture, row) => ({ ...picture, pixels: values[row]! })),
  ], { rowTitles: ["original", "masked", "reconstructed"], scale });
}
