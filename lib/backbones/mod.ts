/**
 * Backbones: ViT, CLIP, ResNet, ConvNeXt, Swin, and the MixMIM transformer.
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
export { type Between } from "./between.ts";
export {
  type BackboneMap,
  featureMap,
  type MapBackbone,
  strideAtLayer,
  strideOf,
  widthOf,
} from "./feature_map.ts";
export {
  resnet,
  type ResnetConfiguration,
  type ResnetOptions,
  type ResnetOutput,
  resnetStem,
  resnetStride,
  type ResnetVariant,
  resnetVariant,
} from "./resnet.ts";
export {
  swin,
  type SwinConfiguration,
  type SwinOptions,
  type SwinOutput,
  swinStride,
  type SwinVariant,
  swinVariant,
} from "./swin.ts";
export {
  convNext,
  type ConvNextConfiguration,
  type ConvNextOptions,
  type ConvNextOutput,
  convNextStride,
  type ConvNextVariant,
  convNextVariant,
} from "./convnext.ts";
export {
  mixmimTransformer,
  type MixmimTransformerOutput,
  mixPairs,
  partnersOf,
} from "./mixmim.ts";
export {
  mixmimStage,
  type MixmimStageConfiguration,
  sourceMask,
} from "./mixmim_stage.ts";
export {
  mixmimCells,
  mixmimSides,
  mixmimStride,
  type MixmimTransformerConfiguration,
  type MixmimVariant,
  mixmimVariant,
  mixmimWindows,
  requireMixmim,
} from "./mixmim_variants.ts";
export {
  patchCount,
  patchMap,
  simmimVitVariant,
  vit,
  type VitConfiguration,
  type VitOptions,
  type VitOutput,
  type VitVariant,
  vitVariant,
} from "./vit.ts";
