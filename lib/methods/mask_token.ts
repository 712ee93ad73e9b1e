/**
 * Mask tokens: how a network is told which parts of its map are masked. SimMIM replaces them by a
 * learned vector at the first layer; A2MIM adds it to what is there, at a layer of its choice.
 *
 * @module
 */
import type { Between } from "../backbones/between.ts";
import { type MapBackbone, strideAtLayer } from "../backbones/feature_map.ts";
import { stopGradient, type Tensor, tf } from "../engine/mod.ts";
import type { Mask } from "../maskers/mask.ts";
import { maskMap } from "../nn/mask_map.ts";
import { constant, truncatedNormal, zeros } from "../nn/initializers.ts";
import type { Layout, Scope } from "../nn/scope.ts";

/** Where the mask token enters, and what becomes of the features there. */
export type MaskToken =
  | { kind: "replace"; layer: number }
  | {
    kind: "add";
    layer: number;
    /**
     * The first value of a learned factor for each channel of the masked features; without it there
     * is none.
     */
    scale?: number;
    /** Lets no gradient through the masked features. Default: false. */
    detach?: boolean;
  };

/** The map around the mask token, `(B, rows, columns, C)`. */
export interface TokenSight {
  before: Tensor;
  after: Tensor;
}

/** A mask token on its way into a backbone. */
export interface PlacedToken {
  between: Between;
  /** What it saw; there once the backbone has run. */
  sight(): TokenSight;
}

interface ParameterForm {
  shape: number[];
  layout: Layout;
}

/** The shapes that openmixup gives the parameters: maps in CNNs, tokens in transformers. */
function parameterForms(
  { kind }: MapBackbone,
  width: number,
): { token: ParameterForm; scale: ParameterForm } {
  switch (kind) {
    case "vit":
    case "swin":
      return {
        token: { shape: [1, 1, width], layout: "plain" },
        scale: { shape: [width], layout: "plain" },
      };
    case "resnet":
    case "convnext": {
      const form: ParameterForm = { shape: [1, 1, 1, width], layout: "map" };
      return { token: form, scale: form };
    }
  }
}

/** The map with the token in its masked cells; `masked` is `(B, rows, columns, 1)`. */
function withToken(
  scope: Scope,
  map: Tensor,
  masked: Tensor,
  backbone: MapBackbone,
  placed: MaskToken,
): Tensor {
  const forms = parameterForms(backbone, map.shape.at(-1)!);
  const token = scope.parameter("mask_token", forms.token.shape, {
    // openmixup's ConvNeXt means to draw it too, but its initialiser leaves it at 0.
    initial: backbone.kind === "convnext" ? zeros : truncatedNormal(0.02),
    layout: forms.token.layout,
  }).reshape([1, 1, 1, -1]);
  const visible = map.mul(tf.sub(1, masked));
  if (placed.kind === "replace") return visible.add(token.mul(masked));
  let features = map;
  if (placed.detach === true) features = visible.add(stopGradient(map).mul(masked));
  if (placed.scale !== undefined) {
    const factor = scope.parameter("mask_gamma", forms.scale.shape, {
      initial: constant(placed.scale),
      layout: forms.scale.layout,
    }).reshape([1, 1, 1, -1]);
    features = visible.add(features.mul(masked).mul(factor));
  }
  return features.add(token.mul(masked));
}

/**
 * Makes ready a mask token, as the hook that backbones take.
 *
 * @param scope of the backbone; `mask_token` and `mask_gamma` are its parameters.
 * @param images `(B, H, W, C)`, of which only the size matters.
 * @throws {Error} when the backbone has no such layer, or the mask is finer than its map.
 *
 * @example
 * ```ts
 * import { maskToken } from "./mask_token.ts";
 * import { convNext, convNextVariant } from "../backbones/convnext.ts";
 * import { maskFromCells } from "../maskers/cells.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const backbone = { kind: "convnext", ...convNextVariant("T") } as const;
 * const specifications = describeParameters((scope, input) => {
 *   const images = input({ shape: [1, 224, 224, 3] });
 *   const mask = maskFromCells(input({ shape: [1, 49] }), 30);
 *   const token = maskToken(scope, images, mask, backbone, { kind: "add", layer: 3 });
 *   convNext(scope, images, { ...backbone, between: token.between });
 * });
 * console.log(specifications.get("mask_token")!.shape); // [ 1, 1, 1, 768 ]
 * ```
 */
export function maskToken(
  scope: Scope,
  images: Tensor,
  mask: Mask,
  backbone: MapBackbone,
  placed: MaskToken,
): PlacedToken {
  const [, height, width] = images.shape as [number, number, number, number];
  const stride = strideAtLayer(backbone, placed.layer);
  const masked = maskMap(mask.mask, { rows: height / stride, columns: width / stride });
  let seen: TokenSight | undefined;
  return {
    between: (map, layer) => {
      if (layer !== placed.layer) return map;
      const after = withToken(scope, map, masked, backbone, placed);
      seen = { before: map, after };
      return after;
    },
    sight: () => {
      if (seen === undefined) {
        throw new Error(`The mask token of layer ${placed.layer} waits for the backbone`);
      }
      return seen;
    },
  };
}
