/**
 * The pretraining steps that the group `methods` measures: each as this library has it, and how the
 * PyTorch module beside it is to be built.
 *
 * @module
 */
import { convNextVariant } from "../../../lib/backbones/convnext.ts";
import { type MapBackbone, strideAtLayer } from "../../../lib/backbones/feature_map.ts";
import {
  mixmimCells,
  mixmimVariant,
  mixmimWindows,
} from "../../../lib/backbones/mixmim_variants.ts";
import { resnetVariant } from "../../../lib/backbones/resnet.ts";
import { random, randomKey, type Tensor, tf } from "../../../lib/engine/mod.ts";
import { blockMask } from "../../../lib/maskers/block.ts";
import { fillMasked } from "../../../lib/maskers/fill.ts";
import type { Mask } from "../../../lib/maskers/mask.ts";
import { mixMask } from "../../../lib/maskers/mix.ts";
import { a2mim, type A2mimConfiguration } from "../../../lib/methods/a2mim.ts";
import { mixmim } from "../../../lib/methods/mixmim.ts";
import type { Scope } from "../../../lib/nn/scope.ts";
import { attentionVariants, layoutVariants, type TorchVariant } from "./methods_torch.ts";

/** Pixels of a side of the images, and images of a batch. */
export interface MethodSizes {
  size: number;
  images: number;
}

/** What a step is given: images `(B, H, W, 3)` and the mask's four forms. */
export type MethodBatch = { images: Tensor } & { [Form in keyof Mask]: Tensor };

/** A step to measure. */
export interface MethodModel {
  /** Such as "MixMIM-B". */
  label: string;
  /** How many times faster than PyTorch it is to be. */
  limit: number;
  batch: MethodBatch;
  loss(scope: Scope, batch: MethodBatch): Tensor;
  /** Parameters whose first update is compared: of the first and the last layers, and between. */
  compared: readonly string[];
  torch: {
    method: "mixmim" | "a2mim";
    /** The arguments of the module in python/. */
    configuration: Record<string, unknown>;
    /** The arguments of its forward, in order and in its layout. */
    inputs: Record<string, Tensor>;
    variants: readonly TorchVariant[];
  };
}

/** Pixels that a masked cell covers in all three, along a side. */
export const cellPixels = 32;

function drawImages({ size, images }: MethodSizes): Tensor {
  return random.normal(randomKey(1), [images, size, size, 3]);
}

function channelsFirst(images: Tensor): Tensor {
  return tf.transpose(images, [0, 3, 1, 2]);
}

/** MixMIM-B as its authors train it, with mixing, both reconstructions and normalised pixels. */
function mixmimBase(sizes: MethodSizes): MethodModel {
  const backbone = mixmimVariant("B", sizes.size);
  const decoder = { width: 512, depth: 8, heads: 16 };
  const images = drawImages(sizes);
  const length = mixmimCells(backbone);
  const mask = mixMask(randomKey(2), { length, maskRatio: 0.5 });
  return {
    label: "MixMIM-B",
    limit: 1.5,
    batch: { images, ...mask },
    loss: (scope, { images, ...mask }) =>
      mixmim(scope, images, mask, { backbone, decoder }).loss,
    compared: [
      "patch_embed.proj.weight",
      "layers.0.downsample.reduction.weight",
      "layers.2.blocks.9.attn.relative_position_bias_table",
      "mask_token",
      "decoder_pred.bias",
    ],
    torch: {
      method: "mixmim",
      configuration: {
        img_size: sizes.size,
        patch_size: 4,
        embed_dim: backbone.width,
        depths: backbone.depths,
        num_heads: backbone.heads,
        window_size: mixmimWindows(backbone),
        mlp_ratio: 4,
        decoder_dim: decoder.width,
        decoder_depth: decoder.depth,
        decoder_num_heads: decoder.heads,
        norm_pix_loss: true,
      },
      inputs: { images: channelsFirst(images), mask: mask.mask.expandDims(2) },
      variants: attentionVariants,
    },
  };
}

const a2mimOptions = {
  token: { kind: "add", layer: 3, scale: 1e-6 },
  regression: { kind: "focal-l1" },
} as const;

function a2mimModel(
  sizes: MethodSizes,
  { configuration, torch, ...rest }: {
    label: string;
    configuration: A2mimConfiguration;
    torch: Record<string, unknown>;
    compared: readonly string[];
  },
): MethodModel {
  const images = drawImages(sizes);
  const { backbone, token } = configuration;
  const stride = strideAtLayer(backbone, token.layer);
  const side = sizes.size / stride;
  const mask = blockMask(randomKey(2), {
    ...{ batch: sizes.images, rows: side, columns: side },
    cell: cellPixels / stride,
    maskRatio: 0.6,
  });
  return {
    ...rest,
    limit: 1.2,
    batch: { images, ...mask },
    loss: (scope, { images, ...mask }) => a2mim(scope, images, mask, configuration).loss,
    torch: {
      method: "a2mim",
      configuration: {
        ...torch,
        backbone: backbone.kind,
        mask_layer: token.layer,
        encoder_stride: cellPixels,
      },
      inputs: {
        images: channelsFirst(images),
        // The original fills in its data pipeline, so PyTorch's step is given the filled images.
        filled: channelsFirst(fillMasked(images, mask.mask)),
        mask: mask.mask.reshape([sizes.images, side, side]),
      },
      variants: layoutVariants,
    },
  };
}

/** A2MIM with a ResNet-50 as released: focal L1 and the focal Fourier loss with weight 0.5. */
function a2mimResnet50(sizes: MethodSizes): MethodModel {
  const backbone: MapBackbone = { kind: "resnet", ...resnetVariant(50) };
  return a2mimModel(sizes, {
    label: "A2MIM ResNet-50",
    configuration: {
      ...a2mimOptions,
      backbone,
      fourier: { weight: 0.5, focal: true, replacement: "mixed", unmaskWeight: 1e-3 },
    },
    compared: [
      "backbone.conv1.weight",
      "backbone.bn1.running_var",
      "backbone.layer3.0.conv2.weight",
      "backbone.mask_gamma",
      "neck.decoder_pred.0.bias",
    ],
    torch: {
      stem_channels: 64,
      base_channels: 64,
      depths: backbone.depths,
      fft_weight: 0.5,
      fft_unmask_weight: 1e-3,
    },
  });
}

/** A2MIM with a ConvNeXt-T as released: focal L1 alone. */
function a2mimConvNextTiny(sizes: MethodSizes): MethodModel {
  const variant = convNextVariant("T");
  return a2mimModel(sizes, {
    label: "A2MIM ConvNeXt-T",
    configuration: { ...a2mimOptions, backbone: { kind: "convnext", ...variant } },
    compared: [
      "backbone.downsample_layers.0.0.weight",
      "backbone.stages.1.0.depthwise_conv.weight",
      "backbone.stages.2.4.gamma",
      "backbone.mask_token",
      "neck.decoder_pred.0.bias",
    ],
    torch: {
      channels: variant.widths,
      depths: variant.depths,
      fft_weight: 0,
      fft_unmask_weight: 0,
    },
  });
}

/** All of them, by the name on the command line. */
export const methodModels = {
  mixmim: mixmimBase,
  resnet: a2mimResnet50,
  convnext: a2mimConvNextTiny,
} as const satisfies Record<string, (sizes: MethodSizes) => MethodModel>;
