/**
 * The smoothed picture that sharpness is measured against: a 3 × 3 mean in which the middle counts
 * five times.
 *
 * @module
 */
import type { Pixels } from "../transform.ts";

/**
 * What stands at the edge, where neighbours are missing: the pixel itself (Pillow), or the smoothed
 * pixel with the picture mirrored around the edge's pixels (OpenCV's default border).
 */
export type SmoothEdge = "kept" | "mirrored";

/** ⌊sum / 13 + ½⌋ for every sum of weights 1 1 1 1 5 1 1 1 1; a tie is impossible. */
const thirteenths = Uint8Array.from(
  { length: 13 * 255 + 1 },
  (_, sum) => Math.floor((2 * sum + 13) / 26),
);

/**
 * Smooths with Pillow's `ImageFilter.SMOOTH`.
 *
 * @returns new pixels.
 *
 * @example
 * ```ts
 * import { smoothed } from "./smoothed.ts";
 * const values = new Uint8Array(27);
 * values[12] = 130; // red of the middle pixel
 * console.log(smoothed({ height: 3, width: 3, values }, "kept").values[12]); // 50
 * ```
 */
export function smoothed(pixels: Pixels, edge: SmoothEdge): Pixels {
  const { height, width, values } = pixels;
  const result = new Uint8Array(values);
  const row = 3 * width;
  for (let y = 1; y < height - 1; y++) {
    const end = (y + 1) * row - 3;
    for (let k = y * row + 3; k < end; k++) {
      const above = k - row;
      const below = k + row;
      const sum = values[above - 3]! + values[above]! + values[above + 3]! +
        values[k - 3]! + 5 * values[k]! + values[k + 3]! +
        values[below - 3]! + values[below]! + values[below + 3]!;
      result[k] = thirteenths[sum]!;
    }
  }
  if (edge === "mirrored") smoothEdges(pixels, result);
  return { height, width, values: result };
}

/** The mirror image of a place outside, for one step over the edge. */
function mirror(place: number, length: number): number {
  if (length === 1) return 0;
  return place < 0 ? 1 : place >= length ? length - 2 : place;
}

function smoothEdges({ height, width, values }: Pixels, result: Uint8Array): void {
  const smoothAt = (y: number, x: number): void => {
    for (let channel = 0; channel < 3; channel++) {
      const own = (y * width + x) * 3 + channel;
      let sum = 4 * values[own]!;
      for (let down = -1; down <= 1; down++) {
        const start = mirror(y + down, height) * width;
        for (let right = -1; right <= 1; right++) {
          sum += values[(start + mirror(x + right, width)) * 3 + channel]!;
        }
      }
      result[own] = thirteenths[sum]!;
    }
  };
  for (let x = 0; x < width; x++) {
    smoothAt(0, x);
    smoothAt(height - 1, x);
  }
  for (let y = 1; y < height - 1; y++) {
    smoothAt(y, 0);
    smoothAt(y, width - 1);
  }
}
