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
import {
  relativePositionCountWithClass,
  relativePositionIndexWithClass,
} from "./window_tables.ts";

export { relativePositionCountWithClass, relativePositionIndexWithClass };

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
