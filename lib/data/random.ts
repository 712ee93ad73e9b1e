/**
 * Random numbers that are a function of their arguments only (seed, purpose, epoch, sample …).
 * Nothing has to be saved to resume a run exactly, and no draw depends on which came before it.
 *
 * @module
 */

/** What a number is drawn for: two uses of one seed never see the same numbers. */
export const purposes = {
  order: 1,
  augmentation: 2,
  subset: 3,
  caption: 4,
  split: 5,
} as const;

/** A name of {@linkcode purposes}. */
export type Purpose = keyof typeof purposes;

// The constants below are those of MurmurHash3_x86_32 (Austin Appleby, public domain).
const MULTIPLIER_1 = 0xcc9e2d51;
const MULTIPLIER_2 = 0x1b873593;

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/**
 * MurmurHash3 (32 bits, seed 0) of a list of 32-bit words: equal words, equal number, on every
 * machine. Good enough to shuffle with, not for secrets.
 *
 * @param words Integers; only their lowest 32 bits count.
 * @returns An integer from 0 to 2³² − 1.
 *
 * @example
 * ```ts
 * import { hashWords } from "./random.ts";
 * console.log(hashWords([0x74736574]) === 0xba6bd213); // true, the hash of the bytes "test"
 * ```
 */
export function hashWords(words: readonly number[]): number {
  let hash = 0;
  for (let k = 0; k < words.length; k++) {
    const word = Math.imul(
      rotateLeft(Math.imul(words[k]!, MULTIPLIER_1), 15),
      MULTIPLIER_2,
    );
    hash = Math.imul(rotateLeft(hash ^ word, 13), 5) + 0xe6546b64;
  }
  hash ^= 4 * words.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Draws number `counter` of a stream: uniform integers from 0 to `below` − 1. */
export type IntegerStream = (counter: number, below: number) => number;

/**
 * A stream of random integers named by a seed, a purpose and any further integers, addressed by
 * counter. The bias of a draw below n is under n / 2³².
 *
 * @throws {RangeError} if the seed is not an integer from 0 to 2⁵³ − 1.
 *
 * @example
 * ```ts
 * import { integerStream } from "./random.ts";
 * const draw = integerStream(0, "caption");
 * console.log(draw(7, 10) === draw(7, 10)); // true
 * ```
 */
export function integerStream(
  seed: number,
  purpose: Purpose,
  ...address: readonly number[]
): IntegerStream {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed is ${seed}: use an integer from 0 to 2^53 - 1`);
  }
  const words = [seed, Math.floor(seed / 2 ** 32), purposes[purpose], ...address, 0];
  const last = words.length - 1;
  return (counter, below) => {
    words[last] = counter;
    return Math.floor(hashWords(words) / 2 ** 32 * below);
  };
}

/**
 * Shuffles in place (Fisher–Yates), with numbers from a stream.
 *
 * @returns The same array.
 *
 * @example
 * ```ts
 * import { integerStream, shuffle } from "./random.ts";
 * console.log(shuffle(Int32Array.of(0, 1, 2, 3), integerStream(0, "subset")));
 * ```
 */
export function shuffle(values: Int32Array, draw: IntegerStream): Int32Array {
  for (let last = values.length - 1; last > 0; last--) {
    const other = draw(last, last + 1);
    const value = values[last]!;
    values[last] = values[other]!;
    values[other] = value;
  }
  return values;
}
