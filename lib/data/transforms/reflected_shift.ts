/**
 * The crop of CIFAR recipes: a picture of the input size moved by some pixels, with its mirror image
 * in what that uncovers (torchvision's RandomCrop with padding, mode `reflect`).
 *
 * @module
 */
import type { PixelChange } from "./rand_augment.ts";

/** The place in the picture whose mirror image stands at `place`; the edge itself is not repeated. */
function reflect(place: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const within = ((place % period) + period) % period;
  return within < length ? within : period - within;
}

/**
 * Moves pictures by −padding … padding pixels in both directions, each as likely.
 *
 * @example
 * ```ts
 * import { drawsOf, reflectedShift } from "./mod.ts";
 * const pixels = { height: 2, width: 2, values: Uint8Array.from({ length: 12 }, (_, k) => k) };
 * console.log(reflectedShift(1)(pixels, drawsOf({ seed: 0, epoch: 0, index: 0 })).values);
 * ```
 */
export function reflectedShift(padding: number): PixelChange {
  return ({ height, width, values }, draws) => {
    const top = draws.integer(2 * padding + 1) - padding;
    const left = draws.integer(2 * padding + 1) - padding;
    const result = new Uint8Array(values.length);
    let to = 0;
    for (let y = 0; y < height; y++) {
      const row = reflect(y + top, height) * width;
      for (let x = 0; x < width; x++, to += 3) {
        const from = 3 * (row + reflect(x + left, width));
        result[to] = values[from]!;
        result[to + 1] = values[from + 1]!;
        result[to + 2] = values[from + 2]!;
      }
    }
    return { height, width, values: result };
  };
}
