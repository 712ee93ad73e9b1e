/**
 * OpenCV's `warpAffine` for bytes with a constant border, and mmcv's rotation, shear and shift on
 * it. It is not Pillow's: places are rounded to 1/32 of a pixel, weights to 2⁻¹⁵, the cubic has
 * a = −0.75, and at the edge the fill is mixed in.
 *
 * @module
 */
import type { Pixels } from "../transform.ts";
import type {
  AffineMatrix,
  FillColor,
  WarpInterpolation,
  WarpOptions,
} from "./pillow_affine.ts";
import { roundHalfEven } from "./round_half_even.ts";

/** Places between two pixels. */
const steps = 32;
/** Places are computed in 1/1024 of a pixel. */
const placeScale = 1024;
/** The weights of a pixel add up to this. */
const weightScale = 32768;

/** Weights of the neighbours in one direction; multiples of 2⁻¹⁷, exact in float32 too. */
function lineWeights(interpolation: WarpInterpolation, step: number): number[] {
  const x = step / steps;
  if (interpolation === "bilinear") return [1 - x, x];
  const a = -0.75;
  const far = (x: number): number => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  const near = (x: number): number => ((a + 2) * x - (a + 3)) * x * x + 1;
  return [far(1 + x), near(x), near(1 - x), far(2 - x)];
}

/**
 * Whole weights of the neighbours for each of the 32 × 32 places. Rounding may miss the sum: of the
 * four weights from the middle on, the least gives what is too much, the largest takes what is
 * missing.
 */
function weightTable(interpolation: WarpInterpolation): Int32Array {
  const lines = Array.from(
    { length: steps },
    (_, step) => lineWeights(interpolation, step),
  );
  const side = lines[0]!.length;
  const table = new Int32Array(steps * steps * side * side);
  const middle = side / 2;
  lines.forEach((rows, down) =>
    lines.forEach((columns, right) => {
      const start = (down * steps + right) * side * side;
      let sum = 0;
      for (let k = 0; k < side * side; k++) {
        const weight = Math.fround(rows[Math.floor(k / side)]! * columns[k % side]!);
        table[start + k] = roundHalfEven(weight * weightScale);
        sum += table[start + k]!;
      }
      if (sum === weightScale) return;
      let least = start + middle * side + middle;
      let largest = least;
      for (let y = middle; y < Math.min(middle + 2, side); y++) {
        for (let x = middle; x < Math.min(middle + 2, side); x++) {
          const place = start + y * side + x;
          if (table[place]! < table[least]!) least = place;
          else if (table[place]! > table[largest]!) largest = place;
        }
      }
      const changed = sum > weightScale ? least : largest;
      table[changed] = table[changed]! - (sum - weightScale);
    })
  );
  return table;
}

const tables = new Map<WarpInterpolation, Int32Array>();

function tableOf(interpolation: WarpInterpolation): Int32Array {
  let table = tables.get(interpolation);
  if (table === undefined) tables.set(interpolation, table = weightTable(interpolation));
  return table;
}

/** The matrix that undoes another. */
function inverse([a, b, c, d, e, f]: AffineMatrix): AffineMatrix {
  const scale = 1 / (a * e - b * d);
  const [p, q, r, s] = [e * scale, -b * scale, -d * scale, a * scale];
  return [p, q, -p * c - q * f, r, s, -r * c - s * f];
}

/**
 * Moves each pixel to where `matrix` sends it, with the origin in the middle of the first pixel.
 *
 * @returns new pixels of the same size.
 *
 * @example
 * ```ts
 * import { openCvWarp } from "./opencv_warp.ts";
 * const pixels = { height: 1, width: 2, values: Uint8Array.of(1, 2, 3, 4, 5, 6) };
 * const options = { interpolation: "bicubic", fill: [0, 0, 0] } as const;
 * console.log(openCvWarp(pixels, [1, 0, 1, 0, 1, 0], options).values); // 0, 0, 0, 1, 2, 3
 * ```
 */
export function openCvWarp(
  pixels: Pixels,
  matrix: AffineMatrix,
  { interpolation, fill }: WarpOptions,
): Pixels {
  const { height, width } = pixels;
  const [a, b, c, d, e, f] = inverse(matrix);
  const table = tableOf(interpolation);
  const side = interpolation === "bicubic" ? 4 : 2;
  const before = side / 2 - 1;
  const source = withBorder(pixels, fill);
  const stride = 3 * (width + 2 * border);
  const result = new Uint8ClampedArray(pixels.values.length);
  const half = placeScale / steps / 2;
  const place = (value: number): number => roundHalfEven(value * placeScale);
  const columnSteps = Int32Array.from({ length: width }, (_, x) => place(a * x));
  const rowSteps = Int32Array.from({ length: width }, (_, x) => place(d * x));
  let to = 0;
  for (let y = 0; y < height; y++) {
    const columnStart = place(b * y + c) + half;
    const rowStart = place(e * y + f) + half;
    for (let x = 0; x < width; x++, to += 3) {
      // Arithmetic shifts: 10 bits of fraction become 5, which number the places.
      const column = (columnStart + columnSteps[x]!) >> 5;
      const row = (rowStart + rowSteps[x]!) >> 5;
      const left = (column >> 5) - before;
      const top = (row >> 5) - before;
      if (left < -side || left >= width || top < -side || top >= height) {
        for (let channel = 0; channel < 3; channel++) {
          result[to + channel] = fill[channel]!;
        }
        continue;
      }
      const weights = ((row & 31) * steps + (column & 31)) * side * side;
      const start = (top + border) * stride + 3 * (left + border);
      for (let channel = 0; channel < 3; channel++) {
        const sum = weighted(source, start + channel, stride, table, weights, side);
        result[to + channel] = (sum + weightScale / 2) >> 15;
      }
    }
  }
  return { height, width, values: new Uint8Array(result.buffer) };
}

/** As wide as the widest interpolation: what it touches is in the picture or in the border. */
const border = 4;

/** The picture with the fill around it. */
function withBorder({ height, width, values }: Pixels, fill: FillColor): Uint8Array {
  const stride = 3 * (width + 2 * border);
  const result = new Uint8Array(stride * (height + 2 * border));
  for (let k = 0; k < result.length; k++) result[k] = fill[k % 3]!;
  for (let y = 0; y < height; y++) {
    const row = values.subarray(3 * width * y, 3 * width * (y + 1));
    result.set(row, (y + border) * stride + 3 * border);
  }
  return result;
}

/** The weighted sum of `side` × `side` bytes. */
function weighted(
  values: Uint8Array,
  start: number,
  stride: number,
  table: Int32Array,
  weights: number,
  side: number,
): number {
  let sum = 0;
  if (side === 4) {
    for (let k = weights, at = start; k < weights + 16; k += 4, at += stride) {
      sum += table[k]! * values[at]! + table[k + 1]! * values[at + 3]! +
        table[k + 2]! * values[at + 6]! + table[k + 3]! * values[at + 9]!;
    }
    return sum;
  }
  for (let k = weights, at = start; k < weights + 4; k += 2, at += stride) {
    sum += table[k]! * values[at]! + table[k + 1]! * values[at + 3]!;
  }
  return sum;
}

/**
 * Turns a picture clockwise about its centre.
 *
 * @example
 * ```ts
 * import { mmcvRotate } from "./opencv_warp.ts";
 * const pixels = { height: 1, width: 2, values: Uint8Array.of(1, 1, 1, 2, 2, 2) };
 * const options = { interpolation: "bicubic", fill: [0, 0, 0] } as const;
 * console.log(mmcvRotate(pixels, 180, options).values); // 2, 2, 2, 1, 1, 1
 * ```
 */
export function mmcvRotate(
  pixels: Pixels,
  degrees: number,
  options: WarpOptions,
): Pixels {
  const [x, y] = [(pixels.width - 1) / 2, (pixels.height - 1) / 2];
  const angle = -degrees * (Math.PI / 180);
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  return openCvWarp(pixels, [
    ...[cosine, sine, (1 - cosine) * x - sine * y] as const,
    ...[-sine, cosine, sine * x + (1 - cosine) * y] as const,
  ], options);
}
