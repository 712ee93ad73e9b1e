/**
 * Small models of every family, in every form of file. Widths, depths, heads and sides differ from one
 * another wherever they can, so that no two are taken for each other.
 *
 * @module
 */
import { allForms, type ProofCase } from "./case.ts";
import {
  classifierForward,
  clipForward,
  clipVisionForward,
  maeForward,
} from "./kit_models.ts";

const classes = 10;
const batch = 2;
const shared = { size: "small", batch, files: allForms } as const;

const vit = { imageSize: 32, patchSize: 8, width: 64, depth: 3, heads: 4 } as const;
const vitForTransformers = {
  image_size: vit.imageSize,
  patch_size: vit.patchSize,
  hidden_size: vit.width,
  num_hidden_layers: vit.depth,
  num_attention_heads: vit.heads,
  intermediate_size: 4 * vit.width,
};
const decoder = { width: 32, depth: 2, heads: 8 } as const;

const clip = {
  vision: {
    imageSize: 32,
    patchSize: 8,
    width: 128,
    layers: 3,
    heads: 2,
    embedWidth: 48,
  },
  text: {
    vocabularySize: 50,
    contextLength: 12,
    width: 64,
    layers: 2,
    heads: 1,
    embedWidth: 48,
  },
} as const;

const resnetDepths = [1, 2, 3, 1];
const resnet = {
  own: "openmixup",
  imageSize: 64,
  forward: classifierForward({ kind: "resnet", depths: resnetDepths }, classes),
} as const;
const basicResnet = {
  own: "openmixup",
  imageSize: 64,
  forward: classifierForward(
    { kind: "resnet", depths: resnetDepths, block: "basic" },
    classes,
  ),
} as const;

const convNextDepths = [1, 2, 3, 1];
const convNextWidths = [16, 24, 40, 56];
const convNext = {
  own: "openmixup",
  imageSize: 96,
  forward: classifierForward(
    { kind: "convnext", depths: convNextDepths, widths: convNextWidths },
    classes,
  ),
} as const;

const swinShape = { depths: [2, 2, 4, 2], heads: [1, 2, 4, 8] };
const swin = {
  own: "openmixup",
  imageSize: 96,
  forward: classifierForward(
    { kind: "swin", ...swinShape, width: 24, window: 3 },
    classes,
  ),
} as const;

/** The libraries' own names for the sizes. */
export const smallCases: readonly ProofCase[] = [
  {
    ...shared,
    own: "official",
    name: "small ViT, transformers",
    library: "transformers",
    model: "ViTForImageClassification",
    configuration: { ...vitForTransformers, num_labels: classes },
    imageSize: vit.imageSize,
    forward: classifierForward({ kind: "vit", ...vit, epsilon: 1e-12 }, classes),
    twin: "small ViT, timm",
  },
  {
    ...shared,
    own: "official",
    name: "small ViT, timm",
    library: "timm",
    model: "vit_base_patch16_224",
    configuration: {
      img_size: vit.imageSize,
      patch_size: vit.patchSize,
      embed_dim: vit.width,
      depth: vit.depth,
      num_heads: vit.heads,
      num_classes: classes,
    },
    imageSize: vit.imageSize,
    forward: classifierForward({ kind: "vit", ...vit }, classes),
    twin: "small ViT, transformers",
  },
  {
    ...shared,
    own: "official",
    name: "small MAE, transformers",
    library: "transformers",
    model: "ViTMAEForPreTraining",
    isSavedOtherwise: true, // its decoder's layers, since transformers 5
    configuration: {
      ...vitForTransformers,
      decoder_hidden_size: decoder.width,
      decoder_num_hidden_layers: decoder.depth,
      decoder_num_attention_heads: decoder.heads,
      decoder_intermediate_size: 4 * decoder.width,
    },
    imageSize: vit.imageSize,
    forward: maeForward({
      backbone: { ...vit, epsilon: 1e-12 },
      decoder: { ...decoder, epsilon: 1e-12 },
    }),
  },
  {
    ...shared,
    own: "openai",
    name: "small CLIP, transformers",
    library: "transformers",
    model: "CLIPModel",
    configuration: {
      projection_dim: clip.text.embedWidth,
      text_config: {
        vocab_size: clip.text.vocabularySize,
        max_position_embeddings: clip.text.contextLength,
        hidden_size: clip.text.width,
        num_hidden_layers: clip.text.layers,
        num_attention_heads: clip.text.heads,
        intermediate_size: 4 * clip.text.width,
        eos_token_id: clip.text.vocabularySize - 1,
      },
      vision_config: {
        image_size: clip.vision.imageSize,
        patch_size: clip.vision.patchSize,
        hidden_size: clip.vision.width,
        num_hidden_layers: clip.vision.layers,
        num_attention_heads: clip.vision.heads,
        intermediate_size: 4 * clip.vision.width,
      },
    },
    imageSize: clip.vision.imageSize,
    forward: clipForward(clip),
  },
  {
    ...shared,
    own: "openai",
    name: "small CLIP's image tower, timm",
    library: "timm",
    model: "vit_base_patch16_clip_quickgelu_224",
    configuration: {
      img_size: clip.vision.imageSize,
      patch_size: clip.vision.patchSize,
      embed_dim: clip.vision.width,
      depth: clip.vision.layers,
      num_heads: clip.vision.heads,
      num_classes: clip.vision.embedWidth,
    },
    zero: ["head.bias"],
    imageSize: clip.vision.imageSize,
    forward: clipVisionForward(clip.vision),
  },
  {
    ...shared,
    ...resnet,
    name: "small ResNet, transformers",
    library: "transformers",
    model: "ResNetForImageClassification",
    configuration: { depths: resnetDepths, num_labels: classes },
    twin: "small ResNet, timm",
  },
  {
    ...shared,
    ...resnet,
    name: "small ResNet, timm",
    library: "timm",
    model: "resnet50",
    configuration: { layers: resnetDepths, num_classes: classes },
    twin: "small ResNet, transformers",
  },
  {
    ...shared,
    ...basicResnet,
    name: "small ResNet of basic blocks, transformers",
    library: "transformers",
    model: "ResNetForImageClassification",
    configuration: {
      depths: resnetDepths,
      hidden_sizes: [64, 128, 256, 512],
      layer_type: "basic",
      num_labels: classes,
    },
    twin: "small ResNet of basic blocks, timm",
  },
  {
    ...shared,
    ...basicResnet,
    name: "small ResNet of basic blocks, timm",
    library: "timm",
    model: "resnet18",
    configuration: { layers: resnetDepths, num_classes: classes },
    twin: "small ResNet of basic blocks, transformers",
  },
  {
    ...shared,
    ...convNext,
    name: "small ConvNeXt, transformers",
    library: "transformers",
    model: "ConvNextForImageClassification",
    configuration: {
      depths: convNextDepths,
      hidden_sizes: convNextWidths,
      num_labels: classes,
    },
    twin: "small ConvNeXt, timm",
  },
  {
    ...shared,
    ...convNext,
    name: "small ConvNeXt, timm",
    library: "timm",
    model: "convnext_tiny",
    configuration: { depths: convNextDepths, dims: convNextWidths, num_classes: classes },
    twin: "small ConvNeXt, transformers",
  },
  {
    ...shared,
    ...swin,
    name: "small Swin, transformers",
    library: "transformers",
    model: "SwinForImageClassification",
    configuration: {
      depths: swinShape.depths,
      num_heads: swinShape.heads,
      embed_dim: 24,
      window_size: 3,
      image_size: swin.imageSize,
      num_labels: classes,
    },
    twin: "small Swin, timm",
  },
  {
    ...shared,
    ...swin,
    name: "small Swin, timm",
    library: "timm",
    model: "swin_tiny_patch4_window7_224",
    configuration: {
      img_size: swin.imageSize,
      depths: swinShape.depths,
      num_heads: swinShape.heads,
      embed_dim: 24,
      window_size: 3,
      num_classes: classes,
    },
    twin: "small Swin, transformers",
  },
];
