/**
 * Operations that send every byte of a channel through a table: one pass, no arithmetic per pixel.
 *
 * @module
 */
import type { Pixels } from "../transform.ts";

/** 256 bytes: what becomes of each value. */
export type LookupTable = Uint8Array;

/**
 * A table from a function of the byte.
 *
 * @param of its result is a whole number from 0 to 255.
 *
 * @example
 * ```ts
 * import { lookupTable } from "./lookup_tables.ts";
 * console.log(lookupTable((value) => 255 - value)[0]); // 255
 * ```
 */
export function lookupTable(of: (value: number) => number): LookupTable {
  const table = new Uint8Array(256);
  for (let value = 0; value < 256; value++) table[value] = of(value);
  return table;
}

/**
 * Sends red, green and blue each through its table; one table serves all three.
 *
 * @returns new pixels.
 *
 * @example
 * ```ts
 * import { lookupTable, throughTables } from "./lookup_tables.ts";
 * const pixels = { height: 1, width: 1, values: Uint8Array.of(0, 100, 255) };
 * console.log(throughTables(pixels, lookupTable((value) => 255 - value)).values);
 * ```
 */
export function throughTables(
  { height, width, values }: Pixels,
  red: LookupTable,
  green: LookupTable = red,
  blue: LookupTable = red,
): Pixels {
  const result = new Uint8Array(values.length);
  for (let k = 0; k < values.length; k += 3) {
    result[k] = red[values[k]!]!;
    result[k + 1] = green[values[k + 1]!]!;
    result[k + 2] = blue[values[k + 2]!]!;
  }
  return { height, width, values: result };
}

/**
 * How often each value occurs in one channel.
 *
 * @param channel 0, 1 or 2 for red, green, blue.
 * @returns 256 counts.
 *
 * @example
 * ```ts
 * import { histogram } from "./lookup_tables.ts";
 * const pixels = { height: 1, width: 2, values: Uint8Array.of(7, 0, 0, 7, 0, 0) };
 * console.log(histogram(pixels, 0)[7]); // 2
 * ```
 */
export function histogram({ values }: Pixels, channel: 0 | 1 | 2): Uint32Array {
  const counts = new Uint32Array(256);
  for (let k: number = channel; k < values.length; k += 3) {
    counts[values[k]!] = counts[values[k]!]! + 1;
  }
  return counts;
}
