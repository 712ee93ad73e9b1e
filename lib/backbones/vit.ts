/**
 * The Vision Transformer (Dosovitskiy et al. 2021) as MAE and MILAN use it, and with the options that
 * SimMIM's and A2MIM's has in openmixup, under timm's parameter names: `cls_token`, `pos_embed`,
 * `patch_embed.proj`, `blocks.i`.
 *
 * @module
 */
import { gatherTokens, type Tensor, tf } from "../engine/mod.ts";
import { normal, table, truncatedNormal } from "../nn/initializers.ts";
import { layerNorm } from "../nn/layer_norm.ts";
import { hiddenWidth } from "../nn/mlp.ts";
import { patchEmbed } from "../nn/patch_embed.ts";
import {
  type Grid,
  resizePositionEmbedding,
  sineCosinePositions,
} from "../nn/position_embedding.ts";
import { rematerializedBlock } from "../nn/rematerialized_block.ts";
import type { Scope } from "../nn/scope.ts";
import {
  transformerBlock,
  type TransformerBlockOptions,
} from "../nn/transformer_block.ts";
import type { Between } from "./between.ts";
import { requireVitInputs, type VitConfiguration } from "./vit_configuration.ts";

export {
  patchCount,
  simmimVitVariant,
  type VitConfiguration,
  type VitVariant,
  vitVariant,
} from "./vit_configuration.ts";

/** A ViT's shape, and a look at what is inside. */
export interface VitOptions extends VitConfiguration {
  /**
   * Layer 0: the patch embeddings, before class token and position embedding. Layer k > 0: the
   * patches before block k - 1, so that 1 is before the first block.
   */
  between?: Between;
}

/** What a ViT gives, by name. */
export interface VitOutput {
  /** After the last block, before any norm: class token, then patches, `(B, 1 + K, D)`. */
  tokens: Tensor;
  /** The tokens after the final norm; without one, as they are. */
  latent: Tensor;
  /** After each block, `(B, 1 + K, D)`. */
  blocks: Tensor[];
  /** Of the last block, `(B, heads, 1 + K, 1 + K)`. */
  attention: Tensor;
}

/**
 * The patches of tokens `(B, 1 + N, D)` as a map `(B, rows, columns, D)`; the class token is left out.
 *
 * @example
 * ```ts
 * import { patchMap } from "./vit.ts";
 * import { tf } from "../engine/mod.ts";
 * console.log(patchMap(tf.zeros([2, 197, 8]), [14, 14]).shape); // [ 2, 14, 14, 8 ]
 * ```
 */
export function patchMap(tokens: Tensor, [rows, columns]: Grid): Tensor {
  const [batch, , width] = tokens.shape as [number, number, number];
  return tokens.slice([0, 1]).reshape([batch, rows, columns, width]);
}

/** The position embeddings `[1, 1 + N, D]`, resized if the images are of another size. */
function positions(scope: Scope, newGrid: Grid, configuration: VitConfiguration): Tensor {
  const { imageSize, patchSize, width } = configuration;
  const grid = imageSize / patchSize;
  const fixed = configuration.positions === "fixed";
  const embedding = scope.parameter("pos_embed", [1, 1 + grid * grid, width], {
    initial: fixed
      ? table(() => sineCosinePositions({ width, grid, classToken: true }))
      : truncatedNormal(0.02),
    trainable: !fixed,
  });
  if (newGrid[0] === grid && newGrid[1] === grid) return embedding;
  return resizePositionEmbedding(embedding, { grid: [grid, grid], newGrid });
}

/** The patches `(B, N, D)` as `between` leaves them. */
function changedPatches(
  patches: Tensor,
  [rows, columns]: Grid,
  layer: number,
  between: Between,
): Tensor {
  const [batch, length, width] = patches.shape as [number, number, number];
  const map = patches.reshape([batch, rows, columns, width]);
  const changed = between(map, layer);
  return changed === map ? patches : changed.reshape([batch, length, width]);
}

/** The tokens `(B, 1 + N, D)` with the patches as `between` leaves them. */
function changedTokens(
  tokens: Tensor,
  grid: Grid,
  layer: number,
  between: Between | undefined,
): Tensor {
  if (between === undefined) return tokens;
  const patches = tokens.slice([0, 1]);
  const changed = changedPatches(patches, grid, layer, between);
  return changed === patches
    ? tokens
    : tf.concat([tokens.slice([0, 0], [-1, 1]), changed], 1);
}

function blockOptions(
  configuration: VitConfiguration,
  grid: Grid,
  index: number,
): TransformerBlockOptions {
  const { width, depth, heads, mlpRatio = 4, epsilon, qkvBias, layerScale } =
    configuration;
  const { dropPathRate = 0, relativePositions } = configuration;
  return {
    heads,
    hidden: hiddenWidth(width, mlpRatio),
    dropPathRate: depth > 1 ? dropPathRate * index / (depth - 1) : 0,
    ...(epsilon === undefined ? {} : { epsilon }),
    ...(qkvBias === undefined ? {} : { qkvBias }),
    ...(layerScale === undefined ? {} : { layerScale }),
    ...(relativePositions ? { relativePositions: grid } : {}),
  };
}

/**
 * Images to tokens.
 *
 * @param images `(B, H, W, C)`, normalised.
 * @param visible the patches that the encoder sees, in that order, `(B, K)` int32. Default: all.
 * @throws {Error} before anything is computed, when sizes do not go together: images and patches,
 *   width and heads, patches and `visible`.
 *
 * @example
 * ```ts
 * import { vit, vitVariant } from "./vit.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const configuration = vitVariant("B/16", 224);
 * const specifications = describeParameters((scope, input) =>
 *   vit(scope, input({ shape: [1, 224, 224, 3] }), configuration)
 * );
 * console.log(specifications.get("blocks.11.attn.qkv.weight")!.shape); // [ 768, 2304 ]
 * ```
 */
export function vit(
  scope: Scope,
  images: Tensor,
  options: VitOptions,
  visible?: Tensor,
): VitOutput {
  const { patchSize, width, depth, between } = options;
  const grid = requireVitInputs(images, options, visible, between !== undefined);
  const position = positions(scope, grid, options);
  let patches = patchEmbed(scope.at("patch_embed.proj"), images, { patchSize, width });
  if (between !== undefined) patches = changedPatches(patches, grid, 0, between);
  patches = patches.add(position.slice([0, 1], [1, -1])); // (B, N, D)
  if (visible !== undefined) patches = gatherTokens(patches, visible); // (B, K, D)

  const classToken = scope.parameter("cls_token", [1, 1, width], {
    initial: normal(0.02),
  })
    .add(position.slice([0, 0], [1, 1]))
    .tile([images.shape[0]!, 1, 1]);
  let tokens: Tensor = tf.concat([classToken, patches], 1);
  const blocks: Tensor[] = [];
  let attention: Tensor | undefined;
  for (let index = 0; index < depth; index++) {
    tokens = changedTokens(tokens, grid, index + 1, between);
    const own = scope.at("blocks").at(index);
    const shape = blockOptions(options, grid, index);
    if (index < depth - 1) {
      tokens = rematerializedBlock(own, tokens, (scope, tokens) => {
        return transformerBlock(scope, tokens, shape).tokens;
      });
    } else {
      // Its attention is asked for, and its gradient comes first: nothing is won by forgetting it.
      ({ tokens, attention } = transformerBlock(own, tokens, shape));
    }
    blocks.push(tokens);
  }
  const latent = options.finalNorm
    ? layerNorm(scope.at("norm"), tokens, options.epsilon)
    : tokens;
  return { tokens, latent, blocks, attention: attention! };
}
