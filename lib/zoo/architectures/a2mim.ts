/**
 * The models of A2MIM's tables as openmixup defines them, and SimMIM's Swin.
 *
 * @module
 */
import { type ConvNextVariant, convNextVariant } from "../../backbones/convnext.ts";
import type { MapBackbone } from "../../backbones/feature_map.ts";
import { type ResnetVariant, resnetVariant } from "../../backbones/resnet.ts";
import { type SwinVariant, swinVariant } from "../../backbones/swin.ts";
import { simmimVitVariant, type VitVariant } from "../../backbones/vit.ts";
import type { Placeholder } from "../../engine/mod.ts";
import { type Mask, maskFromOrder } from "../../maskers/mask.ts";
import { a2mim } from "../../methods/a2mim.ts";
import type { MaskToken } from "../../methods/mask_token.ts";
import { simmim } from "../../methods/simmim.ts";
import { openmixupVit } from "../key_maps/openmixup_vit.ts";
import {
  type Architecture,
  type Architectures,
  classification,
  named,
} from "./architecture.ts";

const imageSize = 224;

function vitClassifier(variant: VitVariant): Architecture {
  const configuration = { ...simmimVitVariant(variant, imageSize), finalNorm: false };
  return named(
    classification({ kind: "vit", ...configuration }, imageSize),
    openmixupVit(),
  );
}

function resnetClassifier(variant: ResnetVariant): Architecture {
  return classification({ kind: "resnet", ...resnetVariant(variant) }, imageSize);
}

function convNextClassifier(variant: ConvNextVariant): Architecture {
  return classification({ kind: "convnext", ...convNextVariant(variant) }, imageSize);
}

function swinClassifier(variant: SwinVariant, size: number): Architecture {
  return classification({ kind: "swin", ...swinVariant(variant, size) }, size);
}

/** Squares of 32 pixels, of which 60 % are removed. */
function maskOf(input: Placeholder, imageSize: number): Mask {
  return maskFromOrder(input({ shape: [1, (imageSize / 32) ** 2], dtype: "int32" }), 0.6);
}

/** The network alone: A2MIM's Fourier loss is left out. */
function pretraining(
  backbone: MapBackbone,
  token: MaskToken,
  size = imageSize,
): Architecture {
  return {
    imageSize: size,
    forward: (scope, images, input) =>
      a2mim(scope, images, maskOf(input, size), { backbone, token }),
  };
}

function vitPretraining(variant: VitVariant, size = imageSize, layer = 0): Architecture {
  const backbone = { kind: "vit", ...simmimVitVariant(variant, size) } as const;
  return named(
    pretraining(backbone, { kind: "add", layer }, size),
    openmixupVit({ under: "backbone" }),
  );
}

// The published configurations of convolutional networks scale the masked features of layer 3.
const scaledToken: MaskToken = { kind: "add", layer: 3, scale: 1e-6 };

function resnetPretraining(variant: ResnetVariant): Architecture {
  return pretraining({ kind: "resnet", ...resnetVariant(variant) }, scaledToken);
}

function convNextPretraining(variant: ConvNextVariant): Architecture {
  return pretraining({ kind: "convnext", ...convNextVariant(variant) }, scaledToken);
}

function simmimPretraining(variant: SwinVariant, imageSize: number): Architecture {
  const backbone = { kind: "swin", ...swinVariant(variant, imageSize) } as const;
  return {
    imageSize,
    forward: (scope, images, input) =>
      simmim(scope, images, maskOf(input, imageSize), { backbone }),
  };
}

/** Of SimMIM. */
export const simmimArchitectures: Architectures = {
  "simmim-swin-base-192-pretrain": simmimPretraining("B", 192),
  "simmim-swin-base-192-classifier": swinClassifier("B", 192),
  "swin-tiny-classifier": swinClassifier("T", 224),
  "swin-small-classifier": swinClassifier("S", 224),
  "swin-base-classifier": swinClassifier("B", 224),
};

/** Of A2MIM; its ViT-S is 768 wide, "deit-small" the usual one of 384. */
export const a2mimArchitectures: Architectures = {
  "a2mim-vit-small-pretrain": vitPretraining("S768/16"),
  "a2mim-vit-base-pretrain": vitPretraining("B/16"),
  "a2mim-vit-large-pretrain": vitPretraining("L/16"),
  "a2mim-vit-deit-small-192px-pretrain": vitPretraining("S/16", 192, 8),
  "a2mim-resnet50-pretrain": resnetPretraining(50),
  "a2mim-resnet101-pretrain": resnetPretraining(101),
  "a2mim-resnet152-pretrain": resnetPretraining(152),
  "a2mim-resnet200-pretrain": resnetPretraining(200),
  "a2mim-convnext-tiny-pretrain": convNextPretraining("T"),
  "a2mim-convnext-small-pretrain": convNextPretraining("S"),
  "a2mim-convnext-base-pretrain": convNextPretraining("B"),
  "a2mim-vit-small-classifier": vitClassifier("S768/16"),
  "a2mim-vit-deit-small-classifier": vitClassifier("S/16"),
  "a2mim-vit-base-classifier": vitClassifier("B/16"),
  "a2mim-vit-large-classifier": vitClassifier("L/16"),
  "a2mim-resnet50-classifier": resnetClassifier(50),
  "a2mim-resnet101-classifier": resnetClassifier(101),
  "a2mim-resnet152-classifier": resnetClassifier(152),
  "a2mim-resnet200-classifier": resnetClassifier(200),
  "resnet18-classifier": resnetClassifier(18),
  "resnet34-classifier": resnetClassifier(34),
  "a2mim-convnext-tiny-classifier": convNextClassifier("T"),
  "a2mim-convnext-small-classifier": convNextClassifier("S"),
  "a2mim-convnext-base-classifier": convNextClassifier("B"),
};
