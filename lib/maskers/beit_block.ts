/**
 * BEiT's block-wise masking (Bao et al. 2022, algorithm 1): rectangles of random size and shape, until
 * enough patches are masked. Such a loop is drawn on the host; everything else here is on the device.
 *
 * @module
 */
import { foldIn, type Key, random, tf } from "../engine/mod.ts";
import { maskFromCells } from "./cells.ts";
import type { Mask } from "./mask.ts";

/** The grid of patches, and the rectangles. */
export interface BeitBlockOptions {
  /** Patches from top to bottom. */
  rows: number;
  columns: number;
  /** How many patches are masked in the end. */
  maskedPatches: number;
  /** Of a rectangle's area. Default: 16, BEiT's. */
  minimumPatches?: number;
  /** Of a rectangle's area. Default: `maskedPatches`. */
  maximumPatches?: number;
  /** Height over width. Default: 0.3, BEiT's. */
  minimumAspect?: number;
  /** Default: 1 / minimumAspect. */
  maximumAspect?: number;
}

/** Where the random numbers come from; drawn ones can be replayed. */
export interface BlockDraws {
  /** A real number between the two, whichever is larger. */
  uniform(low: number, high: number): number;
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
}

/** Draws from a generator of numbers in [0, 1). */
export function blockDraws(generator: () => number): BlockDraws {
  return {
    uniform: (low, high) => low + (high - low) * generator(),
    integer: (low, high) => low + Math.floor((high - low + 1) * generator()),
  };
}

// A rectangle that does not fit is drawn again, this often for each round (BEiT's code).
const attempts = 10;
// Far more than BEiT ever needs; only blocks that can never fit come here.
const mostRounds = 10_000;

/** Python's round: halves to the even number. */
function roundToEven(value: number): number {
  const below = Math.floor(value);
  const fraction = value - below;
  if (fraction !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

function requireRoom(options: BeitBlockOptions): void {
  const { rows, columns, maskedPatches, minimumAspect = 0.3 } = options;
  const patches = rows * columns;
  if (
    !(Number.isInteger(maskedPatches) && maskedPatches > 0 && maskedPatches < patches)
  ) {
    throw new Error(
      `BEiT masks from 1 to ${patches - 1} of ${rows}×${columns} patches, ` +
        `not maskedPatches ${maskedPatches}`,
    );
  }
  if (!(minimumAspect > 0)) {
    throw new Error(`minimumAspect must be above 0, got ${minimumAspect}`);
  }
}

/** Masks one rectangle, and tells how many patches that added. */
function addBlock(
  cells: Uint8Array<ArrayBuffer>,
  remaining: number,
  draws: BlockDraws,
  options: BeitBlockOptions,
): number {
  const { rows, columns, minimumPatches = 16, minimumAspect = 0.3 } = options;
  const { maximumAspect = 1 / minimumAspect } = options;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const area = draws.uniform(minimumPatches, remaining);
    const aspect = Math.exp(
      draws.uniform(Math.log(minimumAspect), Math.log(maximumAspect)),
    );
    const height = roundToEven(Math.sqrt(area * aspect));
    const width = roundToEven(Math.sqrt(area / aspect));
    if (width >= columns || height >= rows) continue;
    const top = draws.integer(0, rows - height);
    const left = draws.integer(0, columns - width);
    const block: number[] = [];
    for (let row = top; row < top + height; row++) {
      for (let column = left; column < left + width; column++) {
        const cell = row * columns + column;
        if (cells[cell] === 0) block.push(cell);
      }
    }
    if (block.length === 0 || block.length > remaining) continue;
    for (const cell of block) cells[cell] = 1;
    return block.length;
  }
  return 0;
}

/**
 * The flags of one image's patches: 1 for masked, row by row, `maskedPatches` of them.
 *
 * @throws {Error} when there are not more patches than that, or no rectangle fits the grid.
 */
export function beitCells(
  draws: BlockDraws,
  options: BeitBlockOptions,
): Uint8Array<ArrayBuffer> {
  requireRoom(options);
  const { rows, columns, maskedPatches, maximumPatches = maskedPatches } = options;
  const cells = new Uint8Array(rows * columns);
  let masked = 0;
  for (let round = 0; masked < maskedPatches; round++) {
    if (round === mostRounds) {
      throw new Error(
        `After ${mostRounds} rounds ${masked} of ${maskedPatches} patches are masked: allow ` +
          "blocks that fit the grid, by minimumPatches, maximumPatches or minimumAspect",
      );
    }
    const remaining = Math.min(maskedPatches - masked, maximumPatches);
    masked += addBlock(cells, remaining, draws, options);
  }
  return cells;
}

/** Numbers in [0, 1) on the host, the same for the same key. */
function hostNumbers(key: Key): () => number {
  const many = 1024; // some masks' worth for one reading
  let numbers: Float32Array = new Float32Array(0);
  let next = 0;
  let readings = 0;
  return () => {
    if (next === numbers.length) {
      const reading = readings++;
      numbers = tf.tidy(() =>
        random.uniform(foldIn(key, reading), [many]).dataSync<"float32">()
      );
      next = 0;
    }
    return numbers[next++]!;
  };
}

/**
 * Draws a mask for each image of a batch. It reads its numbers back from the device, so it cannot be
 * part of a compiled function: draw before, and pass the mask in.
 *
 * @throws {Error} as {@linkcode beitCells}.
 *
 * @example
 * ```ts
 * import { beitBlockMask } from "./beit_block.ts";
 * import { randomKey } from "../engine/mod.ts";
 * const options = { batch: 2, rows: 14, columns: 14, maskedPatches: 75 };
 * const { mask } = beitBlockMask(randomKey(0), options);
 * console.log(mask.sum(1).dataSync()); // Float32Array [ 75, 75 ]
 * ```
 */
export function beitBlockMask(
  key: Key,
  { batch, ...options }: BeitBlockOptions & { batch: number },
): Mask {
  const draws = blockDraws(hostNumbers(key));
  const images = Array.from(
    { length: batch },
    () => Array.from(beitCells(draws, options)),
  );
  return maskFromCells(tf.tensor2d(images), options.maskedPatches);
}
