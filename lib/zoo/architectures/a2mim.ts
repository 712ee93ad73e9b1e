/**
 * The models of A2MIM's tables as openmixup defines them, and SimMIM's Swin.
 *
 * @module
 */
import { type ConvNextVariant, convNextVariant } from "../../backbones/convnext.ts";
import type { MapBackbone } from "../../backbones/feature_map.ts";
import { type ResnetVariant, resnetVariant } from "../../backbones/resnet.ts";
import {
  type SwinConfiguration,
  type SwinVariant,
  swinVariant,
} from "../../backbones/swin.ts";
import { simmimVitVariant, type VitVariant } from "../../backbones/vit.ts";
import type { Placeholder, Tensor } from "../../engine/mod.ts";
import type { Scope } from "../../nn/scope.ts";
import { type Mask, maskFromOrder } from "../../maskers/mask.ts";
import { a2mim } from "../../methods/a2mim.ts";
import { frozenFeatures } from "../../methods/frozen_features.ts";
import type { MaskToken } from "../../methods/mask_token.ts";
import { simmim } from "../../methods/simmim.ts";
import { openmixupVit } from "../key_maps/openmixup_vit.ts";
import {
  type Architecture,
  architectureAt,
  type Architectures,
  classification,
  named,
} from "./architecture.ts";

const imageSize = 224;

function vitClassifier(variant: VitVariant): Architecture {
  const classifier = classification(imageSize, (size) => ({
    ...{ kind: "vit", ...simmimVitVariant(variant, size), finalNorm: false },
  }));
  return named(classifier, openmixupVit());
}

function resnetClassifier(variant: ResnetVariant): Architecture {
  const backbone = { kind: "resnet", ...resnetVariant(variant) } as const;
  return classification(imageSize, () => backbone);
}

function convNextClassifier(variant: ConvNextVariant): Architecture {
  const backbone = { kind: "convnext", ...convNextVariant(variant) } as const;
  return classification(imageSize, () => backbone);
}

function swinClassifier(variant: SwinVariant, size: number): Architecture {
  return classification(
    size,
    (imageSize) => ({ kind: "swin", ...swinAt(variant, imageSize) }),
  );
}

/**
 * Swin-L has windows of twice the last stage's map in SimMIM: the last stage is padded.
 */
function swinAt(variant: SwinVariant, imageSize: number): SwinConfiguration {
  const configuration = swinVariant(variant, imageSize);
  if (variant !== "L") return configuration;
  return { ...configuration, window: 2 * configuration.window, padSmallMaps: true };
}

/** Squares of 32 pixels, of which 60 % are removed. */
function maskOf(input: Placeholder, imageSize: number): Mask {
  return maskFromOrder(input({ shape: [1, (imageSize / 32) ** 2], dtype: "int32" }), 0.6);
}

/** A method's network, as it is trained. */
type Pretext = (scope: Scope, images: Tensor, mask: Mask, backbone: MapBackbone) => void;

/** The network alone: A2MIM's Fourier loss is left out. */
function a2mimWith(token: MaskToken): Pretext {
  return (scope, images, mask, backbone) => {
    a2mim(scope, images, mask, { backbone, token });
  };
}

const simmimPretext: Pretext = (scope, images, mask, backbone) => {
  simmim(scope, images, mask, { backbone });
};

function pretraining(
  pretext: Pretext,
  size: number,
  backboneAt: (imageSize: number) => MapBackbone,
): Architecture {
  return architectureAt(size, (imageSize) => {
    const backbone = backboneAt(imageSize);
    return {
      forward: (scope, images, input) =>
        pretext(scope, images, maskOf(input, imageSize), backbone),
      encode: (scope, images) => ({
        features: frozenFeatures(scope, images, { backbone, nested: true }),
      }),
    };
  });
}

function vitPretraining(
  pretext: Pretext,
  variant: VitVariant,
  size = imageSize,
): Architecture {
  const model = pretraining(
    ...[pretext, size] as const,
    (imageSize) => ({ kind: "vit", ...simmimVitVariant(variant, imageSize) }),
  );
  return named(model, openmixupVit({ under: "backbone" }));
}

function resnetPretraining(pretext: Pretext, variant: ResnetVariant): Architecture {
  const backbone = { kind: "resnet", ...resnetVariant(variant) } as const;
  return pretraining(pretext, imageSize, () => backbone);
}

function convNextPretraining(pretext: Pretext, variant: ConvNextVariant): Architecture {
  const backbone = { kind: "convnext", ...convNextVariant(variant) } as const;
  return pretraining(pretext, imageSize, () => backbone);
}

function swinPretraining(variant: SwinVariant, imageSize: number): Architecture {
  return pretraining(
    ...[simmimPretext, imageSize] as const,
    (size) => ({ kind: "swin", ...swinAt(variant, size) }),
  );
}

// A2MIM's published configurations of convolutional networks scale the masked features of layer 3.
const scaled = a2mimWith({ kind: "add", layer: 3, scale: 1e-6 });
const atPatches = a2mimWith({ kind: "add", layer: 0 });

/** Of SimMIM. */
export const simmimArchitectures: Architectures = {
  "simmim-vit-small-pretrain": vitPretraining(simmimPretext, "S768/16"),
  "simmim-vit-base-pretrain": vitPretraining(simmimPretext, "B/16"),
  "simmim-vit-large-pretrain": vitPretraining(simmimPretext, "L/16"),
  "simmim-resnet50-pretrain": resnetPretraining(simmimPretext, 50),
  "simmim-resnet101-pretrain": resnetPretraining(simmimPretext, 101),
  "simmim-resnet152-pretrain": resnetPretraining(simmimPretext, 152),
  "simmim-resnet200-pretrain": resnetPretraining(simmimPretext, 200),
  // openmixup adds the token to ConvNeXt's stem, as A2MIM does.
  "simmim-convnext-small-pretrain": convNextPretraining(atPatches, "S"),
  "simmim-convnext-base-pretrain": convNextPretraining(atPatches, "B"),
  "simmim-swin-base-192-pretrain": swinPretraining("B", 192),
  "simmim-swin-large-192-pretrain": swinPretraining("L", 192),
  "simmim-swin-base-192-classifier": swinClassifier("B", 192),
  "swin-tiny-classifier": swinClassifier("T", 224),
  "swin-small-classifier": swinClassifier("S", 224),
  "swin-base-classifier": swinClassifier("B", 224),
  "simmim-swin-large-classifier": swinClassifier("L", 224),
};

/** Of A2MIM; its ViT-S is 768 wide, "deit-small" the usual one of 384. */
export const a2mimArchitectures: Architectures = {
  "a2mim-vit-small-pretrain": vitPretraining(atPatches, "S768/16"),
  "a2mim-vit-base-pretrain": vitPretraining(atPatches, "B/16"),
  "a2mim-vit-large-pretrain": vitPretraining(atPatches, "L/16"),
  "a2mim-vit-deit-small-192px-pretrain": vitPretraining(
    ...[a2mimWith({ kind: "add", layer: 8 }), "S/16", 192] as const,
  ),
  "a2mim-resnet50-pretrain": resnetPretraining(scaled, 50),
  "a2mim-resnet101-pretrain": resnetPretraining(scaled, 101),
  "a2mim-resnet152-pretrain": resnetPretraining(scaled, 152),
  "a2mim-resnet200-pretrain": resnetPretraining(scaled, 200),
  "a2mim-convnext-tiny-pretrain": convNextPretraining(scaled, "T"),
  "a2mim-convnext-small-pretrain": convNextPretraining(scaled, "S"),
  "a2mim-convnext-base-pretrain": convNextPretraining(scaled, "B"),
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
