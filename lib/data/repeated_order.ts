/**
 * Repeated augmentation (Hoffer et al. 2020; Berman et al. 2019): an epoch sees a part of its images
 * several times, each time augmented differently, and is as long as without it.
 *
 * @module
 */

/** timm cuts an epoch to a multiple of this; a set of fewer images keeps its length. */
const multiple = 256;

/**
 * The order of an epoch in which each image comes `repeats` times in a row. In a run on several
 * devices the repetitions lie in the same batch.
 *
 * Position p is repetition `p % repeats` of its image: the transform draws by it, or all
 * repetitions would look the same.
 *
 * @param order every sample once, shuffled.
 * @returns `⌊N / 256⌋ · 256` samples; the last may come fewer times.
 * @throws {RangeError} if `repeats` is not a whole number ≥ 1.
 *
 * @example
 * ```ts
 * import { repeatedOrder } from "./repeated_order.ts";
 * console.log(repeatedOrder(Int32Array.of(7, 3, 5), 2)); // 7, 7, 3
 * ```
 */
export function repeatedOrder(order: Int32Array, repeats: number): Int32Array {
  if (!Number.isInteger(repeats) || repeats < 1) {
    throw new RangeError(`repeats is ${repeats}: use a whole number, 1 or more`);
  }
  const length = repeats === 1 || order.length < multiple
    ? order.length
    : Math.floor(order.length / multiple) * multiple;
  return Int32Array.from(
    { length },
    (_, position) => order[Math.floor(position / repeats)]!,
  );
}
