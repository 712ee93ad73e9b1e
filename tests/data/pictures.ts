// Pictures made for tests, and a source of them in memory.
import sharp, { type Sharp } from "sharp";
import type { ImageSource } from "../../lib/data/source.ts";
import type { Crop, PictureSize, Transform } from "../../lib/data/transform.ts";

/** A smooth coloured picture `(height, width, 3)`; each `kind` is another one. */
export function gradient({ height, width }: PictureSize, kind = 0): Uint8Array {
  const values = new Uint8Array(height * width * 3);
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      values[at++] = 255 * row / height;
      values[at++] = 255 * column / width;
      values[at++] = kind % 256;
    }
  }
  return values;
}

/** The same as a pipeline of sharp, to be encoded. */
export function drawing(size: PictureSize, kind = 0): Sharp {
  return sharp(gradient(size, kind), { raw: { ...size, channels: 3 } });
}

/** A file of a drawing. */
export async function jpegOf(size: PictureSize, kind = 0): Promise<Uint8Array> {
  return new Uint8Array(await drawing(size, kind).jpeg({ quality: 95 }).toBuffer());
}

/** The whole of a picture, resized. */
export function wholePicture(size: PictureSize): Transform {
  return {
    size,
    crop: (picture) => ({
      ...picture,
      ...{ top: 0, left: 0, mirrored: false, interpolation: "bilinear" },
    }),
  };
}

/** A random crop of half the size, some mirrored. */
export function randomPart(size: PictureSize): Transform {
  return {
    size,
    crop(picture, draws): Crop {
      const height = Math.ceil(picture.height / 2);
      const width = Math.ceil(picture.width / 2);
      return {
        top: draws.integer(picture.height - height + 1),
        left: draws.integer(picture.width - width + 1),
        height,
        width,
        mirrored: draws.uniform() < 0.5,
        interpolation: "bicubic",
      };
    },
  };
}

/** A source of encoded pictures in memory; what is `undefined` cannot be read. */
export function encodedSource(
  files: readonly (Uint8Array | undefined)[],
  read: (index: number) => Promise<void> = () => Promise.resolve(),
): ImageSource {
  return {
    name: "drawings",
    length: files.length,
    channels: 3,
    labels: Int32Array.from(files, (_, index) => 100 + index),
    classNames: [],
    mean: [0, 0, 0],
    std: [1, 1, 1],
    background: [255, 255, 255],
    fingerprint: "drawings",
    describe: (index) => `drawing-${index}.jpg`,
    async read(index) {
      await read(index);
      const encoded = files[index];
      if (encoded === undefined) throw new Deno.errors.NotFound("no such file");
      return { encoded };
    },
  };
}

/** The mean and the largest difference of two arrays of bytes. */
export function difference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): { mean: number; largest: number } {
  if (a.length !== b.length) throw new Error(`${a.length} and ${b.length} bytes`);
  let sum = 0;
  let largest = 0;
  for (let k = 0; k < a.length; k++) {
    const apart = Math.abs(a[k]! - b[k]!);
    sum += apart;
    largest = Math.max(largest, apart);
  }
  return { mean: sum / a.length, largest };
}

/** A JPEG with an EXIF orientation and nothing else, such as no colour profile. */
export function heldAs(jpeg: Uint8Array, orientation: number): Uint8Array<ArrayBuffer> {
  const exif = [..."Exif"].map((letter) => letter.charCodeAt(0));
  const entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]; // tag, SHORT, one
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, ...entry, 0, 0, 0, 0];
  const content = [...exif, 0, 0, ...tiff];
  const segment = [0xff, 0xe1, 0, content.length + 2, ...content];
  return Uint8Array.from([...jpeg.subarray(0, 2), ...segment, ...jpeg.subarray(2)]);
}
