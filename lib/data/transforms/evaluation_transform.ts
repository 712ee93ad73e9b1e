/**
 * What a picture goes through before it is classified: resized, then its centre. torchvision (MAE,
 * MILAN, MixMIM), timm and mmpretrain agree on every rounding.
 *
 * @module
 */
import type { Crop, Interpolation, PictureSize, Transform } from "../transform.ts";
import { roundHalfEven } from "./round_half_even.ts";

/** Sizes of an evaluation. */
export interface EvaluationTransformOptions {
  /** The short side after resizing, in pixels. */
  readonly resize: number;
  /** The side of the square centre that is cut out. */
  readonly crop: number;
  readonly interpolation: Interpolation;
}

/**
 * The short side that goes with an input size and a share of the picture: `⌊input / share⌋`, timm's
 * `crop_pct`. MAE, MILAN and MixMIM take 224 / 256 up to an input of 224, and 1 beyond.
 *
 * @example
 * ```ts
 * import { shortSide } from "./evaluation_transform.ts";
 * console.log(shortSide(224, 0.95), shortSide(192, 224 / 256)); // 235 219
 * ```
 */
export function shortSide(input: number, share: number): number {
  return Math.floor(input / share);
}

/**
 * Resizes the short side, keeps the shape and takes the centre. The picture is resized as a whole
 * ({@linkcode Crop}'s `whole`), as in the references.
 *
 * @throws {RangeError} if a size is not a whole number of pixels.
 *
 * @example
 * ```ts
 * import { drawsOf, evaluationTransform } from "./mod.ts";
 * const centre = evaluationTransform({ resize: 256, crop: 224, interpolation: "bicubic" });
 * const nothing = drawsOf({ seed: 0, epoch: 0, index: 0 });
 * console.log(centre.crop({ height: 375, width: 500 }, nothing).whole); // 256 × 341
 * ```
 */
export function evaluationTransform(
  { resize, crop, interpolation }: EvaluationTransformOptions,
): Transform {
  for (const [name, side] of Object.entries({ resize, crop })) {
    if (!Number.isInteger(side) || side < 1) {
      throw new RangeError(`${name} is ${side}: use a whole number of pixels, 1 or more`);
    }
  }
  return {
    size: { height: crop, width: crop },
    crop: (picture) => centreOf(picture, resize, crop, interpolation),
  };
}

function centreOf(
  picture: PictureSize,
  resize: number,
  side: number,
  interpolation: Interpolation,
): Crop {
  const whole = resizedShortSide(picture, resize);
  const horizontal = picture.width / whole.width;
  const vertical = picture.height / whole.height;
  return {
    top: centredStart(whole.height, side) * vertical,
    left: centredStart(whole.width, side) * horizontal,
    height: side * vertical,
    width: side * horizontal,
    mirrored: false,
    interpolation,
    whole,
  };
}

/**
 * A picture's size after its short side is resized: the long side's fraction is cut off.
 *
 * @example
 * ```ts
 * import { resizedShortSide } from "./evaluation_transform.ts";
 * console.log(resizedShortSide({ height: 375, width: 500 }, 256)); // 256 × 341
 * ```
 */
export function resizedShortSide(
  { height, width }: PictureSize,
  side: number,
): PictureSize {
  return width <= height
    ? { height: Math.floor(side * height / width), width: side }
    : { height: side, width: Math.floor(side * width / height) };
}

/**
 * Where a centred stretch starts. One that is longer than the picture starts before it: torchvision
 * pads by half of what is missing, the odd pixel at the end.
 */
function centredStart(length: number, side: number): number {
  return length < side
    ? -Math.floor((side - length) / 2)
    : roundHalfEven((length - side) / 2);
}
