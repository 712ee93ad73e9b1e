/**
 * Patch merging between the stages of a hierarchical transformer (Swin, Liu et al. 2021, section
 * 3.1): four neighbours become one token.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { ones, xavierUniform, zeros } from "./initializers.ts";
import { normalize } from "./layer_norm.ts";
import { product } from "./linear.ts";
import type { Scope } from "./scope.ts";

/**
 * In which order the parameters hold the 4C values of four neighbours: `official` (Swin, MixMIM,
 * timm) by column, row, channel; `mmcv` (mmpretrain, openmixup) by channel, row, column.
 */
export type MergingOrder = "official" | "mmcv";

/** Options of {@linkcode patchMerging}. */
export interface PatchMergingOptions {
  /** Default: official. */
  order?: MergingOrder;
  /** Of the layer norm. Default: 1e-5. */
  epsilon?: number;
}

/** A parameter whose first axis is the 4C values, in the official order. */
function inOfficialOrder(parameter: Tensor, order: MergingOrder): Tensor {
  if (order === "official") return parameter;
  const [values, outputs] = [parameter.shape[0]!, parameter.shape[1] ?? 1];
  return parameter
    .reshape([values / 4, 2, 2, outputs]) // (C, row, column, outputs)
    .transpose([2, 1, 0, 3])
    .reshape(parameter.shape);
}

/**
 * Norm and linear reduction of 2×2 neighbours: `(B, H, W, C)` → `(B, H / 2, W / 2, 2C)`.
 *
 * @param scope holds `norm` `[4C]` and `reduction.weight` `[4C, 2C]`.
 * @throws {Error} when a side of the map is odd.
 *
 * @example
 * ```ts
 * import { patchMerging } from "./patch_merging.ts";
 * import { describeParameters } from "./scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   patchMerging(scope, input({ shape: [1, 14, 14, 8] }))
 * );
 * console.log(specifications.get("reduction.weight")!.shape); // [ 32, 16 ]
 * ```
 */
export function patchMerging(
  scope: Scope,
  map: Tensor,
  { order = "official", epsilon = 1e-5 }: PatchMergingOptions = {},
): Tensor {
  const [batch, rows, columns, width] = map.shape as [number, number, number, number];
  if (rows % 2 !== 0 || columns % 2 !== 0) {
    throw new Error(
      `A map of ${rows}×${columns} cannot be merged in fours: both sides must be even`,
    );
  }
  const merged = 4 * width;
  const norm = scope.at("norm");
  const weight = norm.parameter("weight", [merged], { initial: ones });
  const bias = norm.parameter("bias", [merged], { initial: zeros });
  const reduction = scope.at("reduction").parameter("weight", [merged, 2 * width], {
    initial: xavierUniform,
    layout: "linear",
  });
  // Channels stay together on their way; mmcv's order is had by moving the far fewer parameters.
  const neighbours = map
    .reshape([batch, rows / 2, 2, columns / 2, 2, width])
    .transpose([0, 1, 3, 4, 2, 5]) // (B, H / 2, W / 2, column, row, C)
    .reshape([batch, rows / 2, columns / 2, merged]);
  const normalized = normalize(
    neighbours,
    inOfficialOrder(weight, order),
    inOfficialOrder(bias, order),
    epsilon,
  );
  return product(normalized, inOfficialOrder(reduction, order));
}
