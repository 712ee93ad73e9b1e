/**
 * Backbones: ViT and CLIP.
 *
 * @module
 */
export {
  clip,
  type ClipInputs,
  clipLogits,
  type ClipOutput,
  describeClip,
  maximumLogitScale,
} from "./clip.ts";
export {
  type InitialValues,
  textInitialValues,
  uniformByInputs,
  visionInitialValues,
} from "./clip_initial_values.ts";
export {
  type ClipShapeOptions,
  type ClipShapes,
  type ClipTowers,
  clipTowersOf,
} from "./clip_shapes.ts";
export {
  clipText,
  type ClipTextConfiguration,
  type ClipTextOutput,
} from "./clip_text.ts";
export {
  clipEpsilon,
  clipMlpRatio,
  clipTransformer,
  type ClipTransformerConfiguration,
  type ClipTransformerOutput,
} from "./clip_transformer.ts";
export {
  type ClipConfiguration,
  clipHeadWidth,
  type ClipVariant,
  clipVariant,
  tinyClip,
  type TinyClipOptions,
} from "./clip_variants.ts";
export {
  clipVision,
  type ClipVisionConfiguration,
  type ClipVisionOutput,
} from "./clip_vision.ts";
export {
  patchCount,
  vit,
  type VitConfiguration,
  type VitOutput,
  type VitVariant,
  vitVariant,
} from "./vit.ts";
