/**
 * The random numbers of one sample in one epoch. They are counted, not stored: whichever reader
 * prepares the sample, and in whichever order, it sees the same numbers.
 *
 * @module
 */
import { integerStream } from "../random.ts";
import type { Draws } from "../transform.ts";

/** Whose numbers. */
export interface DrawAddress {
  readonly seed: number;
  readonly epoch: number;
  /** Index of the sample in its data set. */
  readonly index: number;
  /** Which of its appearances in the epoch, where it has several. Default: 0. */
  readonly repetition?: number;
}

/**
 * The stream of numbers that a sample's transform draws from. Uniform numbers are multiples of
 * 2⁻³²; normal ones come in pairs from two uniform ones (Box and Muller 1958).
 *
 * @throws {RangeError} if the seed is not an integer from 0 to 2⁵³ − 1.
 *
 * @example
 * ```ts
 * import { drawsOf } from "./draws.ts";
 * const address = { seed: 0, epoch: 3, index: 17 };
 * console.log(drawsOf(address).uniform() === drawsOf(address).uniform()); // true
 * ```
 */
export function drawsOf({ seed, epoch, index, repetition = 0 }: DrawAddress): Draws {
  const address = repetition === 0 ? [epoch, index] : [epoch, index, repetition];
  const draw = integerStream(seed, "augmentation", ...address);
  let count = 0;
  let spare: number | undefined;
  const uniform = (): number => draw(count++, 2 ** 32) / 2 ** 32;
  return {
    uniform,
    integer: (below) => draw(count++, below),
    normal() {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      // 1 − u lies in (0, 1]: its logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}

/**
 * Uniform in [low, high).
 *
 * @example
 * ```ts
 * import { drawsOf, uniformBetween } from "./draws.ts";
 * console.log(uniformBetween(drawsOf({ seed: 0, epoch: 0, index: 0 }), [0.6, 1.4]));
 * ```
 */
export function uniformBetween(
  draws: Draws,
  [low, high]: readonly [number, number],
): number {
  return low + (high - low) * draws.uniform();
}
