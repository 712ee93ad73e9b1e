/**
 * The image tower of CLIP (Radford et al. 2021), a ViT with a norm before the first block. MILAN
 * (Hou et al. 2022) takes its tokens as reconstruction targets and its attention as importance.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { withInitialValues } from "../nn/initial_values.ts";
import { normal, uniformByInputs } from "../nn/initializers.ts";
import { layerNorm } from "../nn/layer_norm.ts";
import { product } from "../nn/linear.ts";
import { patchEmbed, requireWholePatches } from "../nn/patch_embed.ts";
import { resizePositionEmbedding } from "../nn/position_embedding.ts";
import type { Scope } from "../nn/scope.ts";
import { visionInitialValues } from "./clip_initial_values.ts";
import {
  clipEpsilon,
  clipTransformer,
  type ClipTransformerConfiguration,
} from "./clip_transformer.ts";

/** The shape of an image tower. */
export interface ClipVisionConfiguration extends ClipTransformerConfiguration {
  /** Pixels of a side of the square images that the position embeddings are for. */
  imageSize: number;
  patchSize: number;
  /** E, the width that both towers are projected to. */
  embedWidth: number;
}

/** What the image tower gives, by name; N patches and the class token before them. */
export interface ClipVisionOutput {
  /** Every token normed and projected, `(B, 1 + N, E)`: MILAN's target, not L2-normalised. */
  target: Tensor;
  /** Of the last block, averaged over the heads, `(B, 1 + N, 1 + N)`. */
  attention: Tensor;
  /** What the class token looks at: `attention[:, 0, 1:]`, `(B, N)`; a row sums to less than 1. */
  importance: Tensor;
  /** Before the last norm, `(B, 1 + N, D)`. */
  lastHiddenState: Tensor;
  /** The class token of `target`, `(B, E)`. */
  imageEmbeds: Tensor;
  /** After each block, `(B, 1 + N, D)`. */
  blocks: Tensor[];
}

function positions(
  scope: Scope,
  images: Tensor,
  configuration: ClipVisionConfiguration,
): Tensor {
  const { imageSize, patchSize, width } = configuration;
  const side = imageSize / patchSize;
  const embedding = scope.parameter("positional_embedding", [1 + side * side, width], {
    initial: normal(width ** -0.5),
  });
  const newGrid = [images.shape[1]! / patchSize, images.shape[2]! / patchSize] as const;
  return resizePositionEmbedding(embedding, { grid: [side, side], newGrid });
}

/**
 * Images to embeddings.
 *
 * @param scope the one that holds OpenAI's `visual.*`: `scope(parameters).at("visual")`.
 * @param images `(B, H, W, C)`, normalised; for another size than the configuration's the
 *   position embeddings are resized.
 * @param depth runs only the first blocks; all outputs are then made of the last of them.
 *   Default: all.
 * @throws {Error} when the images cannot be cut into whole patches, or the depth is not there.
 *
 * @example
 * ```ts
 * import { clipVision } from "./clip_vision.ts";
 * import { clipVariant } from "./clip_variants.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const { vision } = clipVariant("B/16");
 * describeParameters((scope, input) => {
 *   const images = input({ shape: [2, 224, 224, 3] });
 *   console.log(clipVision(scope.at("visual"), images, vision).target.shape); // [ 2, 197, 512 ]
 * });
 * ```
 */
export function clipVision(
  scope: Scope,
  images: Tensor,
  configuration: ClipVisionConfiguration,
  depth: number = configuration.layers,
): ClipVisionOutput {
  const { patchSize, width, embedWidth, layers } = configuration;
  const [batch, height, imageWidth, channels] = images.shape as [
    number,
    number,
    number,
    number,
  ];
  requireWholePatches(height, imageWidth, patchSize);
  if (!Number.isInteger(depth) || depth < 1 || depth > layers) {
    throw new Error(`This CLIP has ${layers} image blocks: the depth cannot be ${depth}`);
  }
  const starting = withInitialValues(
    scope.at("conv1"),
    () => uniformByInputs(patchSize ** 2 * channels),
  );
  const patches = patchEmbed(starting, images, { patchSize, width, bias: false }); // (B, N, D)
  const classToken = scope
    .parameter("class_embedding", [width], { initial: normal(width ** -0.5) })
    .reshape([1, 1, width])
    .tile([batch, 1, 1]);
  const embedded = tf.concat([classToken, patches], 1)
    .add(positions(scope, images, configuration));
  const transformer = clipTransformer(
    withInitialValues(scope.at("transformer"), visionInitialValues(width)),
    layerNorm(scope.at("ln_pre"), embedded, clipEpsilon),
    { ...configuration, layers: depth },
  );
  const projection = scope.parameter("proj", [width, embedWidth], {
    initial: normal(width ** -0.5),
  });
  const lastHiddenState = transformer.tokens;
  const target = product(
    layerNorm(scope.at("ln_post"), lastHiddenState, clipEpsilon),
    projection,
  );
  const attention = transformer.attention.mean(1); // (B, 1 + N, 1 + N)
  const patchCount = attention.shape[1]! - 1;
  return {
    target,
    attention,
    importance: attention.slice([0, 0, 1], [-1, 1, patchCount]).reshape([
      batch,
      patchCount,
    ]),
    lastHiddenState,
    imageEmbeds: target.slice([0, 0], [-1, 1]).reshape([batch, embedWidth]),
    blocks: transformer.blocks,
  };
}
