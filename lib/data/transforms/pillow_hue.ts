/**
 * A turn of the colour circle as torchvision does it on Pillow pictures, byte for byte: to Pillow's
 * HSV bytes, a shift of the hue that wraps around at 256, and back.
 *
 * @module
 */
import type { Pixels } from "../transform.ts";

/** Pillow's hue of a colour that is not grey, as a byte. */
function hueOf(
  red: number,
  green: number,
  blue: number,
  most: number,
  range: number,
): number {
  const r = Math.fround((most - red) / range);
  const g = Math.fround((most - green) / range);
  const b = Math.fround((most - blue) / range);
  const sixths = red === most ? b - g : green === most ? 2 + r - b : 4 + g - r;
  const turn = Math.fround((Math.fround(sixths) / 6 + 1) % 1);
  return Math.min(255, Math.trunc(turn * 255));
}

/**
 * Turns the hue.
 *
 * @param turns −0.5 … 0.5 of a full circle.
 *
 * @example
 * ```ts
 * import { hue } from "./pillow_hue.ts";
 * const pixels = { height: 1, width: 1, values: Uint8Array.of(255, 0, 0) };
 * console.log(hue(pixels, 1 / 3).values); // about 0, 255, 0
 * ```
 */
export function hue({ height, width, values }: Pixels, turns: number): Pixels {
  const shift = Math.trunc(turns * 255);
  const result = new Uint8Array(values.length);
  for (let k = 0; k < values.length; k += 3) {
    const red = values[k]!;
    const green = values[k + 1]!;
    const blue = values[k + 2]!;
    const most = Math.max(red, green, blue);
    const range = most - Math.min(red, green, blue);
    // Of the saturation only a byte is kept; where it is 0 the colour becomes grey.
    const kept = range === 0 ? 0 : Math.trunc(Math.fround(range / most) * 255);
    if (kept === 0) {
      result[k] = result[k + 1] = result[k + 2] = most;
      continue;
    }
    const turned = (hueOf(red, green, blue, most, range) + shift) & 255;
    const sixth = Math.floor(turned * 6 / 255);
    const rest = Math.fround(turned * 6 / 255 - sixth);
    const saturation = Math.fround(kept / 255);
    const least = Math.round(most * (1 - saturation));
    const falling = Math.round(most * (1 - Math.fround(saturation * rest)));
    const rising = Math.round(most * (1 - saturation * (1 - rest)));
    const [r, g, b] = colorOf(sixth % 6, most, least, falling, rising);
    result[k] = r;
    result[k + 1] = g;
    result[k + 2] = b;
  }
  return { height, width, values: result };
}

/** Red, green and blue in a sixth of the circle. */
function colorOf(
  sixth: number,
  most: number,
  least: number,
  falling: number,
  rising: number,
): readonly [number, number, number] {
  switch (sixth) {
    case 0:
      return [most, rising, least];
    case 1:
      return [falling, most, least];
    case 2:
      return [least, most, rising];
    case 3:
      return [least, falling, most];
    case 4:
      return [rising, least, most];
    default:
      return [most, least, falling];
  }
}
