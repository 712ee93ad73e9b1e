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
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let orientation = 1;
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) { // a fill byte
      at++;
      continue;
    }
    const length = view.getUint16(at + 2);
    if (length < 2) return undefined;
    // Frame headers are C0 … CF but for tables (C4, CC) and an extension (C8).
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const stored = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
      // A height of 0 comes later in the file.
      return stored.height > 0 && stored.width > 0 ? { stored, orientation } : undefined;
    }
    if (marker === 0xda || marker === 0xd9) return undefined; // data, or the end
    if (marker === 0xe1) {
      const exif = bytes.subarray(at + 4, at + 2 + length);
      const found = exifOrientation(exif);
      if (found === "unsure") return undefined;
      orientation = found ?? orientation;
    }
    at += 2 + length;
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
