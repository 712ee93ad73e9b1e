/**
 * Image files to plain bytes, with sharp. Photographs come turned by EXIF, grey, with a palette,
 * with alpha, with 16 bits or in CMYK; a model sees `(height, width, 3)` bytes of sRGB.
 *
 * @module
 */
import type { Sharp, SharpOptions } from "sharp";

/** How to decode. */
export interface DecodeOptions {
  /** Pixels of a side of the square result, or both sides; the picture's own size by default. */
  readonly size?: number | { readonly height: number; readonly width: number };
  /** `cover` crops to the size's shape, `contain` adds background, `fill` distorts; cover by default. */
  readonly fit?: "cover" | "contain" | "fill";
  /** Red, green, blue, 0 … 255, behind transparent pixels; white by default. */
  readonly background?: readonly [number, number, number];
}

/** A decoded picture. */
export interface DecodedImage {
  /** `(height, width, 3)`, sRGB, 0 … 255. */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/**
 * Decodes a picture of any format that sharp reads (JPEG, PNG, WebP, AVIF, GIF, TIFF, SVG): turned
 * upright as its EXIF orientation says, of an animation the first frame.
 *
 * @param source A path, a file URL, or the bytes of a file.
 * @throws {Error} if the file is missing or is no whole picture, in one sentence that names it.
 * @throws {RangeError} if the size or the background is out of range.
 *
 * @example
 * ```ts
 * import { decodeImage } from "./decode.ts";
 * const sheet = new URL("../../data/emoji/noto.webp", import.meta.url);
 * const { pixels } = await decodeImage(sheet, { size: 32 });
 * console.log(pixels.length); // 32 × 32 × 3
 * ```
 */
export async function decodeImage(
  source: string | URL | Uint8Array,
  { size, fit = "cover", background = [255, 255, 255] }: DecodeOptions = {},
): Promise<DecodedImage> {
  const sides = typeof size === "number" ? { height: size, width: size } : size;
  if (sides !== undefined) checkSides(sides);
  const [r, g, b] = background;
  if (![r, g, b].every((value) => value >= 0 && value <= 255)) {
    throw new RangeError(
      `background is [${background}]: use three numbers from 0 to 255`,
    );
  }
  const { bytes, title } = await readSource(source);
  const sharp = await loadSharp();
  try {
    const picture = sharp(bytes).autoOrient();
    if (sides !== undefined) picture.resize({ ...sides, fit, background: { r, g, b } });
    const { data, info } = await picture.flatten({ background: { r, g, b } })
      .toColourspace("srgb").removeAlpha().raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { pixels, height: info.height, width: info.width };
  } catch (cause) {
    throw new Error(
      `${title} cannot be decoded as a picture (${firstLine(cause)}): ` +
        "replace the file or take it out of the data set",
      { cause },
    );
  }
}

/**
 * A sharp pipeline on the bytes of a picture. sharp is loaded on first use, because it needs
 * Deno's permission for native code, which data sets without encoded pictures do not.
 *
 * @throws {Error} if sharp cannot be loaded or the bytes are empty.
 *
 * @example
 * ```ts
 * import { openPicture } from "./decode.ts";
 * const file = await Deno.readFile(new URL("../../data/emoji/noto.webp", import.meta.url));
 * console.log((await (await openPicture(file)).metadata()).format); // "webp"
 * ```
 */
export async function openPicture(
  bytes: Uint8Array,
  options: SharpOptions = {},
): Promise<Sharp> {
  return (await loadSharp())(bytes, options);
}

async function loadSharp(): Promise<typeof import("sharp").default> {
  try {
    const { default: sharp } = await import("sharp");
    // Every picture is read once, and TensorFlow has the cores: several pictures in flight, one
    // thread each, beat one picture on all threads.
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  } catch (cause) {
    throw new Error(
      `sharp, which decodes pictures, cannot be loaded (${
        firstLine(cause)
      }): run Deno with ` +
        `${sharpPermissions}, and after a change of platform \`deno install\` again`,
      { cause },
    );
  }
}

/** What sharp 0.35 asks of Deno; `ldd` tells it which C library the system has. */
const sharpPermissions = "--allow-ffi --allow-read=.,/usr/bin/ldd " +
  "--allow-env=npm_package_config_libvips,MALLOC_ARENA_MAX";

async function readSource(
  source: string | URL | Uint8Array,
): Promise<{ bytes: Uint8Array; title: string }> {
  if (source instanceof Uint8Array) {
    return { bytes: source, title: `The picture given as ${source.length} bytes` };
  }
  const title = source instanceof URL ? decodeURIComponent(source.pathname) : source;
  try {
    return { bytes: await Deno.readFile(source), title };
  } catch (cause) {
    throw new Error(`${title} cannot be read (${firstLine(cause)}): check the path`, {
      cause,
    });
  }
}

function checkSides({ height, width }: { height: number; width: number }): void {
  for (const side of [height, width]) {
    // 16,383 is the largest side of a WebP picture; no model takes nearly as much.
    if (!Number.isInteger(side) || side < 1 || side > 16_383) {
      throw new RangeError(
        `size is ${height} × ${width}: use whole numbers of pixels from 1 to 16383`,
      );
    }
  }
}

function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split("\n")[0]!;
}
