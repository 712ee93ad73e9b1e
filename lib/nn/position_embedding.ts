/**
 * Position embeddings: fixed sine-cosine tables, and resizing of learned ones to another grid of
 * patches.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";

/** Rows and columns of patches. */
export type Grid = readonly [rows: number, columns: number];

/**
 * Which half of the channels holds which coordinate: `official` (MAE, MILAN) encodes the column in
 * the first half and the row in the second, `mmpretrain` the row first.
 */
export type SineCosineConvention = "official" | "mmpretrain";

/** What a sine-cosine table is for. */
export interface SineCosineOptions {
  /** D */
  width: number;
  /** Patches of a side, or rows and columns. */
  grid: number | Grid;
  /** Whether a row of zeros for the class token comes first. Default: false. */
  classToken?: boolean;
  /** Default: official. */
  convention?: SineCosineConvention;
}

// Of Vaswani et al. 2017, section 3.5: the longest wavelength is 10000 · 2π.
const base = 10000;

function encodeCoordinate(position: number, width: number): number[] {
  const frequencies = Array.from(
    { length: width / 2 },
    (_, k) => base ** (-k / (width / 2)),
  );
  return [
    ...frequencies.map((frequency) => Math.sin(position * frequency)),
    ...frequencies.map((frequency) => Math.cos(position * frequency)),
  ];
}

/**
 * The fixed 2-D sine-cosine position embeddings of MAE (He et al. 2022), row by row. Each half of
 * the channels encodes one coordinate p as [sin(p ωₖ), cos(p ωₖ)] with ωₖ = 10000^(−k / (D/4)).
 *
 * @returns `(N, D)` values, or `(1 + N, D)` with a class token; computed in double precision.
 * @throws {Error} when the width is not a multiple of 4.
 *
 * @example
 * ```ts
 * import { sineCosinePositions } from "./position_embedding.ts";
 * console.log(sineCosinePositions({ width: 4, grid: 1 })); // Float32Array [ 0, 1, 0, 1 ]
 * ```
 */
export function sineCosinePositions(
  { width, grid, classToken = false, convention = "official" }: SineCosineOptions,
): Float32Array<ArrayBuffer> {
  if (!Number.isInteger(width) || width <= 0 || width % 4 !== 0) {
    throw new Error(
      `Sine-cosine position embeddings need a width that is a multiple of 4, got ${width}`,
    );
  }
  const [rows, columns] = typeof grid === "number" ? [grid, grid] as const : grid;
  const half = width / 2;
  const ofRow = Array.from({ length: rows }, (_, row) => encodeCoordinate(row, half));
  const ofColumn = Array.from(
    { length: columns },
    (_, column) => encodeCoordinate(column, half),
  );
  const table = new Float32Array((rows * columns + (classToken ? 1 : 0)) * width);
  let offset = classToken ? width : 0;
  for (const row of ofRow) {
    for (const column of ofColumn) {
      const [first, second] = convention === "official" ? [column, row] : [row, column];
      table.set(first, offset);
      table.set(second, offset + half);
      offset += width;
    }
  }
  return table;
}

// Of the cubic convolution kernel (Keys 1981); PyTorch and OpenCV take -0.75, TensorFlow -0.5.
const keysParameter = -0.75;

/** Keys' cubic convolution kernel at a distance from the sample. */
function cubicKernel(distance: number): number {
  const a = keysParameter;
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

/**
 * The matrix that resizes a line of `length` samples to `newLength` as PyTorch's bicubic
 * interpolation does: pixel centres at half positions (`align_corners=False`), no anti-aliasing,
 * the border sample repeated.
 *
 * @returns `(newLength, length)` values; every row sums to 1.
 *
 * @example
 * ```ts
 * import { bicubicMatrix } from "./position_embedding.ts";
 * console.log(bicubicMatrix(2, 2)); // Float32Array [ 1, 0, 0, 1 ]
 * ```
 */
export function bicubicMatrix(
  length: number,
  newLength: number,
): Float32Array<ArrayBuffer> {
  const matrix = new Float64Array(newLength * length);
  for (let to = 0; to < newLength; to++) {
    const centre = (to + 0.5) * length / newLength - 0.5;
    const nearest = Math.floor(centre);
    for (let from = nearest - 1; from <= nearest + 2; from++) {
      const clamped = Math.min(Math.max(from, 0), length - 1);
      matrix[to * length + clamped]! += cubicKernel(centre - from);
    }
  }
  return Float32Array.from(matrix);
}

/** Multiplies the first axis by a bicubic matrix and moves it to the second place. */
function resizeFirstAxis(x: Tensor, newLength: number): Tensor {
  const [length, other, width] = x.shape as [number, number, number];
  const matrix = tf.tensor2d(bicubicMatrix(length, newLength), [newLength, length]);
  return tf.matMul(matrix, x.reshape([length, other * width]))
    .reshape([newLength, other, width])
    .transpose([1, 0, 2]);
}

/** From which grid to which position embeddings are resized. */
export interface ResizeOptions {
  /** The grid that the embeddings are for. */
  grid: Grid;
  /** The grid that is wanted. */
  newGrid: Grid;
}

/**
 * Resizes learned position embeddings bicubically to another grid of patches, as MAE's and
 * mmpretrain's fine-tuning do: `(1, E + N, D)` → `(1, E + N', D)`, or the same without the first
 * axis (CLIP). The E extra tokens in front (class token) stay as they are. Made of matrix products
 * with constants, so it has a gradient and works in traced functions.
 *
 * @throws {Error} when the embeddings are fewer than the grid's patches.
 *
 * @example
 * ```ts
 * import { resizePositionEmbedding } from "./position_embedding.ts";
 * import { tf } from "../engine/mod.ts";
 * const embedding = tf.zeros([1, 1 + 14 * 14, 8]);
 * const resized = resizePositionEmbedding(embedding, { grid: [14, 14], newGrid: [8, 10] });
 * console.log(resized.shape); // [ 1, 81, 8 ]
 * ```
 */
export function resizePositionEmbedding(
  embedding: Tensor,
  { grid, newGrid }: ResizeOptions,
): Tensor {
  const [rows, columns] = grid;
  const [newRows, newColumns] = newGrid;
  const [length, width] = embedding.shape.slice(-2) as [number, number];
  const extra = length - rows * columns;
  const leading = embedding.shape.slice(0, -2);
  if (extra < 0 || leading.some((axis) => axis !== 1)) {
    throw new Error(
      `Position embeddings [${embedding.shape}] do not fit a grid of ${rows}×${columns}: ` +
        `they must be [1, E + ${rows * columns}, D]`,
    );
  }
  if (rows === newRows && columns === newColumns) return embedding;
  const flat = embedding.reshape([length, width]);
  const patches = flat.slice([extra, 0], [rows * columns, width]);
  const tall = resizeFirstAxis(patches.reshape([rows, columns, width]), newRows); // (C, R', D)
  const resized = resizeFirstAxis(tall, newColumns) // (R', C', D)
    .reshape([newRows * newColumns, width]);
  const whole = extra === 0
    ? resized
    : tf.concat([flat.slice([0, 0], [extra, width]), resized]);
  return whole.reshape([...leading, extra + newRows * newColumns, width]);
}
