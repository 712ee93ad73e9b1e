/**
 * Position embeddings and tables of relative positions of another grid, resized bicubically, as MAE's,
 * MixMIM's and mmpretrain's loading does.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { type Grid, resizePositionEmbedding } from "../nn/position_embedding.ts";

/** What kind of table a name stands for; undefined for any other parameter. */
type Table = "positions" | "relative" | undefined;

function tableOf(name: string): Table {
  if (/(^|\.)((absolute_|decoder_)?pos_embed|positional_embedding)$/.test(name)) {
    return "positions";
  }
  return name.endsWith("relative_position_bias_table") ? "relative" : undefined;
}

/** Whether a parameter's shape follows from the grid of patches, by its name. */
export function isPositionTable(name: string): boolean {
  return tableOf(name) !== undefined;
}

/** Rows of a table: `(R, D)`, or `(1, R, D)`. */
interface Rows {
  count: number;
  width: number;
}

function rowsOf(shape: readonly number[]): Rows | undefined {
  const [count, width] = shape.slice(-2);
  const leading = shape.slice(0, -2);
  const isTable = count !== undefined && width !== undefined && leading.length <= 1 &&
    leading.every((axis) => axis === 1);
  return isTable ? { count, width } : undefined;
}

/** Square grids in two tables, and the rows that are of no place. */
interface Squares {
  side: number;
  newSide: number;
  extra: number;
}

/**
 * A table is of a square grid, and a class token's row, or BEiT's three numbers for it, come beside.
 * Both tables must agree on that.
 */
function squaresOf(
  count: number,
  newCount: number,
  extras: readonly number[],
): Squares | undefined {
  for (const extra of extras) {
    const [side, newSide] = [Math.sqrt(count - extra), Math.sqrt(newCount - extra)];
    const isGrid = Number.isInteger(side) && Number.isInteger(newSide) && side > 0 &&
      newSide > 0;
    if (isGrid) return { side, newSide, extra };
  }
  return undefined;
}

/** From which grid to which a parameter is resized. */
export interface Resizing {
  grid: Grid;
  newGrid: Grid;
  /** BEiT has the numbers of its class token behind those of the grid, all others have it in front. */
  extraBehind: number;
}

/**
 * How a parameter goes from one shape to another; undefined where it cannot: only position embeddings
 * and bias tables of square grids can, to another grid and at the same width.
 *
 * @param name of the parameter in the kit.
 *
 * @example
 * ```ts
 * import { resizingOf } from "./resize_positions.ts";
 * console.log(resizingOf("pos_embed", [1, 197, 768], [1, 577, 768])!.newGrid); // [ 24, 24 ]
 * console.log(resizingOf("norm.weight", [768], [1024])); // undefined
 * ```
 */
export function resizingOf(
  name: string,
  shape: readonly number[],
  newShape: readonly number[],
): Resizing | undefined {
  const table = tableOf(name);
  const [old, wanted] = [rowsOf(shape), rowsOf(newShape)];
  if (table === undefined || old === undefined || wanted === undefined) return undefined;
  if (old.width !== wanted.width || shape.length !== newShape.length) return undefined;
  const extras = table === "positions" ? [0, 1] : [0, 3];
  const squares = squaresOf(old.count, wanted.count, extras);
  if (squares === undefined) return undefined;
  const { side, newSide, extra } = squares;
  return {
    grid: [side, side],
    newGrid: [newSide, newSide],
    extraBehind: table === "relative" ? extra : 0,
  };
}

/**
 * Position embeddings or a bias table at another grid.
 *
 * @param table `(1, E + N, D)`, `(E + N, D)` or, of relative positions, `((2w − 1)² + E, heads)`.
 *
 * @example
 * ```ts
 * import { resizingOf, resizeTable } from "./resize_positions.ts";
 * import { tf } from "../engine/mod.ts";
 * const resizing = resizingOf("attn.relative_position_bias_table", [169, 4], [529, 4])!;
 * console.log(resizeTable(tf.zeros([169, 4]), resizing).shape); // [ 529, 4 ]
 * ```
 */
export function resizeTable(
  table: Tensor,
  { grid, newGrid, extraBehind }: Resizing,
): Tensor {
  return tf.tidy(() => {
    const grids = { grid, newGrid };
    if (extraBehind === 0) return resizePositionEmbedding(table, grids);
    const [rows, width] = table.shape as [number, number];
    const places = table.slice([0, 0], [rows - extraBehind, width]);
    const rest = table.slice([rows - extraBehind, 0], [extraBehind, width]);
    return tf.concat([resizePositionEmbedding(places, grids), rest]);
  });
}
