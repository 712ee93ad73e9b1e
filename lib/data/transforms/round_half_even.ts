/**
 * Rounding as Python does it. The crops of torchvision, timm and mmpretrain depend on it: half of
 * an odd number of pixels is a common case, and another pixel there is another picture.
 *
 * @module
 */

/**
 * The nearest integer, of two equally near ones the even one: Python's `round`.
 *
 * @example
 * ```ts
 * import { roundHalfEven } from "./round_half_even.ts";
 * console.log(roundHalfEven(0.5), roundHalfEven(1.5), roundHalfEven(2.5)); // 0 2 2
 * ```
 */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
