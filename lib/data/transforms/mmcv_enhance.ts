/**
 * mmcv's colour, contrast, brightness and sharpness, which mmpretrain and openmixup use: the blends
 * of pillow_enhance.ts with OpenCV's grey, rounding and border.
 *
 * mmcv expects blue, green, red. mmpretrain gives it that; openmixup gives it red, green, blue, so
 * that red counts as blue in its grey.
 *
 * @module
 */
import type { Pixels } from "../transform.ts";
import { lookupTable, throughTables } from "./lookup_tables.ts";
import { roundHalfEven } from "./round_half_even.ts";
import { smoothed } from "./smoothed.ts";

/** Which channel mmcv takes for red. */
export type RedChannel = "first" | "last";

/** OpenCV's weights of red and blue in 15 bits; green has the rest. */
const [redWeight, greenWeight, blueWeight] = [9798, 19235, 3735];

function weightsOf(red: RedChannel): readonly [number, number, number] {
  return red === "first"
    ? [redWeight, greenWeight, blueWeight]
    : [blueWeight, greenWeight, redWeight];
}

/** OpenCV's addWeighted of float32 pictures: the sum in double precision, rounded once. */
function weightedSum(value: number, without: number, factor: number): number {
  return Math.fround(factor * value + (1 - factor) * without);
}

/** What is left of a float as a byte. */
function truncated(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
}

/** The picture blended with one value everywhere. */
function blendWith(pixels: Pixels, without: number, factor: number): Pixels {
  const table = lookupTable((value) => truncated(weightedSum(value, without, factor)));
  return throughTables(pixels, table);
}

/**
 * Blends with black.
 *
 * @example
 * ```ts
 * import { brightness } from "./mmcv_enhance.ts";
 * const pixels = { height: 1, width: 1, values: Uint8Array.of(10, 100, 200) };
 * console.log(brightness(pixels, 1.5).values); // 15, 150, 255
 * ```
 */
export function brightness(pixels: Pixels, factor: number): Pixels {
  return blendWith(pixels, 0, factor);
}

/**
 * Blends with the mean grey, rounded to the nearest, of two to the even one.
 *
 * @example
 * ```ts
 * import { contrast } from "./mmcv_enhance.ts";
 * const pixels = { height: 1, width: 2, values: Uint8Array.of(0, 0, 0, 100, 100, 100) };
 * console.log(contrast(pixels, 0, "first").values); // 50 everywhere
 * ```
 */
export function contrast(pixels: Pixels, factor: number, red: RedChannel): Pixels {
  const { height, width, values } = pixels;
  const [first, second, third] = weightsOf(red);
  let sum = 0;
  for (let k = 0; k < values.length; k += 3) {
    sum += (first * values[k]! + second * values[k + 1]! + third * values[k + 2]! +
      0x4000) >> 15;
  }
  return blendWith(pixels, roundHalfEven(sum / (height * width)), factor);
}

/**
 * Blends with the grey picture. Unlike the other three it blends bytes, which OpenCV does in float32
 * and rounds to the nearest.
 *
 * @example
 * ```ts
 * import { color } from "./mmcv_enhance.ts";
 * const pixels = { height: 1, width: 1, values: Uint8Array.of(255, 0, 0) };
 * console.log(color(pixels, 0, "first").values); // 76, 76, 76
 * console.log(color(pixels, 0, "last").values); // 29, 29, 29: red taken for blue
 * ```
 */
export function color(
  { height, width, values }: Pixels,
  factor: number,
  red: RedChannel,
): Pixels {
  const [first, second, third] = weightsOf(red);
  const share = Math.fround(factor);
  const restShare = Math.fround(1 - factor);
  const result = new Uint8ClampedArray(values.length);
  for (let k = 0; k < values.length; k += 3) {
    const grey = (first * values[k]! + second * values[k + 1]! + third * values[k + 2]! +
      0x4000) >> 15;
    const rest = Math.fround(restShare * grey);
    // A clamped array rounds to the nearest, of two to the even one, as OpenCV does.
    result[k] = Math.fround(share * values[k]! + rest);
    result[k + 1] = Math.fround(share * values[k + 1]! + rest);
    result[k + 2] = Math.fround(share * values[k + 2]! + rest);
  }
  return { height, width, values: new Uint8Array(result.buffer) };
}

/**
 * Blends with the smoothed picture.
 *
 * @example
 * ```ts
 * import { sharpness } from "./mmcv_enhance.ts";
 * const pixels = { height: 3, width: 3, values: new Uint8Array(27).fill(9) };
 * console.log(sharpness(pixels, 1.5).values[0]); // 9: nothing to sharpen
 * ```
 */
export function sharpness(pixels: Pixels, factor: number): Pixels {
  const { height, width, values } = pixels;
  const smooth = smoothed(pixels, "mirrored").values;
  const result = new Uint8Array(values.length);
  for (let k = 0; k < values.length; k++) {
    result[k] = truncated(weightedSum(values[k]!, smooth[k]!, factor));
  }
  return { height, width, values: result };
}
