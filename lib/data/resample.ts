/**
 * Crops and resizes pixels that are in memory already, without native code: for small pictures a
 * call of sharp costs many times the work itself. Filters and their widths are Pillow's
 * (`Image.resize` on a cropped picture), which the reference augmentations were trained with.
 *
 * @module
 */
import type { Rectangle } from "./orientation.ts";
import { resizeBySimd, type Taps } from "./resample_simd.ts";
import type { Crop, Interpolation, PictureSize, Pixels } from "./transform.ts";

interface Filter {
  /** Half the width, in pixels of the coarser of the two grids. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

const filters: Record<Exclude<Interpolation, "nearest">, Filter> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    weight: (x) => {
      const a = -0.5; // Keys 1981, as in Pillow
      const t = Math.abs(x);
      if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
      return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
    },
  },
  lanczos: { support: 3, weight: (x) => Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0 },
};

/** How a length of pixels becomes another one. */
export function tapsOf(from: number, to: number, interpolation: Interpolation): Taps {
  const scale = from / to;
  if (interpolation === "nearest") {
    const first = Int32Array.from(
      { length: to },
      (_, k) => Math.floor((k + 0.5) * scale),
    );
    const ones = new Int32Array(to).fill(1);
    return { first, count: ones, weights: Float64Array.from(ones), width: 1 };
  }
  const { support, weight } = filters[interpolation];
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  const width = 2 * Math.ceil(reach) + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Float64Array(to * width);
  for (let k = 0; k < to; k++) {
    const centre = (k + 0.5) * scale;
    const start = Math.max(0, Math.floor(centre - reach + 0.5));
    const end = Math.min(from, Math.floor(centre + reach + 0.5));
    let sum = 0;
    for (let j = start; j < end; j++) {
      const value = weight((j + 0.5 - centre) / stretch);
      weights[k * width + j - start] = value;
      sum += value;
    }
    for (let j = 0; j < end - start; j++) weights[k * width + j]! /= sum;
    first[k] = start;
    count[k] = end - start;
  }
  return { first, count, weights, width };
}

/** A mirrored row is written from its end. */
function mirroredTaps({ first, count, weights, width }: Taps): Taps {
  const rows = Array.from(
    first,
    (_, k) => weights.subarray(k * width, (k + 1) * width),
  ).reverse();
  const reversed = new Float64Array(weights.length);
  rows.forEach((row, k) => reversed.set(row, k * width));
  return {
    first: first.toReversed(),
    count: count.toReversed(),
    weights: reversed,
    width,
  };
}

/**
 * Cuts a crop out of pixels and resizes it.
 *
 * @param pixels `(height, width, channels)`, 0 … 255.
 * @param crop May reach over the edges: what lies outside is `background`.
 * @returns `(size.height, size.width, channels)`.
 *
 * @example
 * ```ts
 * import { resample } from "./resample.ts";
 * const pixels = { height: 1, width: 2, values: Uint8Array.of(0, 200) };
 * const crop = { top: 0, left: 0, height: 1, width: 2, mirrored: true } as const;
 * const size = { height: 1, width: 2 };
 * console.log(resample(pixels, { ...crop, interpolation: "bicubic" }, size, [0])); // [200, 0]
 * ```
 */
export function resample(
  pixels: Pixels,
  crop: Crop,
  size: PictureSize,
  background: readonly number[],
): Uint8Array {
  const channels = background.length;
  if (crop.whole !== undefined) {
    const { whole } = crop;
    const { interpolation } = crop;
    const unmirrored = { interpolation, mirrored: false };
    const values = resize(pixels.values, pixels, whole, unmirrored, channels);
    return resample({ ...whole, values }, cropOfWhole(crop, pixels), size, background);
  }
  const isResized = crop.height !== size.height || crop.width !== size.width;
  const isInside = crop.top >= 0 && crop.left >= 0 &&
    crop.top + crop.height <= pixels.height && crop.left + crop.width <= pixels.width;
  if (isResized && isInside && channels === 3) {
    const stride = channels * pixels.width;
    const start = crop.top * stride + crop.left * channels;
    const resized = resizeBySimd(
      pixels.values,
      crop,
      ...tapsFor(crop, size, crop),
      { start, stride },
    );
    if (resized !== undefined) return resized;
  }
  const region = cut(pixels, crop, background);
  if (isResized) return resize(region, crop, size, crop, channels);
  return crop.mirrored ? mirror(region, size.width, channels) : region;
}

/**
 * The crop to be cut, at whole pixels, out of the picture that has been resized to `crop.whole`; a
 * crop without it as it is.
 */
export function cropOfWhole(
  { whole, ...crop }: Crop,
  picture: PictureSize,
): Omit<Crop, "whole"> {
  if (whole === undefined) return crop;
  const down = whole.height / picture.height;
  const across = whole.width / picture.width;
  // A crop of one pixel may be less than half a pixel of a picture that was decoded smaller.
  return {
    ...crop,
    top: Math.min(Math.round(crop.top * down), whole.height - 1),
    left: Math.min(Math.round(crop.left * across), whole.width - 1),
    height: Math.max(1, Math.round(crop.height * down)),
    width: Math.max(1, Math.round(crop.width * across)),
  };
}

/** A crop at its own size. */
export function cut(
  { height, width, values }: Pixels,
  crop: Rectangle,
  background: readonly number[],
): Uint8Array {
  const channels = background.length;
  const { top, left } = crop;
  const region = new Uint8Array(crop.height * crop.width * channels);
  const firstColumn = Math.max(0, left);
  const lastColumn = Math.min(width, left + crop.width);
  const lastRow = Math.min(height, top + crop.height);
  const whole = top >= 0 && left >= 0 && lastRow === top + crop.height &&
    lastColumn === left + crop.width;
  if (!whole) {
    for (let k = 0; k < region.length; k++) region[k] = background[k % channels]!;
  }
  if (lastColumn <= firstColumn) return region;
  for (let row = Math.max(0, top); row < lastRow; row++) {
    const from = row * width;
    region.set(
      values.subarray((from + firstColumn) * channels, (from + lastColumn) * channels),
      ((row - top) * crop.width + firstColumn - left) * channels,
    );
  }
  return region;
}

function byteOf(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5;
}

/** The taps across and down. */
function tapsFor(
  from: PictureSize,
  to: PictureSize,
  { interpolation, mirrored }: Pick<Crop, "interpolation" | "mirrored">,
): [Taps, Taps] {
  const plain = tapsOf(from.width, to.width, interpolation);
  const across = mirrored ? mirroredTaps(plain) : plain;
  return [across, tapsOf(from.height, to.height, interpolation)];
}

function resize(
  region: Uint8Array,
  from: PictureSize,
  to: PictureSize,
  how: Pick<Crop, "interpolation" | "mirrored">,
  channels: number,
): Uint8Array {
  const [across, down] = tapsFor(from, to, how);
  if (channels === 3) {
    const resized = resizeBySimd(region, from, across, down);
    if (resized !== undefined) return resized;
  }
  return resizeInJavaScript(region, from, across, down, channels);
}

/** What {@linkcode resizeBySimd} does, for any number of channels and any size. */
export function resizeInJavaScript(
  region: Uint8Array,
  from: PictureSize,
  across: Taps,
  down: Taps,
  channels: number,
): Uint8Array {
  const to = { height: down.first.length, width: across.first.length };
  const rowLength = to.width * channels;
  // Bytes between the two passes, as in Pillow: overshoots are cut off twice.
  const narrow = new Uint8Array(from.height * rowLength);
  for (let row = 0, out = 0; row < from.height; row++) {
    for (let column = 0; column < to.width; column++, out += channels) {
      const taps = across.count[column]!;
      const weightsAt = column * across.width;
      let at = (row * from.width + across.first[column]!) * channels;
      let first = 0, second = 0, third = 0;
      for (let k = 0; k < taps; k++, at += channels) {
        const weight = across.weights[weightsAt + k]!;
        first += weight * region[at]!;
        if (channels === 1) continue;
        second += weight * region[at + 1]!;
        third += weight * region[at + 2]!;
      }
      narrow[out] = byteOf(first);
      if (channels === 1) continue;
      narrow[out + 1] = byteOf(second);
      narrow[out + 2] = byteOf(third);
    }
  }
  const resized = new Uint8Array(to.height * rowLength);
  for (let row = 0, out = 0; row < to.height; row++) {
    const taps = down.count[row]!;
    const weightsAt = row * down.width;
    const start = down.first[row]! * rowLength;
    for (let column = 0; column < rowLength; column++) {
      let sum = 0;
      for (let k = 0, at = start + column; k < taps; k++, at += rowLength) {
        sum += down.weights[weightsAt + k]! * narrow[at]!;
      }
      resized[out++] = byteOf(sum);
    }
  }
  return resized;
}

/** Pixels `(height, width, channels)` with left and right changed, in a new array. */
export function mirror(values: Uint8Array, width: number, channels: number): Uint8Array {
  const mirrored = new Uint8Array(values.length);
  const rowLength = width * channels;
  for (let row = 0; row < values.length; row += rowLength) {
    for (let column = 0; column < width; column++) {
      const from = row + (width - 1 - column) * channels;
      const to = row + column * channels;
      for (let channel = 0; channel < channels; channel++) {
        mirrored[to + channel] = values[from + channel]!;
      }
    }
  }
  return mirrored;
}
