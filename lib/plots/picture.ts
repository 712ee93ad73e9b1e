/**
 * Pictures as plain numbers, the way that a dataset or a model hands them over.
 *
 * Everything that draws turns them into 8-bit RGB first, so that grey and colour images
 * can stand side by side.
 */

/** An image of `height · width · channels` values, row after row, channels innermost. */
export interface Picture {
  /** Bytes 0 to 255, or floats 0 to 1 (what lies outside is clipped). */
  readonly pixels: Uint8Array | Uint8ClampedArray | Float32Array;
  /** Number of rows of pixels. */
  readonly height: number;
  /** Number of pixels in a row. */
  readonly width: number;
  /** 1 is grey, 3 is RGB. */
  readonly channels: 1 | 3;
}

/**
 * Paint for values that are not finite: no image holds it by chance, and a NaN shown as
 * black would pass for a dark pixel.
 */
const notFiniteColor = [255, 0, 255] as const;

/**
 * The same picture as 8-bit RGB, `(height, width, 3)`, in memory of its own.
 *
 * Floats are 0 to 1; NaN and infinities are painted magenta.
 *
 * @throws if the number of pixels does not match the shape
 *
 * @example
 * ```ts
 * import { toRgb } from "./picture.ts";
 *
 * const pixels = Float32Array.of(0, 1);
 * const grey = { pixels, height: 1, width: 2, channels: 1 as const };
 * console.log(toRgb(grey).pixels); // [0, 0, 0, 255, 255, 255]
 * ```
 */
export function toRgb(picture: Picture): Picture & { readonly pixels: Uint8Array } {
  const { pixels, height, width, channels } = picture;
  if (pixels.length !== height * width * channels) {
    throw new Error(
      `A picture of ${height} × ${width} × ${channels} needs ` +
        `${height * width * channels} values, but has ${pixels.length}.`,
    );
  }
  const scale = pixels instanceof Float32Array ? 255 : 1;
  const rgb = new Uint8Array(height * width * 3);
  for (let place = 0; place < height * width; place++) {
    const values = [0, 1, 2].map((channel) =>
      (pixels[place * channels + (channels === 3 ? channel : 0)] ?? NaN) * scale
    );
    const finite = values.every(Number.isFinite);
    rgb.set(
      finite
        ? values.map((value) => Math.round(Math.min(Math.max(value, 0), 255)))
        : notFiniteColor,
      place * 3,
    );
  }
  return { pixels: rgb, height, width, channels: 3 };
}

/** The picture with every pixel a square of `scale · scale` pixels, as 8-bit RGB. */
export function enlarge(
  picture: Picture,
  scale: number,
): Picture & { readonly pixels: Uint8Array } {
  if (!Number.isInteger(scale) || scale < 1) {
    throw new Error(`A picture grows by a whole number of 1 or more, not by ${scale}.`);
  }
  const small = toRgb(picture);
  const [height, width] = [small.height * scale, small.width * scale];
  const pixels = new Uint8Array(height * width * 3);
  for (let row = 0; row < height; row++) {
    const source = Math.floor(row / scale) * small.width;
    for (let column = 0; column < width; column++) {
      const from = (source + Math.floor(column / scale)) * 3;
      const to = (row * width + column) * 3;
      pixels[to] = small.pixels[from] ?? 0;
      pixels[to + 1] = small.pixels[from + 1] ?? 0;
      pixels[to + 2] = small.pixels[from + 2] ?? 0;
    }
  }
  return { pixels, height, width, channels: 3 };
}
