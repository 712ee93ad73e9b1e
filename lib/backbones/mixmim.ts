/**
 * The MixMIM transformer (Liu et al. 2022): four stages of window attention without shifts, which
 * can take batches of images that are mixed in pairs. Parameters have the authors' names.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { maskMap } from "../nn/mask_map.ts";
import { table } from "../nn/initializers.ts";
import { layerNorm } from "../nn/layer_norm.ts";
import { patchEmbed } from "../nn/patch_embed.ts";
import { sineCosinePositions } from "../nn/position_embedding.ts";
import type { Scope } from "../nn/scope.ts";
import { mixmimStage, type MixmimStageConfiguration } from "./mixmim_stage.ts";
import {
  mixmimCells,
  mixmimStride,
  type MixmimTransformerConfiguration,
  mixmimWindows,
  requireMixmim,
} from "./mixmim_variants.ts";

/** What a MixMIM transformer gives, by name; without a mask nothing is mixed. */
export interface MixmimTransformerOutput {
  /** Patch embeddings of the images themselves, `(B, H / 4, W / 4, C)`. */
  embedded: Tensor;
  /** The mixed patch embeddings with their positions: what the first stage sees. */
  mixed: Tensor;
  /** After each stage and the patch merging at its end, `(B, H / 8, W / 8, 2C)` … */
  stages: Tensor[];
  /** The last stage's tokens after the norm, `(B, N, 8C)`, row by row. */
  tokens: Tensor;
  /** Their mean, `(B, 8C)`. */
  feature: Tensor;
}

/** Images, or other values of a batch, in reverse: image i's partner is image B − 1 − i. */
export function partnersOf(batch: Tensor): Tensor {
  return tf.reverse(batch, 0);
}

/** Each image where the mask is 0, its partner where it is 1 (section 3.1, equation 1). */
export function mixPairs(batch: Tensor, mask: Tensor): Tensor {
  return batch.mul(tf.sub(1, mask)).add(partnersOf(batch).mul(mask));
}

function requireImages(
  images: Tensor,
  { imageSize }: MixmimTransformerConfiguration,
): void {
  const [, rows, columns] = images.shape;
  if (images.rank === 4 && rows === imageSize && columns === imageSize) return;
  throw new Error(
    `This MixMIM is made for images of ${imageSize}×${imageSize}, got [${images.shape}]: ` +
      "its windows and positions belong to one size",
  );
}

function requireMixMask(
  mask: Tensor,
  configuration: MixmimTransformerConfiguration,
): void {
  const cells = mixmimCells(configuration);
  if (mask.rank === 2 && mask.shape[0] === 1 && mask.shape[1] === cells) return;
  const stride = mixmimStride(configuration);
  throw new Error(
    `MixMIM takes one mask for the whole batch, [1,${cells}]: a cell for each ${stride}×${stride} ` +
      `pixels, the same for both images of a pair; got [${mask.shape}]. Draw it with mixMask`,
  );
}

function stagesOf(
  configuration: MixmimTransformerConfiguration,
): MixmimStageConfiguration[] {
  const {
    depths,
    heads,
    mlpRatio = 4,
    qkvBias = true,
    epsilon = 1e-5,
    dropPathRate = 0,
  } = configuration;
  const blocks = depths.reduce((sum, depth) => sum + depth, 0);
  const windows = mixmimWindows(configuration);
  const merging = configuration.rewrite === "mmpretrain" ? "mmcv" : "official";
  let before = 0;
  return depths.map((depth, stage) => {
    const dropPathRates = Array.from(
      { length: depth },
      (_, index) => blocks > 1 ? dropPathRate * (before + index) / (blocks - 1) : 0,
    );
    before += depth;
    return {
      ...{ heads: heads[stage]!, window: windows[stage]! },
      ...{ mlpRatio, qkvBias, epsilon, dropPathRates },
      ...(stage < depths.length - 1 ? { merging } : {}),
    };
  });
}

/**
 * Images to tokens.
 *
 * @param images `(B, H, W, C)`, normalised, of the configuration's size.
 * @param mask which cells come from the partner: 1 there, 0 elsewhere, `(1, N)`; from `mixMask`.
 *   Default: nothing is mixed.
 * @throws {Error} when sizes, windows, heads or the mask do not fit, before anything is computed.
 *
 * @example
 * ```ts
 * import { mixmimTransformer } from "./mixmim.ts";
 * import { mixmimVariant } from "./mixmim_variants.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * describeParameters((scope, input) => {
 *   const images = input({ shape: [2, 224, 224, 3] });
 *   const { tokens } = mixmimTransformer(scope, images, mixmimVariant("B", 224), input({ shape: [1, 49] }));
 *   console.log(tokens.shape); // [ 2, 49, 1024 ]
 * });
 * ```
 */
export function mixmimTransformer(
  scope: Scope,
  images: Tensor,
  configuration: MixmimTransformerConfiguration,
  mask?: Tensor,
): MixmimTransformerOutput {
  requireMixmim(configuration);
  requireImages(images, configuration);
  if (mask !== undefined) requireMixMask(mask, configuration);
  const { imageSize, patchSize = 4, width, epsilon = 1e-5 } = configuration;
  const side = imageSize / patchSize;
  const size = { rows: side, columns: side };

  const patches = patchEmbed(scope.at("patch_embed.proj"), images, { patchSize, width });
  const embedded = layerNorm(scope.at("patch_embed.norm"), patches, epsilon)
    .reshape([-1, side, side, width]);
  const positions = scope.parameter("absolute_pos_embed", [1, side * side, width], {
    initial: table(() =>
      sineCosinePositions({
        width,
        grid: side,
        convention: configuration.rewrite ?? "official",
      })
    ),
    trainable: false,
  });
  const mixed = (mask === undefined ? embedded : mixPairs(embedded, maskMap(mask, size)))
    .add(positions.reshape([1, side, side, width]));

  const stages: Tensor[] = [];
  let map: Tensor = mixed;
  stagesOf(configuration).forEach((stage, index) => {
    map = mixmimStage(scope.at("layers").at(index), map, stage, mask);
    stages.push(map);
  });
  const [batch, rows, columns, channels] = map.shape as [number, number, number, number];
  const tokens = layerNorm(
    scope.at("norm"),
    map.reshape([batch, rows * columns, channels]),
    epsilon,
  );
  return { embedded, mixed, stages, tokens, feature: tokens.mean(1) };
}
