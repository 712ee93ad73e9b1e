/**
 * Any backbone as a function from images to a map, so that SimMIM and A2MIM need not know which one
 * they train.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import type { Scope } from "../nn/scope.ts";
import type { Between } from "./between.ts";
import { convNext, type ConvNextConfiguration, convNextStride } from "./convnext.ts";
import { resnet, type ResnetConfiguration, resnetStride } from "./resnet.ts";
import { resnetExpansion, resnetStageStrides } from "./resnet_configuration.ts";
import { swin, type SwinConfiguration, swinStride } from "./swin.ts";
import { patchMap, vit, type VitConfiguration } from "./vit.ts";

/** A backbone that gives a map, by its kind and its configuration. */
export type MapBackbone =
  | { kind: "vit" } & VitConfiguration
  | { kind: "resnet" } & ResnetConfiguration
  | { kind: "convnext" } & Omit<ConvNextConfiguration, "gapBeforeFinalNorm">
  | { kind: "swin" } & SwinConfiguration;

/** What a backbone gives. */
export interface BackboneMap {
  /** The last stage after its norm, where the backbone has one, `(B, rows, columns, D)`. */
  map: Tensor;
  /** After each stage; for a ViT after each block, with the class token, `(B, 1 + N, D)`. */
  stages: Tensor[];
}

/** Pixels from one cell of a backbone's map to the next. */
export function strideOf(backbone: MapBackbone): number {
  switch (backbone.kind) {
    case "vit":
      return backbone.patchSize;
    case "resnet":
      return resnetStride(backbone);
    case "convnext":
      return convNextStride(backbone);
    case "swin":
      return swinStride(backbone);
  }
}

/** D, the channels of a backbone's map. */
export function widthOf(backbone: MapBackbone): number {
  switch (backbone.kind) {
    case "vit":
      return backbone.width;
    case "resnet": {
      const { depths, baseChannels = 64 } = backbone;
      return baseChannels * 2 ** (depths.length - 1) * resnetExpansion(backbone);
    }
    case "convnext":
      return backbone.widths.at(-1)!;
    case "swin":
      return backbone.width * 2 ** (backbone.depths.length - 1);
  }
}

/** The strides of the maps at which `between` is called, by layer number. */
function layerStrides(backbone: MapBackbone): number[] {
  switch (backbone.kind) {
    case "vit":
      return Array.from({ length: backbone.depth + 1 }, () => backbone.patchSize);
    case "resnet":
      return resnetStageStrides(backbone);
    case "convnext":
      return backbone.depths.map((_, stage) => (backbone.stemSize ?? 4) * 2 ** stage);
    case "swin": {
      const { patchSize = 4, depths } = backbone;
      return [patchSize, ...depths.map((_, stage) => patchSize * 2 ** stage)];
    }
  }
}

/**
 * Pixels from one cell to the next of the map at a layer where `between` is called.
 *
 * @throws {Error} when the backbone has no such layer, with those that it has.
 */
export function strideAtLayer(backbone: MapBackbone, layer: number): number {
  const strides = layerStrides(backbone);
  const stride = strides[layer];
  if (stride === undefined) {
    throw new Error(
      `A ${backbone.kind} of this size has the layers 0 to ${
        strides.length - 1
      }, not ${layer}`,
    );
  }
  return stride;
}

/**
 * Images to a map.
 *
 * @param images `(B, H, W, C)`, normalised.
 * @param between sees, and may change, the maps on their way.
 *
 * @example
 * ```ts
 * import { featureMap, strideOf } from "./feature_map.ts";
 * import { swinVariant } from "./swin.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const backbone = { kind: "swin", ...swinVariant("T", 192) } as const;
 * describeParameters((scope, input) => {
 *   const { map } = featureMap(scope, input({ shape: [1, 192, 192, 3] }), backbone);
 *   console.log(map.shape, strideOf(backbone)); // [ 1, 6, 6, 768 ] 32
 * });
 * ```
 */
export function featureMap(
  scope: Scope,
  images: Tensor,
  backbone: MapBackbone,
  between: Between = (map) => map,
): BackboneMap {
  switch (backbone.kind) {
    case "vit": {
      const { latent, blocks } = vit(scope, images, { ...backbone, between });
      const [, height, width] = images.shape as [number, number, number, number];
      const grid = [height / backbone.patchSize, width / backbone.patchSize] as const;
      return { map: patchMap(latent, grid), stages: blocks };
    }
    case "resnet": {
      const { stages } = resnet(scope, images, { ...backbone, between });
      return { map: stages.at(-1)!, stages };
    }
    case "convnext": {
      const { latent, stages } = convNext(scope, images, { ...backbone, between });
      return { map: latent, stages };
    }
    case "swin": {
      const { latent, stages } = swin(scope, images, { ...backbone, between });
      return { map: latent, stages };
    }
  }
}
