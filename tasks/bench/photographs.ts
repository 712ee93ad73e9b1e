/**
 * JPEG files that cost as much to read as photographs do, for who has none at hand: detail at all
 * scales, edges, and sizes as in ImageNet. They are drawn, the same ones on every machine.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { hashWords } from "../../lib/data/random.ts";

/** Pixels of a photograph. */
export interface PhotographSize {
  width: number;
  height: number;
}

// Of a hundred: ImageNet's commonest size, its portrait, and others that occur there.
const sizes: readonly (PhotographSize & { share: number })[] = [
  { share: 60, width: 500, height: 375 },
  { share: 14, width: 375, height: 500 },
  { share: 14, width: 500, height: 333 },
  { share: 6, width: 400, height: 300 },
  { share: 4, width: 640, height: 480 },
  { share: 2, width: 1024, height: 768 },
];

/** The size of a picture, by its number. */
export function photographSize(index: number): PhotographSize {
  let place = hashWords([index, 1]) % 100;
  const size = sizes.find(({ share }) => (place -= share) < 0)!;
  return { width: size.width, height: size.height };
}

/** Bytes of noise. */
function noise(length: number, ...address: number[]): Uint8Array<ArrayBuffer> {
  // Marsaglia's xorshift (2003) from a hash: a hash for each byte would take longer than the JPEG.
  let state = hashWords(address) | 1;
  const values = new Uint8Array(length);
  for (let k = 0; k < length; k++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[k] = state >>> 24;
  }
  return values;
}

// Pixels of a cell of noise, and how much it counts: about in proportion, as in nature (Field 1987).
const octaves = [
  { cell: 1, amplitude: 0.2, coloured: false },
  { cell: 2, amplitude: 0.32, coloured: false },
  { cell: 4, amplitude: 0.22, coloured: true },
  { cell: 8, amplitude: 0.22, coloured: true },
  { cell: 16, amplitude: 0.25, coloured: true },
  { cell: 48, amplitude: 0.4, coloured: true },
  { cell: 160, amplitude: 0.6, coloured: true },
] as const;
// How far the colours of a cell lie apart: photographs are mostly grey.
const saturation = 0.3;
// Cells up to this size are detail.
const mostDetail = 4;
const shapesPerPicture = 12;
const shapeContrast = 0.4;

/** Noise of one cell size, smooth between the cells: `(height, width, 3)`. */
async function octave(
  values: Uint8Array<ArrayBuffer>,
  cell: number,
  { width, height }: PhotographSize,
): Promise<Uint8Array> {
  if (cell === 1) return values;
  const raw = { ...cellsOf({ width, height }, cell), channels: 3 } as const;
  const fit = { width, height, fit: "fill", kernel: "linear" } as const;
  return await sharp(values, { raw }).resize(fit).raw().toBuffer();
}

function cellsOf({ width, height }: PhotographSize, cell: number): PhotographSize {
  return { width: Math.ceil(width / cell), height: Math.ceil(height / cell) };
}

/** Pixels `(height, width, 3)` of a picture, by its number. */
async function drawPhotograph(
  index: number,
  size: PhotographSize,
): Promise<Uint8Array> {
  const sum = new Float32Array(size.width * size.height * 3).fill(128);
  // Some have more detail than others: half to one and a half times as much.
  const detail = 0.5 + hashWords([index, 4]) / 2 ** 32;
  for (const { cell, amplitude, coloured } of octaves) {
    const cells = cellsOf(size, cell);
    const values = noise(cells.width * cells.height * 3, index, 2, cell);
    const share = coloured ? saturation : 0;
    for (let k = 0; k < values.length; k += 3) {
      const grey = values[k]!;
      values[k + 1] = grey + share * (values[k + 1]! - grey);
      values[k + 2] = grey + share * (values[k + 2]! - grey);
    }
    const smooth = await octave(values, cell, size);
    const weight = cell > mostDetail ? amplitude : amplitude * detail;
    for (let k = 0; k < sum.length; k++) sum[k]! += weight * (smooth[k]! - 128);
  }
  addShapes(sum, index, size);
  return new Uint8Array(Uint8ClampedArray.from(sum).buffer);
}

/** Ellipses of one colour more or less: things have edges. */
function addShapes(
  sum: Float32Array,
  index: number,
  { width, height }: PhotographSize,
): void {
  for (let shape = 0; shape < shapesPerPicture; shape++) {
    const [x, y, wide, high, ...colour] = [...noise(7, index, 3, shape)] as Seven;
    const [red, green, blue] = muted(colour) as [number, number, number];
    const centre = { x: x / 255 * width, y: y / 255 * height };
    const radius = { x: (0.05 + wide / 1000) * width, y: (0.05 + high / 1000) * height };
    const top = Math.max(0, Math.ceil(centre.y - radius.y));
    const bottom = Math.min(height - 1, Math.floor(centre.y + radius.y));
    for (let row = top; row <= bottom; row++) {
      const half = radius.x * Math.sqrt(1 - ((row - centre.y) / radius.y) ** 2);
      const left = Math.max(0, Math.ceil(centre.x - half));
      const right = Math.min(width - 1, Math.floor(centre.x + half));
      for (let at = 3 * (row * width + left); at <= 3 * (row * width + right); at += 3) {
        sum[at]! += shapeContrast * (red - 128);
        sum[at + 1]! += shapeContrast * (green - 128);
        sum[at + 2]! += shapeContrast * (blue - 128);
      }
    }
  }
}

/** A colour nearer to its first channel's grey. */
function muted([red, ...others]: readonly [number, number, number]): number[] {
  return [red, ...others.map((value) => red + saturation * (value - red))];
}

type Seven = [number, number, number, number, number, number, number];

/** The file of a picture, by its number. */
export async function photographFile(index: number): Promise<Uint8Array> {
  const size = photographSize(index);
  const pixels = await drawPhotograph(index, size);
  const quality = 90;
  return await sharp(pixels, { raw: { ...size, channels: 3 } }).jpeg({ quality })
    .toBuffer();
}

const cacheFolder = fileURLToPath(
  new URL("../../.cache/bench-photographs", import.meta.url),
);

function nameOf(index: number): string {
  return `${String(index).padStart(5, "0")}.jpg`;
}

/**
 * A folder of drawn photographs; what is missing is made, about a tenth of a second each.
 *
 * @returns its path.
 */
export async function photographFolder(
  count: number,
  { log, folder = `${cacheFolder}/${count}` }: {
    log: (line: string) => void;
    folder?: string;
  },
): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const there = new Set(Array.from(Deno.readDirSync(folder), ({ name }) => name));
  const missing = Array.from({ length: count }, (_, index) => index)
    .filter((index) => !there.has(nameOf(index)));
  if (missing.length > 0) {
    log(`drawing ${missing.length} photographs in ${folder} (once)`);
  }
  for (const index of missing) {
    const path = `${folder}/${nameOf(index)}`;
    // Beside its place first: half a file must not be taken for a whole one.
    await Deno.writeFile(`${path}.part`, await photographFile(index));
    await Deno.rename(`${path}.part`, path);
  }
  return folder;
}

/** The photographs to measure with: somebody's own, or drawn ones. */
export interface Photographs {
  folder: string;
  /** What they are, for the reader of the numbers. */
  note: string;
}

/**
 * Somebody's own photographs, or drawn ones.
 *
 * @param own a folder; empty for drawn ones.
 */
export async function findPhotographs(
  own: string,
  count: number,
  log: (line: string) => void,
): Promise<Photographs> {
  if (own !== "") return { folder: own, note: `the pictures of ${own}` };
  const folder = await photographFolder(count, { log });
  return {
    folder,
    note:
      `synthetic photographs: ${count} JPEGs with detail at all scales and edges, most ` +
      "of 500×375 pixels and about 105 kB, quality 90 (--jpegs DIR takes your own)",
  };
}
