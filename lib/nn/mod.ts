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
  selfAttention,
  type SelfAttentionOptions,
  splitHeads,
} from "./attention.ts";
export { dropPath } from "./drop_path.ts";
export { withInitialValues } from "./initial_values.ts";
export {
  constant,
  type Initializer,
  normal,
  ones,
  table,
  truncatedNormal,
  xavierUniform,
  zeros,
} from "./initializers.ts";
export { layerNorm, normalize } from "./layer_norm.ts";
export { linear, type LinearOptions, product } from "./linear.ts";
export { activate, type Activation, mlp, type MlpOptions } from "./mlp.ts";
export {
  patchEmbed,
  type PatchEmbedOptions,
  patchify,
  requireWholePatches,
  unpatchify,
} from "./patch_embed.ts";
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
  describeParameters,
  initializeParameters,
  type Layout,
  type ParameterOptions,
  type Parameters,
  type ParameterSpecification,
  type Scope,
  scope,
} from "./scope.ts";
export {
  causalBias,
  lookUp,
  tokenEmbedding,
  type TokenEmbeddingOptions,
} from "./token_embedding.ts";
export { transformerBlock, type TransformerBlockOptions } from "./transformer_block.ts";
