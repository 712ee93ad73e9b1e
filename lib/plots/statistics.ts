/** Means and spreads over seeds, and how they are written. */

/** Mean and spread of some runs. */
export interface Summary {
  /** Mean of the values that are there. */
  readonly mean: number;
  /** Sample standard deviation (divided by n − 1); `undefined` for a single value. */
  readonly deviation: number | undefined;
  /** How many values are there. */
  readonly count: number;
}

/**
 * Mean and sample standard deviation of the values that are there.
 *
 * @returns `undefined` if no value is there
 *
 * @example
 * ```ts
 * import { summarize } from "./statistics.ts";
 *
 * console.log(summarize([70, 72, 74])); // { mean: 72, deviation: 2, count: 3 }
 * ```
 */
export function summarize(values: readonly (number | null)[]): Summary | undefined {
  const there = values.filter((value): value is number =>
    value !== null && Number.isFinite(value)
  );
  const count = there.length;
  if (count === 0) return undefined;
  const mean = there.reduce((sum, value) => sum + value, 0) / count;
  const squares = there.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : undefined,
    count,
  };
}

/**
 * A running mean over `window` values around each; at the ends over those that are there.
 * What is not finite is left out.
 */
export function movingAverage(
  values: readonly (number | null)[],
  window: number,
): (number | null)[] {
  const half = Math.floor(window / 2);
  // Sums and counts of all values before each place: a window is then one difference.
  const sums = new Float64Array(values.length + 1);
  const counts = new Float64Array(values.length + 1);
  for (const [index, value] of values.entries()) {
    const there = value !== null && Number.isFinite(value);
    sums[index + 1] = (sums[index] ?? 0) + (there ? value : 0);
    counts[index + 1] = (counts[index] ?? 0) + (there ? 1 : 0);
  }
  const between = (totals: Float64Array, from: number, to: number): number =>
    (totals[to] ?? 0) - (totals[from] ?? 0);
  return values.map((_, index) => {
    const from = Math.max(0, index - half);
    const to = Math.min(values.length, index + half + 1);
    const count = between(counts, from, to);
    return count === 0 ? null : between(sums, from, to) / count;
  });
}

/** The middle value of a list, or `undefined` if it is empty. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  const lower = sorted[Math.ceil(middle) - 1];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
}

/**
 * A number as people read it: grouped thousands, a true minus, `digits` after the
 * point.
 */
export function formatNumber(value: number, digits: number): string {
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).replace("-", "−");
}

/** Digits after the point that leave a number of this size about four digits. */
export function digitsFor(largest: number): number {
  if (!(Math.abs(largest) > 0)) return 1;
  const digits = 3 - Math.floor(Math.log10(Math.abs(largest)));
  return Math.min(Math.max(digits, 0), 6);
}
