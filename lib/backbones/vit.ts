/**
 * The Vision Transformer (Dosovitskiy et al. 2021) as MAE and MILAN use it, under timm's parameter
 * names: `cls_token`, `pos_embed`, `patch_embed.proj`, `blocks.i`.
 *
 * @module
 */
import { gatherTokens, type Tensor, tf } from "../engine/mod.ts";
import { normal, table, truncatedNormal } from "../nn/initializers.ts";
import { hiddenWidth } from "../nn/mlp.ts";
import { patchEmbed, requireWholePatches } from "../nn/patch_embed.ts";
import {
  resizePositionEmbedding,
  sineCosinePositions,
} from "../nn/position_embedding.ts";
import type { Scope } from "../nn/scope.ts";
import {
  transformerBlock,
  type TransformerBlockOptions,
} from "../nn/transformer_block.ts";

/** The shape of a ViT. */
export interface VitConfiguration {
  /** Pixels of a side of the square images that the position embeddings are for. */
  imageSize: number;
  patchSize: number;
  /** Colour channels. Default: 3. */
  channels?: number;
  /** D */
  width: number;
  depth: number;
  heads: number;
  /** Hidden width of the MLPs over D. Default: 4. */
  mlpRatio?: number;
  /** Of the layer norms. Default: 1e-6. */
  epsilon?: number;
  /** Default: true. */
  qkvBias?: boolean;
  /** Initial layer scale; without it there is none. */
  layerScale?: number;
  /** Of the last block; it grows linearly from 0 at the first. Default: 0. */
  dropPathRate?: number;
  /** `fixed`: sine-cosine and not trained, for pretraining. Default: `learned`. */
  positions?: "learned" | "fixed";
}

/** Width, depth and heads by the usual letters; `tiny` is the one for 28-pixel images here. */
const sizes = {
  tiny: { width: 128, depth: 4, heads: 4 },
  S: { width: 384, depth: 12, heads: 6 },
  B: { width: 768, depth: 12, heads: 12 },
  L: { width: 1024, depth: 24, heads: 16 },
  H: { width: 1280, depth: 32, heads: 16 },
} as const;

/** A size and a patch, such as "B/16". */
export type VitVariant = `${keyof typeof sizes}/${number}`;

/**
 * The configuration of a variant.
 *
 * @throws {Error} on an unknown name, with the known ones.
 *
 * @example
 * ```ts
 * import { vitVariant } from "./vit.ts";
 * console.log(vitVariant("B/16", 224).width); // 768
 * ```
 */
export function vitVariant(variant: VitVariant, imageSize: number): VitConfiguration {
  const [size, patch] = variant.split("/");
  const patchSize = Number(patch);
  if (!(size! in sizes) || !Number.isInteger(patchSize) || patchSize < 1) {
    const known = Object.keys(sizes).join(", ");
    throw new Error(
      `Unknown ViT "${variant}": write SIZE/PATCH with a size of ${known}: "B/16"`,
    );
  }
  requireWholePatches(imageSize, imageSize, patchSize);
  return { ...sizes[size as keyof typeof sizes], patchSize, imageSize };
}

/** Number of patches, N. */
export function patchCount({ imageSize, patchSize }: VitConfiguration): number {
  return (imageSize / patchSize) ** 2;
}

/** What a ViT gives, by name. */
export interface VitOutput {
  /** After the last block, before any norm: class token, then patches, `(B, 1 + K, D)`. */
  tokens: Tensor;
  /** After each block, `(B, 1 + K, D)`. */
  blocks: Tensor[];
  /** Of the last block, `(B, heads, 1 + K, 1 + K)`. */
  attention: Tensor;
}

/** The position embeddings `[1, 1 + N, D]`, resized if the images are of another size. */
function positions(
  scope: Scope,
  images: Tensor,
  configuration: VitConfiguration,
): Tensor {
  const { imageSize, patchSize, width } = configuration;
  const grid = imageSize / patchSize;
  const fixed = configuration.positions === "fixed";
  const embedding = scope.parameter("pos_embed", [1, 1 + grid * grid, width], {
    initial: fixed
      ? table(() => sineCosinePositions({ width, grid, classToken: true }))
      : truncatedNormal(0.02),
    trainable: !fixed,
  });
  const rows = images.shape[1]! / patchSize;
  const columns = images.shape[2]! / patchSize;
  if (rows === grid && columns === grid) return embedding;
  return resizePositionEmbedding(embedding, {
    grid: [grid, grid],
    newGrid: [rows, columns],
  });
}

/**
 * Images to tokens.
 *
 * @param images `(B, H, W, C)`, normalised.
 * @param visible the patches that the encoder sees, in that order, `(B, K)` int32. Default: all.
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
  configuration: VitConfiguration,
  visible?: Tensor,
): VitOutput {
  const { patchSize, width, depth, heads, mlpRatio = 4, dropPathRate = 0 } =
    configuration;
  requireWholePatches(images.shape[1]!, images.shape[2]!, patchSize);
  const position = positions(scope, images, configuration);
  const embedded = patchEmbed(scope.at("patch_embed.proj"), images, { patchSize, width });
  let patches = embedded.add(position.slice([0, 1], [1, -1])); // (B, N, D)
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
    const options: TransformerBlockOptions = {
      heads,
      hidden: hiddenWidth(width, mlpRatio),
    };
    if (configuration.epsilon !== undefined) options.epsilon = configuration.epsilon;
    if (configuration.qkvBias !== undefined) options.qkvBias = configuration.qkvBias;
    if (configuration.layerScale !== undefined) {
      options.layerScale = configuration.layerScale;
    }
    options.dropPathRate = depth > 1 ? dropPathRate * index / (depth - 1) : 0;
    const block = transformerBlock(scope.at("blocks").at(index), tokens, options);
    ({ tokens, attention } = block);
    blocks.push(tokens);
  }
  return { tokens, blocks, attention: attention! };
}
