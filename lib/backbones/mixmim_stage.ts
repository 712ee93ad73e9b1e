/**
 * One stage of the MixMIM transformer (Liu et al. 2022, section 3.2): blocks of window attention in
 * which, on a mixed image, tokens attend only to those of their own source image.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { maskMap } from "../nn/mask_map.ts";
import { dropPath } from "../nn/drop_path.ts";
import { layerNorm } from "../nn/layer_norm.ts";
import { hiddenWidth, mlp } from "../nn/mlp.ts";
import { type MergingOrder, patchMerging } from "../nn/patch_merging.ts";
import { rematerializedBlock } from "../nn/rematerialized_block.ts";
import type { Scope } from "../nn/scope.ts";
import { partitionWindows, windowAttention } from "../nn/window_attention.ts";

/** Subtracted from the logits of pairs from different images (the authors' float32 value). */
const forbidden = 1e30;

/** The shape of a stage. */
export interface MixmimStageConfiguration {
  heads: number;
  /** Tokens of a window's side. */
  window: number;
  /** Hidden width of the MLPs over the width. */
  mlpRatio: number;
  qkvBias: boolean;
  /** Of the layer norms. */
  epsilon: number;
  /** Of each block; as many as there are blocks. */
  dropPathRates: number[];
  /** How the patch merging at the end orders its parameters; without it there is none. */
  merging?: MergingOrder;
}

/**
 * What keeps tokens of different images apart: 0 for pairs of tokens of one image, −10³⁰ for
 * others, `(windows, N, N)`. For mask values in {0, 1}, (mᵢ − mⱼ)² = 1 − [mᵢmⱼ + (1 − mᵢ)(1 − mⱼ)].
 *
 * @param mask which image each cell comes from, `(1, cells)`, on a grid no finer than the map.
 */
export function sourceMask(
  mask: Tensor,
  { rows, columns, window }: { rows: number; columns: number; window: number },
): Tensor {
  const tokens = window * window;
  const sources = partitionWindows(maskMap(mask, { rows, columns }), window) // (1, N, windows, 1)
    .reshape([tokens, -1])
    .transpose(); // (windows, N)
  return sources.expandDims(2).sub(sources.expandDims(1)).square().mul(-forbidden);
}

/** x + attention(norm(x)), then x + mlp(norm(x)): `(B, H, W, C)` → `(B, H, W, C)`. */
function block(
  scope: Scope,
  map: Tensor,
  configuration: MixmimStageConfiguration,
  dropPathRate: number,
  mask: Tensor | undefined,
): Tensor {
  const { heads, window, mlpRatio, qkvBias, epsilon } = configuration;
  const { output } = windowAttention(
    scope.at("attn"),
    layerNorm(scope.at("norm1"), map, epsilon),
    { heads, window, qkvBias, ...(mask === undefined ? {} : { mask }) },
  );
  const attended = map.add(dropPath(scope.at("drop_path1"), output, dropPathRate));
  const hidden = hiddenWidth(map.shape.at(-1)!, mlpRatio);
  const branch = mlp(scope.at("mlp"), layerNorm(scope.at("norm2"), attended, epsilon), {
    hidden,
  });
  return attended.add(dropPath(scope.at("drop_path2"), branch, dropPathRate));
}

/**
 * All blocks of a stage, and the patch merging at its end: `(B, H, W, C)` → `(B, H / 2, W / 2, 2C)`,
 * or the same shape without merging.
 *
 * @param scope holds `blocks.i` and `downsample`.
 * @param mask which image each cell of the mixed ones comes from, `(1, cells)`.
 *
 * @example
 * ```ts
 * import { mixmimStage } from "./mixmim_stage.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * describeParameters((scope, input) => {
 *   const map = mixmimStage(scope.at("layers.0"), input({ shape: [2, 14, 14, 8] }), {
 *     ...{ heads: 2, window: 7, mlpRatio: 4, qkvBias: true, epsilon: 1e-5 },
 *     ...{ dropPathRates: [0, 0], merging: "official" },
 *   });
 *   console.log(map.shape); // [ 2, 7, 7, 16 ]
 * });
 * ```
 */
export function mixmimStage(
  scope: Scope,
  map: Tensor,
  configuration: MixmimStageConfiguration,
  mask?: Tensor,
): Tensor {
  const { window, dropPathRates, merging, epsilon } = configuration;
  const [, rows, columns] = map.shape as [number, number, number, number];
  const apart = mask && sourceMask(mask, { rows, columns, window });
  dropPathRates.forEach((rate, index) => {
    const own = scope.at("blocks").at(index);
    map = rematerializedBlock(
      own,
      map,
      (scope, map, apart) => block(scope, map, configuration, rate, apart),
      apart === undefined ? [] : [apart],
    );
  });
  if (merging === undefined) return map;
  return patchMerging(scope.at("downsample"), map, { order: merging, epsilon });
}
