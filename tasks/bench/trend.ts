/**
 * Whether numbers that are taken again and again rise: a line through them.
 *
 * @module
 */

/** A number and when it was taken. */
export interface TrendPoint {
  step: number;
  value: number;
}

/** A straight line through points, by least squares. */
export interface Trend {
  /** Of the value, per step. */
  slope: number;
  /** The standard error of the slope: half of it or double it would not be surprising. */
  error: number;
  /** How much the line rises from the first point to the last. */
  rise: number;
}

/**
 * The line through points.
 *
 * @throws {Error} with fewer than three, through which any line goes.
 */
export function trendOf(points: readonly TrendPoint[]): Trend {
  const count = points.length;
  if (count < 3) {
    throw new Error(`${count} points have no trend: take three or more, with more steps`);
  }
  const mean = (values: number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / count;
  const steps = points.map(({ step }) => step);
  const [middle, level] = [mean(steps), mean(points.map(({ value }) => value))];
  let [spread, together] = [0, 0];
  for (const { step, value } of points) {
    spread += (step - middle) ** 2;
    together += (step - middle) * (value - level);
  }
  const slope = together / spread;
  const rest = points.reduce(
    (sum, { step, value }) => sum + (value - level - slope * (step - middle)) ** 2,
    0,
  );
  return {
    slope,
    error: Math.sqrt(rest / (count - 2) / spread),
    rise: slope * (Math.max(...steps) - Math.min(...steps)),
  };
}

/** What remains when a share of the steps, and the points taken in it, are left out. */
export function afterWarmUp<Point extends { step: number }>(
  points: readonly Point[],
  share: number,
): Point[] {
  const last = points.at(-1)?.step ?? 0;
  return points.filter(({ step }) => step >= share * last);
}
