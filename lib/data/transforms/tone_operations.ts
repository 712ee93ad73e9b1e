/**
 * Tone operations of RandAugment that are a table per channel: auto contrast, equalise, invert,
 * posterise, solarise. Pillow and mmcv agree on them byte for byte, except that mmcv's thresholds
 * and amounts may be fractions.
 *
 * @module
 */
import type { Pixels } from "../transform.ts";
import {
  histogram,
  type LookupTable,
  lookupTable,
  throughTables,
} from "./lookup_tables.ts";

const identity = lookupTable((value) => value);

/** One table per channel, each from the channel's histogram. */
function perChannel(
  pixels: Pixels,
  tableOf: (counts: Uint32Array) => LookupTable,
): Pixels {
  const [red, green, blue] = ([0, 1, 2] as const).map((channel) =>
    tableOf(histogram(pixels, channel))
  );
  return throughTables(pixels, red!, green, blue);
}

/**
 * Stretches each channel so that its least value becomes 0 and its largest 255 (Pillow's
 * `ImageOps.autocontrast`). A channel of one value stays.
 *
 * @example
 * ```ts
 * import { autoContrast } from "./tone_operations.ts";
 * const pixels = { height: 1, width: 2, values: Uint8Array.of(10, 5, 0, 20, 5, 255) };
 * console.log(autoContrast(pixels).values); // 0, 5, 0, 255, 5, 255
 * ```
 */
export function autoContrast(pixels: Pixels): Pixels {
  return perChannel(pixels, (counts) => {
    const low = counts.findIndex((count) => count > 0);
    const high = counts.findLastIndex((count) => count > 0);
    if (high <= low) return identity;
    const scale = 255 / (high - low);
    const offset = -low * scale;
    return lookupTable((value) =>
      Math.min(255, Math.max(0, Math.trunc(value * scale + offset)))
    );
  });
}

/**
 * Makes each channel's values about equally frequent (Pillow's `ImageOps.equalize`).
 *
 * @example
 * ```ts
 * import { equalize } from "./tone_operations.ts";
 * const pixels = { height: 1, width: 1, values: Uint8Array.of(10, 5, 0) };
 * console.log(equalize(pixels).values); // a single colour stays
 * ```
 */
export function equalize(pixels: Pixels): Pixels {
  return perChannel(pixels, (counts) => {
    const last = counts.findLast((count) => count > 0) ?? 0;
    const step = Math.floor((pixels.height * pixels.width - last) / 255);
    if (step === 0) return identity;
    let sum = Math.floor(step / 2);
    return lookupTable((value) => {
      const level = Math.min(255, Math.floor(sum / step));
      sum += counts[value]!;
      return level;
    });
  });
}

const inverted = lookupTable((value) => 255 - value);

/**
 * 255 − value.
 *
 * @example
 * ```ts
 * import { invert } from "./tone_operations.ts";
 * console.log(invert({ height: 1, width: 1, values: Uint8Array.of(0, 1, 2) }).values);
 * ```
 */
export function invert(pixels: Pixels): Pixels {
  return throughTables(pixels, inverted);
}

/**
 * Keeps the highest bits of every value.
 *
 * @param bits a whole number from 0, which leaves black, to 8, which leaves the picture.
 *
 * @example
 * ```ts
 * import { posterize } from "./tone_operations.ts";
 * console.log(posterize({ height: 1, width: 1, values: Uint8Array.of(0, 127, 255) }, 1).values);
 * ```
 */
export function posterize(pixels: Pixels, bits: number): Pixels {
  const mask = 256 - 2 ** (8 - bits);
  return throughTables(pixels, lookupTable((value) => value & mask));
}

/**
 * Inverts values from `threshold` on.
 *
 * @example
 * ```ts
 * import { solarize } from "./tone_operations.ts";
 * console.log(solarize({ height: 1, width: 1, values: Uint8Array.of(0, 127, 255) }, 128).values);
 * ```
 */
export function solarize(pixels: Pixels, threshold: number): Pixels {
  return throughTables(
    pixels,
    lookupTable((value) => value < threshold ? value : 255 - value),
  );
}

/**
 * Adds `amount` to values below 128, to at most 255; a fraction of the sum is cut off.
 *
 * @example
 * ```ts
 * import { solarizeAdd } from "./tone_operations.ts";
 * console.log(solarizeAdd({ height: 1, width: 1, values: Uint8Array.of(0, 127, 255) }, 50).values);
 * ```
 */
export function solarizeAdd(pixels: Pixels, amount: number): Pixels {
  return throughTables(
    pixels,
    lookupTable((value) =>
      value < 128 ? Math.min(255, Math.floor(value + amount)) : value
    ),
  );
}
