/**
 * The crop of nearly all training recipes: a random share of the picture's area with a random
 * aspect ratio ("Inception-style", Szegedy et al. 2015), in two variants that differ in what they
 * do with a crop that does not fit.
 *
 * @module
 */
import type { Rectangle } from "../orientation.ts";
import type { Draws, PictureSize } from "../transform.ts";
import { uniformBetween } from "./draws.ts";
import { roundHalfEven } from "./round_half_even.ts";

/**
 * What happens to a crop larger than the picture. `retry` (torchvision, timm, mmpretrain) draws
 * anew, ten times in all, then takes the largest central part with an allowed ratio; `clamp` (the
 * linear probes of MAE and MILAN) draws once and cuts the sides down to the picture's.
 */
export type CropRule = "retry" | "clamp";

/** Which crops are drawn. */
export interface RandomResizedCropOptions {
  /** Least and largest share of the picture's area. */
  readonly scale: readonly [number, number];
  /** Least and largest width / height; its logarithm is uniform. */
  readonly ratio: readonly [number, number];
  /** Default: retry. */
  readonly rule?: CropRule;
}

/** Of torchvision, timm and mmpretrain alike. */
const attempts = 10;

/**
 * Draws a part of a picture.
 *
 * @returns whole pixels inside the picture.
 *
 * @example
 * ```ts
 * import { drawsOf, randomResizedCrop } from "./mod.ts";
 * const draws = drawsOf({ seed: 0, epoch: 0, index: 0 });
 * const picture = { height: 375, width: 500 };
 * console.log(randomResizedCrop(picture, draws, { scale: [0.2, 1], ratio: [3 / 4, 4 / 3] }));
 * ```
 */
export function randomResizedCrop(
  picture: PictureSize,
  draws: Draws,
  { scale, ratio, rule = "retry" }: RandomResizedCropOptions,
): Rectangle {
  const logRatio = [Math.log(ratio[0]), Math.log(ratio[1])] as const;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const area = uniformBetween(draws, scale) * picture.height * picture.width;
    const aspect = Math.exp(uniformBetween(draws, logRatio));
    const drawnWidth = roundHalfEven(Math.sqrt(area * aspect));
    const drawnHeight = roundHalfEven(Math.sqrt(area / aspect));
    const clamped = rule === "clamp";
    const width = clamped ? Math.min(drawnWidth, picture.width) : drawnWidth;
    const height = clamped ? Math.min(drawnHeight, picture.height) : drawnHeight;
    // A tiny picture can round a side to 0, which no version of the original guards against
    // alike; torchvision draws again.
    if (width < 1 || height < 1) continue;
    if (width > picture.width || height > picture.height) continue;
    const top = draws.integer(picture.height - height + 1);
    const left = draws.integer(picture.width - width + 1);
    return { top, left, height, width };
  }
  return centralPart(picture, ratio);
}

/** The largest central part whose width / height lies within `ratio`. */
function centralPart(
  picture: PictureSize,
  ratio: readonly [number, number],
): Rectangle {
  const own = picture.width / picture.height;
  let { height, width } = picture;
  if (own < ratio[0]) height = roundHalfEven(width / ratio[0]);
  else if (own > ratio[1]) width = roundHalfEven(height * ratio[1]);
  return {
    top: Math.floor((picture.height - height) / 2),
    left: Math.floor((picture.width - width) / 2),
    height,
    width,
  };
}
