/** Images of a data set as pictures. */

import { imageAt, type ImageDataset } from "../data/dataset.ts";
import type { Picture } from "./picture.ts";

/**
 * One image of a data set as a picture, for grids and overlays; the pixels are shared, not copied.
 *
 * @throws {RangeError} if there is no such image
 * @throws {Error} if the images have neither 1 nor 3 channels
 *
 * @example
 * ```ts
 * import { fashionMnist } from "../data/mod.ts";
 * import { pictureOf } from "./dataset_picture.ts";
 *
 * const test = await fashionMnist({ split: "test" });
 * console.log(pictureOf(test, 0).width); // 28
 * ```
 */
export function pictureOf(dataset: ImageDataset, index: number): Picture {
  const { height, width, channels } = dataset;
  if (channels !== 1 && channels !== 3) {
    throw new Error(
      `The images of ${dataset.name} have ${channels} channels: a picture is grey (1) or RGB (3).`,
    );
  }
  return { pixels: imageAt(dataset, index), height, width, channels };
}
