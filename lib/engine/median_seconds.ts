/**
 * How long things take, fairly compared: in turns, so that whatever else the machine does slows
 * all of them.
 *
 * @module
 */

/** Options of {@linkcode medianSeconds}. */
export interface MedianSecondsOptions {
  /** Timed runs of each. Default: 9. */
  rounds?: number;
  /** Runs before the timed ones: the first traces and compiles. Default: 1. */
  warmUp?: number;
}

/**
 * The median time of each body, in seconds.
 *
 * A body has to wait for its result (`await tensor.data()`): a call alone may come back before the
 * work is done.
 *
 * @throws {Error} when there is no round.
 *
 * @example
 * ```ts
 * import { medianSeconds } from "./median_seconds.ts";
 * const seconds = await medianSeconds({
 *   short: () => new Promise((resolve) => setTimeout(resolve, 1)),
 *   long: () => new Promise((resolve) => setTimeout(resolve, 20)),
 * }, { rounds: 3 });
 * console.log(seconds.long > seconds.short); // true
 * ```
 */
export async function medianSeconds<Name extends string>(
  bodies: Record<Name, () => unknown>,
  { rounds = 9, warmUp = 1 }: MedianSecondsOptions = {},
): Promise<Record<Name, number>> {
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`rounds is ${rounds}: use a whole number, 1 or more`);
  }
  const names = Object.keys(bodies) as Name[];
  const times = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = -warmUp; round < rounds; round++) {
    for (const name of names) {
      const began = performance.now();
      await bodies[name]();
      if (round >= 0) times.get(name)!.push((performance.now() - began) / 1000);
    }
  }
  return Object.fromEntries(
    names.map((name) => [name, medianOf(times.get(name)!)]),
  ) as Record<Name, number>;
}

function medianOf(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
