/**
 * BEiT's relative position bias (Bao et al. 2022, from Swin's): a learned number per head and offset
 * between two patches, added to the attention's logits. Three more numbers per head are for the class
 * token, which has no place: class to patch, patch to class, class to itself.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { zeros } from "./initializers.ts";
import type { Grid } from "./position_embedding.ts";
import type { Scope } from "./scope.ts";
import { lookUp } from "./token_embedding.ts";

/** Numbers per head: every offset of two patches of the grid, and three for the class token. */
export function relativePositionCountWithClass([rows, columns]: Grid): number {
  return (2 * rows - 1) * (2 * columns - 1) + 3;
}

const known = new Map<string, Int32Array>();

/**
 * Which number of the table is for which pair of tokens: `(1 + N) · (1 + N)` values, row by row, with
 * the query's token in the row and the class token first (BEiT, `Attention`).
 *
 * @example
 * ```ts
 * import { relativePositionIndexWithClass } from "./relative_position.ts";
 * console.log(relativePositionIndexWithClass([1, 2])); // Int32Array [ 5, 3, 3, 4, 1, 0, 4, 2, 1 ]
 * ```
 */
export function relativePositionIndexWithClass(grid: Grid): Int32Array {
  const found = known.get(grid.join());
  if (found !== undefined) return found;
  const [rows, columns] = grid;
  const patches = rows * columns;
  const [classToPatch, patchToClass, classToClass] = [3, 2, 1].map((fromEnd) =>
    relativePositionCountWithClass(grid) - fromEnd
  ) as [number, number, number];
  const width = 2 * columns - 1;
  const rowOf = (patch: number): number => Math.floor(patch / columns);
  const index = new Int32Array((1 + patches) ** 2).fill(classToPatch, 0, 1 + patches);
  index[0] = classToClass;
  for (let query = 0; query < patches; query++) {
    const start = (1 + query) * (1 + patches);
    index[start] = patchToClass;
    for (let key = 0; key < patches; key++) {
      const down = rowOf(query) - rowOf(key) + rows - 1;
      const right = query % columns - key % columns + columns - 1;
      index[start + 1 + key] = down * width + right;
    }
  }
  known.set(grid.join(), index);
  return index;
}

/** Options of {@linkcode relativePositionBiasWithClass}. */
export interface RelativePositionOptions {
  /** Rows and columns of patches. */
  grid: Grid;
  heads: number;
}

/**
 * What to add to the attention's logits: `(heads, 1 + N, 1 + N)`.
 *
 * @param scope holds `relative_position_bias_table` `[(2·rows - 1)(2·columns - 1) + 3, heads]`.
 *
 * @example
 * ```ts
 * import { relativePositionBiasWithClass } from "./relative_position.ts";
 * import { describeParameters } from "./scope.ts";
 * const specifications = describeParameters((scope) =>
 *   relativePositionBiasWithClass(scope, { grid: [14, 14], heads: 12 })
 * );
 * console.log(specifications.get("relative_position_bias_table")!.shape); // [ 732, 12 ]
 * ```
 */
export function relativePositionBiasWithClass(
  scope: Scope,
  { grid, heads }: RelativePositionOptions,
): Tensor {
  const table = scope.parameter(
    "relative_position_bias_table",
    [relativePositionCountWithClass(grid), heads],
    { initial: zeros },
  );
  const length = 1 + grid[0] * grid[1];
  const ids = tf.tensor1d(relativePositionIndexWithClass(grid), "int32");
  return lookUp(table, ids).transpose().reshape([heads, length, length]);
}
