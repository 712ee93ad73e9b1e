/**
 * Alternation: every contender has one round, then every one a second, and so on, so that a machine
 * that slows down slows down all of them.
 *
 * @module
 */
import type { Contender } from "./group.ts";
import type { Measurement } from "./results.ts";

// The threads of the one before go on spinning for a few milliseconds after their last product.
const pauseMilliseconds = 100;

/** The times of each contender, a round of all of them at a time. */
export async function alternate(
  contenders: readonly Contender[],
  { repeats, unit, log }: {
    repeats: number;
    unit: Measurement["unit"];
    log: (line: string) => void;
  },
): Promise<Measurement[]> {
  const measurements = contenders.map(({ name }): Measurement => ({
    contender: name,
    unit,
    samples: [],
  }));
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [index, contender] of contenders.entries()) {
      await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
      measurements[index]!.samples.push(await contender.round());
    }
    log(`round ${repeat + 1} of ${repeats}`);
  }
  return measurements;
}

/** The samples of a contender, or undefined where it did not take part. */
export function samplesOf(
  measurements: readonly Measurement[],
  contender: string,
): number[] | undefined {
  return measurements.find((measurement) => measurement.contender === contender)?.samples;
}
