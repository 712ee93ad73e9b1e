/**
 * Pillow's `ImageEnhance`: colour, contrast, brightness and sharpness as blends of the picture with
 * a version of it that has none, byte for byte. Blends are float32 there, and cut off their
 * fraction; here too.
 *
 * A factor of 0 gives the version without, 1 the picture, above 1 more than the picture has.
 *
 * @module
 */
import type { Pixels } from "../transform.ts";
import { lookupTable, throughTables } from "./lookup_tables.ts";
import { smoothed } from "./smoothed.ts";

/** `factor · difference` in float32 for each difference of two bytes, at `difference + 255`. */
function scaledDifferences(factor: number): Float32Array {
  const rounded = Math.fround(factor);
  return Float32Array.from({ length: 511 }, (_, place) => rounded * (place - 255));
}

/** `without + factor · (value − without)` as Pillow's blend computes and cuts it. */
function blend(without: number, value: number, scaled: Float32Array): number {
  const result = Math.fround(without + scaled[value - without + 255]!);
  return result <= 0 ? 0 : result >= 255 ? 255 : Math.trunc(result);
}

/**
 * Luma of red, green and blue as Pillow's conversion to grey has it: ITU-R 601 weights in 16 bits.
 *
 * @example
 * ```ts
 * import { pillowGrey } from "./pillow_enhance.ts";
 * console.log(pillowGrey(255, 0, 0), pillowGrey(0, 255, 0)); // 76 150
 * ```
 */
export function pillowGrey(red: number, green: number, blue: number): number {
  return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
}

/** The picture blended with one value everywhere. */
function blendWith(pixels: Pixels, without: number, factor: number): Pixels {
  const scaled = scaledDifferences(factor);
  return throughTables(pixels, lookupTable((value) => blend(without, value, scaled)));
}

/**
 * Blends with black.
 *
 * @example
 * ```ts
 * import { brightness } from "./pillow_enhance.ts";
 * const pixels = { height: 1, width: 1, values: Uint8Array.of(10, 100, 200) };
 * console.log(brightness(pixels, 1.5).values); // 15, 150, 255
 * ```
 */
export function brightness(pixels: Pixels, factor: number): Pixels {
  return blendWith(pixels, 0, factor);
}

/**
 * Blends with the picture's mean grey.
 *
 * @example
 * ```ts
 * import { contrast } from "./pillow_enhance.ts";
 * const pixels = { height: 1, width: 2, values: Uint8Array.of(0, 0, 0, 100, 100, 100) };
 * console.log(contrast(pixels, 0).values); // 50 everywhere
 * ```
 */
export function contrast(pixels: Pixels, factor: number): Pixels {
  const { height, width, values } = pixels;
  let sum = 0;
  for (let k = 0; k < values.length; k += 3) {
    sum += pillowGrey(values[k]!, values[k + 1]!, values[k + 2]!);
  }
  return blendWith(pixels, Math.trunc(sum / (height * width) + 0.5), factor);
}

/**
 * Blends with the grey picture: torchvision's saturation, Pillow's colour.
 *
 * @example
 * ```ts
 * import { color } from "./pillow_enhance.ts";
 * const pixels = { height: 1, width: 1, values: Uint8Array.of(255, 0, 0) };
 * console.log(color(pixels, 0).values); // 76, 76, 76
 * ```
 */
export function color({ height, width, values }: Pixels, factor: number): Pixels {
  const scaled = scaledDifferences(factor);
  const result = new Uint8Array(values.length);
  for (let k = 0; k < values.length; k += 3) {
    const red = values[k]!;
    const green = values[k + 1]!;
    const blue = values[k + 2]!;
    const grey = pillowGrey(red, green, blue);
    result[k] = blend(grey, red, scaled);
    result[k + 1] = blend(grey, green, scaled);
    result[k + 2] = blend(grey, blue, scaled);
  }
  return { height, width, values: result };
}

/**
 * Blends with the smoothed picture.
 *
 * @example
 * ```ts
 * import { sharpness } from "./pillow_enhance.ts";
 * const pixels = { height: 3, width: 3, values: new Uint8Array(27).fill(9) };
 * console.log(sharpness(pixels, 1.9).values[0]); // 9: nothing to sharpen
 * ```
 */
export function sharpness(pixels: Pixels, factor: number): Pixels {
  const { height, width, values } = pixels;
  const smooth = smoothed(pixels, "kept").values;
  const scaled = scaledDifferences(factor);
  const result = new Uint8Array(values.length);
  for (let k = 0; k < values.length; k++) {
    result[k] = blend(smooth[k]!, values[k]!, scaled);
  }
  return { height, width, values: result };
}
