/**
 * What samples of a time say: their middle, their spread, and the ratio of two lists of them.
 *
 * @module
 */

/** The middle and the spread of some samples. */
export interface Spread {
  median: number;
  least: number;
  most: number;
  /** Half of the samples lie between these two. */
  quartiles: [number, number];
}

/** The value below which a share of the sorted samples lies, interpolated between neighbours. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const lower = sorted[Math.floor(place)]!;
  const upper = sorted[Math.ceil(place)]!;
  return lower + (upper - lower) * (place - Math.floor(place));
}

/**
 * Median, extremes and quartiles.
 *
 * @throws {Error} without samples, or when one is not a finite number.
 */
export function spreadOf(samples: readonly number[]): Spread {
  const wrong = samples.find((sample) => !Number.isFinite(sample));
  if (samples.length === 0 || wrong !== undefined) {
    throw new Error(
      samples.length === 0
        ? "There are no samples to take a median of: ask for at least one repeat"
        : `A measurement gave ${wrong} instead of a time`,
    );
  }
  const sorted = [...samples].sort((one, other) => one - other);
  return {
    median: quantile(sorted, 0.5),
    least: sorted[0]!,
    most: sorted.at(-1)!,
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
  };
}

/** How often one time goes into another. */
export interface Ratio {
  /** Of the medians. */
  value: number;
  /** The least and the greatest ratio among rounds that followed each other. */
  least: number;
  most: number;
}

/**
 * How many times faster `ours` is than `theirs`: their time over ours.
 *
 * @param ours one time per round.
 * @param theirs the times of the same rounds.
 */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Ratio {
  const value = spreadOf(theirs).median / spreadOf(ours).median;
  if (ours.length !== theirs.length) {
    throw new Error(`${ours.length} rounds cannot be compared with ${theirs.length}`);
  }
  const { least, most } = spreadOf(theirs.map((time, round) => time / ours[round]!));
  return { value, least, most };
}
