/**
 * Decoding, cropping and resizing in one pass of sharp, which reads no further into a file than
 * the crop needs. Every format ends as the bytes of a batch: upright, sRGB or grey, no alpha.
 *
 * @module
 */
import type { Sharp } from "sharp";
import { openPicture } from "./decode.ts";
import { isOrdinaryJpeg, jpegHeader, type StoredPicture } from "./jpeg_header.ts";
import { type Rectangle, storedRectangle, turnSize, turnUpright } from "./orientation.ts";
import { cropOfWhole, cut, mirror, resample } from "./resample.ts";
import type { EncodedPicture } from "./source.ts";
import type { Crop, Interpolation, PictureSize, Pixels } from "./transform.ts";

/** A picture whose size is known and which is ready to be cut. */
export interface OpenPicture {
  /** Upright, as EXIF says. */
  readonly size: PictureSize;
  /**
   * A crop, resized: `(size.height, size.width, channels)`.
   *
   * @throws {Error} if the file is damaged where the crop lies.
   */
  cut(crop: Crop, size: PictureSize): Promise<Uint8Array>;
}

/** Decoded pixels of a part of a picture; `using` frees them. */
export interface DecodedPart extends Rectangle, Disposable {
  /** `(height, width, 3)`, 0 … 255; not to be used once they are freed. */
  readonly values: Uint8Array;
}

/**
 * Decodes a part of an ordinary JPEG (see `isOrdinaryJpeg`), to the very bytes that sharp makes of
 * it; it may give more of the picture than the part. Where it fails, sharp decides.
 */
export type JpegDecoder = (
  encoded: Uint8Array<ArrayBuffer>,
  wanted: { readonly picture: PictureSize; readonly part: Rectangle },
) => Promise<DecodedPart>;

/** What a picture is cut over, and how. */
export interface CutOptions {
  /** 0 … 255 per channel, one or three of them: so many channels the result has. */
  readonly background: readonly number[];
  /** Decodes JPEGs in place of sharp, which has nothing faster. */
  readonly decodeJpeg?: JpegDecoder | undefined;
}

/**
 * A picture of more pixels is refused: a file of some kilobytes can claim any size. Pillow, which
 * the reference implementations read with, refuses from here on too (twice its
 * `MAX_IMAGE_PIXELS`).
 */
export const maximumPixels = 178_956_970;

const kernels = {
  nearest: "nearest",
  bilinear: "linear",
  bicubic: "cubic",
  lanczos: "lanczos3",
} as const satisfies Record<Interpolation, string>;

/**
 * Reads a picture's size, so that a transform can choose its crop, and cuts crops out of it. Of an
 * animation the first frame counts.
 *
 * Files with small faults that every viewer overlooks are read, truncated ones are not (as in
 * Pillow). JPEGs are decoded at full size: decoding at a fraction ("shrink on load") gained nothing
 * at ImageNet's sizes and a fifth at 12 megapixels, and would move a crop's edges.
 *
 * @throws {Error} if it is no picture, or larger than {@linkcode maximumPixels}.
 *
 * @example
 * ```ts
 * import { openForCrop } from "./decode_crop.ts";
 * const encoded = await Deno.readFile(new URL("../../data/emoji/noto.webp", import.meta.url));
 * const picture = await openForCrop({ encoded }, { background: [255, 255, 255] });
 * const crop = { top: 0, left: 0, height: 64, width: 64, mirrored: false } as const;
 * const size = { height: 32, width: 32 };
 * console.log((await picture.cut({ ...crop, interpolation: "bicubic" }, size)).length); // 3072
 * ```
 */
export async function openForCrop(
  picture: EncodedPicture | Pixels,
  { background, decodeJpeg }: CutOptions,
): Promise<OpenPicture> {
  if (!("encoded" in picture)) {
    const { height, width } = picture;
    return {
      size: { height, width },
      cut: (crop, size) => Promise.resolve(resample(picture, crop, size, background)),
    };
  }
  const open = (): Promise<Sharp> => openPicture(picture.encoded, sharpOptions);
  const header = jpegHeader(picture.encoded) ?? await headerBySharp(await open());
  const { height, width } = header.stored;
  if (height * width > maximumPixels) {
    throw new Error(`its ${height} × ${width} pixels exceed the pixel limit`);
  }
  const { encoded } = picture;
  const isDirect = decodeJpeg !== undefined && background.length === 3 &&
    encoded.buffer instanceof ArrayBuffer && isOrdinaryJpeg(encoded);
  const decode = async (part: Rectangle): Promise<DecodedPart | undefined> =>
    isDirect
      ? await decodeJpeg(encoded as Uint8Array<ArrayBuffer>, {
        picture: header.stored,
        part,
      }).catch(() => undefined)
      : undefined;
  return {
    size: turnSize(header.stored, header.orientation),
    cut: (crop, to) => cutEncoded({ open, decode }, header, crop, to, background),
  };
}

const sharpOptions = { failOn: "error", limitInputPixels: maximumPixels } as const;

async function headerBySharp(image: Sharp): Promise<StoredPicture> {
  const { autoOrient, orientation = 1 } = await image.metadata();
  return { stored: turnSize(autoOrient, orientation), orientation };
}

/** The two ways into a file. */
interface Ways {
  open(): Promise<Sharp>;
  /** Nothing where it does not go this way. */
  decode(part: Rectangle): Promise<DecodedPart | undefined>;
}

async function cutEncoded(
  { open, decode }: Ways,
  { stored, orientation }: StoredPicture,
  crop: Crop,
  size: PictureSize,
  background: readonly number[],
): Promise<Uint8Array> {
  const picture = turnSize(stored, orientation);
  const all = { top: 0, left: 0, ...stored };
  const upright = async (pipeline: Sharp, part: PictureSize): Promise<Pixels> => {
    const values = await bytesOf(pipeline, background);
    const turned = turnSize(part, orientation);
    const channels = background.length;
    return { ...turned, values: turnUpright(values, part, channels, orientation) };
  };
  const { interpolation, whole } = crop;
  const from = whole === undefined ? crop : picture;
  const reduces = !exceeds(whole ?? size, from);
  const bySharp = reduces && from.height * from.width > largestHere;
  if (whole !== undefined && bySharp) {
    const moved = cropOfWhole(crop, picture);
    const inside = intersection(moved, whole);
    if (isEmpty(inside)) return resample(nothing, moved, size, background);
    const storedWhole = turnSize(whole, orientation);
    const region = storedRectangle(inside, orientation, storedWhole);
    const resized = resizeTo((await open()).extract(all), storedWhole, interpolation);
    const part = await upright(resized.extract(region), region);
    return resample(part, within(moved, inside), size, background);
  }
  const inside = whole === undefined
    ? intersection(crop, picture)
    : { top: 0, left: 0, ...picture };
  if (isEmpty(inside)) return resample(nothing, crop, size, background);
  const region = storedRectangle(inside, orientation, stored);
  if (bySharp && inside.height === crop.height && inside.width === crop.width) {
    const wanted = turnSize(size, orientation);
    const resized = resizeTo((await open()).extract(region), wanted, interpolation);
    if (orientation === 1) {
      return await bytesOf(crop.mirrored ? resized.flop() : resized, background);
    }
    const { values } = await upright(resized, wanted);
    return crop.mirrored ? mirror(values, size.width, background.length) : values;
  }
  const inner = whole === undefined ? within(crop, inside) : crop;
  using decoded = await decode(region);
  if (decoded === undefined) {
    const part = await upright((await open()).extract(region), region);
    return resample(part, inner, size, background);
  }
  if (orientation === 1) {
    return resample(decoded, within(crop, decoded), size, background);
  }
  const values = cut(decoded, within(region, decoded), background);
  const turned = turnUpright(values, region, background.length, orientation);
  const part = { ...turnSize(region, orientation), values: turned };
  return resample(part, inner, size, background);
}

/**
 * Up to so many pixels sharp only decodes, and the resizing is done here: a resizing by sharp
 * costs about a millisecond before it begins, enlarges with a shift of up to half a pixel (libvips
 * 8.18), and cannot reach beyond the edges. Beyond, to hand so many pixels over costs more.
 */
const largestHere = 1 << 20;

const nothing: Pixels = { height: 0, width: 0, values: new Uint8Array() };

function isEmpty({ height, width }: PictureSize): boolean {
  return height <= 0 || width <= 0;
}

function exceeds(size: PictureSize, other: PictureSize): boolean {
  return size.height > other.height || size.width > other.width;
}

/** A crop of a picture as a crop of a part of it. */
function within<Part extends Rectangle>(crop: Part, part: Rectangle): Part {
  return { ...crop, top: crop.top - part.top, left: crop.left - part.left };
}

function intersection(crop: Crop, picture: PictureSize): Rectangle {
  const top = Math.max(0, crop.top);
  const left = Math.max(0, crop.left);
  return {
    top,
    left,
    height: Math.min(picture.height, crop.top + crop.height) - top,
    width: Math.min(picture.width, crop.left + crop.width) - left,
  };
}

/** After an `extract`, without which sharp decodes JPEGs at a fraction of their size. */
function resizeTo(
  region: Sharp,
  { height, width }: PictureSize,
  interpolation: Interpolation,
): Sharp {
  return region.resize({ height, width, fit: "fill", kernel: kernels[interpolation] });
}

async function bytesOf(
  picture: Sharp,
  background: readonly number[],
): Promise<Uint8Array> {
  const [r = 0, g = r, b = r] = background;
  const colours = background.length === 1 ? "b-w" : "srgb";
  const data = await picture.flatten({ background: { r, g, b } }).toColourspace(colours)
    .removeAlpha().raw({ depth: "uchar" }).toBuffer();
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
