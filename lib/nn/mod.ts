/**
 * Layers as functions on named parameters.
 *
 * @module
 */
export {
  attend,
  type Attended,
  type AttendOptions,
  mergeHeads,
  type QkvBias,
  requireHeads,
  selfAttention,
  type SelfAttentionOptions,
  splitHeads,
} from "./attention.ts";
export { batchNorm, type BatchNormOptions } from "./batch_norm.ts";
export {
  convolution,
  type ConvolutionOptions,
  type FeatureMap,
  kaimingNormal,
} from "./convolution.ts";
export {
  depthwiseConvolution,
  type DepthwiseConvolutionOptions,
} from "./depthwise_convolution.ts";
export { dropPath } from "./drop_path.ts";
export { dropout } from "./dropout.ts";
export { withInitialValues } from "./initial_values.ts";
export {
  constant,
  type Initializer,
  normal,
  ones,
  table,
  truncatedNormal,
  uniformByInputs,
  xavierUniform,
  zeros,
} from "./initializers.ts";
export { layerNorm, normalize } from "./layer_norm.ts";
export { normalizeImages } from "./normalize_images.ts";
export { linear, type LinearOptions, product } from "./linear.ts";
export { type MapSize, maskMap } from "./mask_map.ts";
export { activate, type Activation, mlp, type MlpOptions } from "./mlp.ts";
export {
  patchEmbed,
  type PatchEmbedOptions,
  patchify,
  requireWholePatches,
  unpatchify,
} from "./patch_embed.ts";
export { globalAveragePool, maxPool, type MaxPoolOptions } from "./pooling.ts";
export {
  type MergingOrder,
  patchMerging,
  type PatchMergingOptions,
} from "./patch_merging.ts";
export {
  bicubicMatrix,
  type Grid,
  type ResizeOptions,
  resizePositionEmbedding,
  type SineCosineConvention,
  type SineCosineOptions,
  sineCosinePositions,
} from "./position_embedding.ts";
export {
  relativePositionBiasWithClass,
  relativePositionCountWithClass,
  relativePositionIndexWithClass,
  type RelativePositionOptions,
} from "./relative_position.ts";
export { rematerializedBlock } from "./rematerialized_block.ts";
export {
  type BlockWatcher,
  describeParameters,
  initializeParameters,
  type Layout,
  type ParameterOptions,
  type Parameters,
  type ParameterSpecification,
  type RematerializedScope,
  type Scope,
  scope,
  type ScopeOptions,
} from "./scope.ts";
export {
  type ShiftedGrid,
  shiftedWindowAttention,
  type ShiftedWindowAttentionOptions,
  shiftMask,
} from "./shifted_window_attention.ts";
export {
  causalBias,
  lookUp,
  tokenEmbedding,
  type TokenEmbeddingOptions,
} from "./token_embedding.ts";
export { transformerBlock, type TransformerBlockOptions } from "./transformer_block.ts";
export {
  joinWindows,
  partitionWindows,
  relativePositionBias,
  relativePositionIndex,
  requireWholeWindows,
  windowAttention,
  type WindowAttentionOptions,
  type WindowGrid,
} from "./window_attention.ts";
