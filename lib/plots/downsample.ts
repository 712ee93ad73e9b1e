/** Fewer points for a long curve, without hiding its peaks. */

/** More points than a screen has pixels only make a file larger. */
export const mostPoints = 600;

/**
 * Which points of a curve to draw: all of a short one; of a long one the lowest and the highest of
 * each stretch, so that a single spike among thousands of steps is still seen. A stretch with a gap
 * keeps a gap.
 *
 * @param y heights; `null` and what is not finite is a gap
 * @param most about so many points are kept
 * @returns places in ascending order, the first and the last among them
 *
 * @example
 * ```ts
 * import { pointsToDraw } from "./downsample.ts";
 *
 * console.log(pointsToDraw([0, 0, 9, 0, 0, 0, 0, -9, 0], 4)); // [0, 2, 4, 7, 8]
 * ```
 */
export function pointsToDraw(
  y: readonly (number | null)[],
  most: number = mostPoints,
): number[] {
  if (y.length <= most) return y.map((_, place) => place);
  const kept = new Set([0, y.length - 1]);
  const stretches = Math.max(1, Math.floor(most / 2));
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor(stretch * y.length / stretches);
    const to = Math.floor((stretch + 1) * y.length / stretches);
    let [lowest, highest, gap] = [-1, -1, -1];
    for (let place = from; place < to; place++) {
      const value = y[place];
      if (value === null || value === undefined || !Number.isFinite(value)) gap = place;
      else {
        if (lowest < 0 || value < y[lowest]!) lowest = place;
        if (highest < 0 || value > y[highest]!) highest = place;
      }
    }
    for (const place of [lowest, highest, gap]) if (place >= 0) kept.add(place);
  }
  return [...kept].sort((one, other) => one - other);
}
