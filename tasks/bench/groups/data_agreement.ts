/**
 * Whether both sides of the group `data` make the same pixels: else there is nothing to time.
 *
 * @module
 */
import { type Crop, type ImageSource, openForCrop } from "../../../lib/data/mod.ts";
import { jpegPixels } from "../../../lib/engine/mod.ts";
import type { PythonModule } from "../python_module.ts";

const compared = 24;
const size = 224;
// A level in each of the two passes: our weights have 14 bits, Pillow's 22.
const mostLevels = 2;

/** How far two arrays of bytes are apart. */
export interface Difference {
  /** The largest. */
  levels: number;
  /** The share of the bytes that differ. */
  share: number;
}

/** Compares bytes one by one. */
export function differenceOf(
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
): Difference {
  if (ours.length !== theirs.length) return { levels: Infinity, share: 1 };
  let levels = 0;
  let different = 0;
  for (let k = 0; k < ours.length; k++) {
    const apart = Math.abs(ours[k]! - theirs[k]!);
    levels = Math.max(levels, apart);
    if (apart > 0) different++;
  }
  return { levels, share: different / ours.length };
}

/** A part of a picture, larger and smaller than the result, mirrored or not. */
function someCrop(
  index: number,
  { height, width }: { height: number; width: number },
): Crop {
  const share = 0.4 + 0.6 * index / compared;
  const side = { height: Math.floor(height * share), width: Math.floor(width * share) };
  return {
    ...side,
    top: Math.floor((height - side.height) / 3),
    left: Math.floor((width - side.width) / 2),
    mirrored: index % 2 === 1,
    interpolation: "bicubic",
  };
}

/**
 * Compares crops of some photographs.
 *
 * @returns what came out, in a line.
 * @throws {Error} that names the first photograph of which the two make something else.
 */
export async function compareCrops(
  source: ImageSource,
  torch: PythonModule,
): Promise<string> {
  let share = 0;
  let levels = 0;
  const count = Math.min(compared, source.length);
  for (let index = 0; index < count; index++) {
    const picture = await source.read(index);
    const { background } = source;
    const open = await openForCrop(picture, { background, decodeJpeg: jpegPixels });
    const crop = someCrop(index, open.size);
    const { top, left, height, width, mirrored } = crop;
    const ours = await open.cut(crop, { height: size, width: size });
    const theirs = await torch.call<number[]>("cropped", {
      path: source.describe(index),
      box: [left, top, left + width, top + height],
      size,
      mirrored,
    });
    const difference = differenceOf(ours, theirs);
    if (difference.levels > mostLevels) {
      throw new Error(
        `mimkit and Pillow make different pixels of ${source.describe(index)}: up to ` +
          `${difference.levels} levels of 255 apart; there is nothing to time.`,
      );
    }
    share += difference.share / count;
    levels = Math.max(levels, difference.levels);
  }
  return `pixels of ${count} crops against Pillow's: ${
    levels === 0
      ? "all the same"
      : `at most ${levels} of 255 levels apart, ${
        (100 * (1 - share)).toFixed(2)
      } % the same`
  }`;
}
