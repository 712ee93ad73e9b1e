/**
 * Pillow's `Image.transform(AFFINE)` and `Image.rotate`, byte for byte: each pixel of the result is
 * interpolated at a place of the source, and takes the fill where that lies outside.
 *
 * @module
 */
import type { Pixels } from "../transform.ts";

/** Interpolations that geometric changes have. */
export type WarpInterpolation = "bilinear" | "bicubic";

/** Red, green, blue, 0 … 255. */
export type FillColor = readonly [number, number, number];

/** `x' = a·x + b·y + c`, `y' = d·x + e·y + f`. */
export type AffineMatrix = readonly [number, number, number, number, number, number];

/** How a geometric change interpolates and what it fills. */
export interface WarpOptions {
  readonly interpolation: WarpInterpolation;
  readonly fill: FillColor;
}

/** Pillow's cubic through four values, a = −1, at `d` from the second towards the third. */
function cubic(v1: number, v2: number, v3: number, v4: number, d: number): number {
  const p2 = -v1 + v3;
  const p3 = 2 * (v1 - v2) + v3 - v4;
  const p4 = -v1 + v2 - v3 + v4;
  return v2 + d * (p2 + d * (p3 + d * p4));
}

function linear(v1: number, v2: number, d: number): number {
  return v1 + (v2 - v1) * d;
}

function clamp(place: number, length: number): number {
  return place < 0 ? 0 : place < length ? place : length - 1;
}

/**
 * Looks each pixel up where `matrix` sends its centre: the matrix goes from the result to the
 * source, with the origin in the corner of the first pixel, as Pillow's does.
 *
 * @returns new pixels of the same size.
 *
 * @example
 * ```ts
 * import { pillowAffine } from "./pillow_affine.ts";
 * const pixels = { height: 1, width: 2, values: Uint8Array.of(1, 2, 3, 4, 5, 6) };
 * const options = { interpolation: "bicubic", fill: [0, 0, 0] } as const;
 * console.log(pillowAffine(pixels, [1, 0, 1, 0, 1, 0], options).values); // 4, 5, 6, 0, 0, 0
 * ```
 */
export function pillowAffine(
  { height, width, values }: Pixels,
  [a, b, c, d, e, f]: AffineMatrix,
  { interpolation, fill }: WarpOptions,
): Pixels {
  const result = new Uint8Array(values.length);
  const sample = interpolation === "bicubic" ? sampleBicubic : sampleBilinear;
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const column = a * (x + 0.5) + b * (y + 0.5) + c;
      const row = d * (x + 0.5) + e * (y + 0.5) + f;
      if (column < 0 || column >= width || row < 0 || row >= height) {
        result[to] = fill[0];
        result[to + 1] = fill[1];
        result[to + 2] = fill[2];
      } else sample(values, height, width, row - 0.5, column - 0.5, result, to);
    }
  }
  return { height, width, values: result };
}

function sampleBicubic(
  values: Uint8Array,
  height: number,
  width: number,
  row: number,
  column: number,
  result: Uint8Array,
  to: number,
): void {
  const top = Math.floor(row);
  const left = Math.floor(column);
  const down = row - top;
  const right = column - left;
  const x1 = 3 * clamp(left - 1, width);
  const x2 = 3 * clamp(left, width);
  const x3 = 3 * clamp(left + 1, width);
  const x4 = 3 * clamp(left + 2, width);
  const stride = 3 * width;
  const y1 = stride * clamp(top - 1, height);
  const y2 = stride * clamp(top, height);
  const y3 = stride * clamp(top + 1, height);
  const y4 = stride * clamp(top + 2, height);
  for (let channel = 0; channel < 3; channel++) {
    const a1 = x1 + channel;
    const a2 = x2 + channel;
    const a3 = x3 + channel;
    const a4 = x4 + channel;
    let value: number;
    // A shift or shear along one axis stays within a row or a column: the others count 0.
    if (down === 0) value = across(values, y2, a1, a2, a3, a4, right);
    else if (right === 0) value = across(values, a2, y1, y2, y3, y4, down);
    else {
      const v1 = across(values, y1, a1, a2, a3, a4, right);
      const v2 = across(values, y2, a1, a2, a3, a4, right);
      const v3 = across(values, y3, a1, a2, a3, a4, right);
      const v4 = across(values, y4, a1, a2, a3, a4, right);
      value = cubic(v1, v2, v3, v4, down);
    }
    result[to + channel] = value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
  }
}

/** The cubic through four bytes at `start + …`. */
function across(
  values: Uint8Array,
  start: number,
  a1: number,
  a2: number,
  a3: number,
  a4: number,
  d: number,
): number {
  return cubic(
    values[start + a1]!,
    values[start + a2]!,
    values[start + a3]!,
    values[start + a4]!,
    d,
  );
}

function sampleBilinear(
  values: Uint8Array,
  height: number,
  width: number,
  row: number,
  column: number,
  result: Uint8Array,
  to: number,
): void {
  const top = Math.floor(row);
  const left = Math.floor(column);
  const x1 = 3 * clamp(left, width);
  const x2 = 3 * clamp(left + 1, width);
  const stride = 3 * width;
  const y1 = stride * clamp(top, height);
  const y2 = stride * clamp(top + 1, height);
  for (let channel = 0; channel < 3; channel++) {
    const upper = linear(
      values[y1 + x1 + channel]!,
      values[y1 + x2 + channel]!,
      column - left,
    );
    const lower = linear(
      values[y2 + x1 + channel]!,
      values[y2 + x2 + channel]!,
      column - left,
    );
    result[to + channel] = Math.trunc(linear(upper, lower, row - top));
  }
}

/** Pillow rounds the sine and cosine of a rotation to 15 digits. */
function fifteenDigits(value: number): number {
  return Number(value.toFixed(15));
}

/**
 * Turns a picture counter-clockwise about its centre, on the same canvas.
 *
 * @example
 * ```ts
 * import { pillowRotate } from "./pillow_affine.ts";
 * const pixels = { height: 1, width: 2, values: Uint8Array.of(1, 1, 1, 2, 2, 2) };
 * const options = { interpolation: "bicubic", fill: [0, 0, 0] } as const;
 * console.log(pillowRotate(pixels, 180, options).values); // 2, 2, 2, 1, 1, 1
 * ```
 */
export function pillowRotate(
  pixels: Pixels,
  degrees: number,
  options: WarpOptions,
): Pixels {
  const { height, width } = pixels;
  const turn = degrees % 360;
  const positive = turn < 0 ? turn + 360 : turn;
  if (positive === 0) return pixels;
  const angle = -(positive * (Math.PI / 180));
  const cosine = fifteenDigits(Math.cos(angle));
  const sine = fifteenDigits(Math.sin(angle));
  const [x, y] = [width / 2, height / 2];
  return pillowAffine(pixels, [
    ...[cosine, sine, cosine * -x + sine * -y + x] as const,
    ...[-sine, cosine, -sine * -x + cosine * -y + y] as const,
  ], options);
}
