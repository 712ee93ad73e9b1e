/**
 * A JPEG's size and orientation from its first bytes. sharp's `metadata()` knows them too, but opens
 * the file to say so, which takes about a twentieth of decoding and resizing it.
 *
 * @module
 */
import type { PictureSize } from "./transform.ts";

/** What a crop must know of a file. */
export interface StoredPicture {
  /** As stored, before it is turned upright. */
  readonly stored: PictureSize;
  /** EXIF's 1 … 8; 1 is upright. */
  readonly orientation: number;
}

/** A segment of a file's header: its marker's second byte, and what follows the length. */
interface Segment {
  readonly marker: number;
  readonly content: Uint8Array;
}

/**
 * Whether every decoder makes the same pixels of a file: 8 bits, three channels, no colour profile,
 * coded as nearly all JPEGs are.
 *
 * @example
 * ```ts
 * import { isOrdinaryJpeg } from "./jpeg_header.ts";
 * console.log(isOrdinaryJpeg(new TextEncoder().encode("no JPEG"))); // false
 * ```
 */
export function isOrdinaryJpeg(bytes: Uint8Array): boolean {
  let isOrdinary = false;
  for (const { marker, content } of segmentsOf(bytes)) {
    if (marker === 0xda) return isOrdinary;
    // Baseline, extended and progressive, Huffman-coded: then bits, height, width, channels.
    const isFrame = marker >= 0xc0 && marker <= 0xc2;
    if (isFrame) isOrdinary = content[0] === 8 && content[5] === 3;
    else if (isOtherFrame(marker) || isProfile(marker, content)) return false;
  }
  return false;
}

function isOtherFrame(marker: number): boolean {
  return marker > 0xc2 && marker <= 0xcf && !notFrames.includes(marker);
}

/** An ICC profile lies in APP2 segments (ICC.1:2022, B.4). */
function isProfile(marker: number, content: Uint8Array): boolean {
  return marker === 0xe2 &&
    String.fromCharCode(...content.subarray(0, 11)) === "ICC_PROFILE";
}

/** The segments up to the data; it ends where something else than a segment lies. */
function* segmentsOf(bytes: Uint8Array): Generator<Segment, void, void> {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) { // a fill byte
      at++;
      continue;
    }
    const length = bytes[at + 2]! << 8 | bytes[at + 3]!;
    if (length < 2) return;
    yield { marker, content: bytes.subarray(at + 4, at + 2 + length) };
    if (marker === 0xda || marker === 0xd9) return; // data, or the end
    at += 2 + length;
  }
}

/** Frame headers are C0 … CF but for tables (C4, CC) and an extension (C8). */
const notFrames = [0xc4, 0xc8, 0xcc];

/**
 * Reads the header of a JPEG file (ITU-T T.81, annex B; Exif 2.32).
 *
 * @returns nothing if the file is no JPEG, or not an ordinary one: then sharp must say.
 *
 * @example
 * ```ts
 * import { jpegHeader } from "./jpeg_header.ts";
 * console.log(jpegHeader(new TextEncoder().encode("no JPEG"))); // undefined
 * ```
 */
export function jpegHeader(bytes: Uint8Array): StoredPicture | undefined {
  let orientation = 1;
  for (const { marker, content } of segmentsOf(bytes)) {
    if (marker >= 0xc0 && marker <= 0xcf && !notFrames.includes(marker)) {
      if (content.length < 5) return undefined;
      const numberAt = (at: number): number => content[at]! << 8 | content[at + 1]!;
      const stored = { height: numberAt(1), width: numberAt(3) };
      // A height of 0 comes later in the file.
      return stored.height > 0 && stored.width > 0 ? { stored, orientation } : undefined;
    }
    if (marker === 0xe1) {
      const found = exifOrientation(content);
      if (found === "unsure") return undefined;
      orientation = found ?? orientation;
    }
  }
  return undefined;
}

/** Tag 0x0112 of the first directory, if it is there. */
function exifOrientation(segment: Uint8Array): number | "unsure" | undefined {
  const head = String.fromCharCode(...segment.subarray(0, 6));
  if (head !== "Exif\0\0") return undefined;
  const tiff = segment.subarray(6);
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (tiff.length < 8) return "unsure";
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return "unsure";
  const little = order === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return "unsure";
  const entries = view.getUint16(directory, little);
  for (let k = 0; k < entries; k++) {
    const at = directory + 2 + 12 * k;
    if (at + 12 > tiff.length) return "unsure";
    if (view.getUint16(at, little) !== 0x0112) continue;
    const value = view.getUint16(at + 8, little);
    const isShort = view.getUint16(at + 2, little) === 3;
    return isShort && value >= 1 && value <= 8 ? value : "unsure";
  }
  return undefined;
}
