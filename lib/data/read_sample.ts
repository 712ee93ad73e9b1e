/**
 * One row of a batch: from a place in the order to the pixels that a transform makes of it, or of
 * the next one that can be read.
 *
 * @module
 */
import { type JpegDecoder, openForCrop, type OpenPicture } from "./decode_crop.ts";
import type { ImageSource } from "./source.ts";
import type { Draws, PictureSize, Pixels, Transform } from "./transform.ts";
import { reasonOf, type SkippedSample } from "./unreadable.ts";

/** Pixels of one sample. */
export interface ReadSample {
  /** `(height, width, channels)` of the transform's size. */
  readonly values: Uint8Array;
}

/** A sample that cannot be read, in place of its pixels. */
export interface UnreadSample {
  readonly skipped: SkippedSample;
}

/**
 * Reads, decodes, crops, resizes and changes one picture.
 *
 * What is wrong with the picture is returned; what is wrong with the transform, the permissions or
 * the installation is thrown, as it would be wrong with every picture.
 *
 * @param decodeJpeg Decodes JPEGs, to the same bytes as sharp, which does it otherwise.
 *
 * @example
 * ```ts
 * import { drawsOf, fashionMnist, readSample, sourceOf, type Transform } from "./mod.ts";
 * const source = sourceOf(await fashionMnist({ split: "test" }));
 * const centre: Transform = {
 *   size: { height: 20, width: 20 },
 *   crop: () => ({
 *     ...{ top: 4, left: 4, height: 20, width: 20 },
 *     ...{ mirrored: false, interpolation: "bicubic" },
 *   }),
 * };
 * const sample = await readSample(source, 0, centre, drawsOf({ seed: 0, epoch: 0, index: 0 }));
 * console.log("values" in sample && sample.values.length); // 400
 * ```
 */
export async function readSample(
  source: ImageSource,
  index: number,
  transform: Transform,
  draws: Draws,
  decodeJpeg?: JpegDecoder,
): Promise<ReadSample | UnreadSample> {
  const { background } = source;
  let opened: OpenPicture;
  try {
    opened = await openForCrop(await source.read(index), { background, decodeJpeg });
  } catch (cause) {
    return { skipped: skippedBy(source, index, cause) };
  }
  const crop = transform.crop(opened.size, draws);
  let values: Uint8Array;
  try {
    values = await opened.cut(crop, transform.size);
  } catch (cause) {
    return { skipped: skippedBy(source, index, cause) };
  }
  if (transform.change === undefined) return { values };
  return { values: changed(values, transform.size, source.channels, transform, draws) };
}

function skippedBy(source: ImageSource, index: number, cause: unknown): SkippedSample {
  return { index, path: source.describe(index), reason: reasonOf(cause) };
}

/** Changes know three channels; of a grey picture all three are alike before and after. */
function changed(
  values: Uint8Array,
  size: PictureSize,
  channels: 1 | 3,
  transform: Transform,
  draws: Draws,
): Uint8Array {
  const change = (pixels: Pixels): Uint8Array => transform.change!(pixels, draws).values;
  if (channels === 3) return change({ ...size, values });
  const coloured = new Uint8Array(3 * values.length);
  for (let k = 0; k < coloured.length; k++) coloured[k] = values[Math.floor(k / 3)]!;
  const result = change({ ...size, values: coloured });
  return Uint8Array.from({ length: values.length }, (_, k) => result[3 * k]!);
}
