/**
 * Features of images in memory or read one by one, with where in their data set they belong: what
 * cannot be read has none, and captions are looked up by place.
 *
 * @module
 */
import type { LabelledDataset } from "../../lib/data/mod.ts";
import {
  extractFeatures,
  extractLabelledFeatures,
  type ExtractOptions,
  type Features,
} from "../../lib/trainers/features.ts";
import { isStreamed, type StreamedImages } from "../../lib/trainers/streamed_images.ts";
import type { Encode } from "../training/frozen.ts";

/** Features, and the places of their images. */
export interface PlacedFeatures {
  features: Features;
  /** `(N)` */
  places: Int32Array;
}

function upTo(length: number): Int32Array {
  return Int32Array.from({ length }, (_, index) => index);
}

/** Features of all images that can be read, in order. */
export async function placedFeatures(
  images: LabelledDataset | StreamedImages,
  encode: Encode,
  options: ExtractOptions,
): Promise<PlacedFeatures> {
  if (!isStreamed(images)) {
    const features = await extractFeatures(images, encode, options);
    return { features, places: upTo(features.length) };
  }
  // A picture's place as its label comes back with its features.
  const { source } = images;
  const numbered = { ...source, labels: upTo(source.length) };
  const { features, labels } = await extractLabelledFeatures(
    { ...images, source: numbered },
    encode,
    options,
  );
  return { features, places: Int32Array.from(labels) };
}
