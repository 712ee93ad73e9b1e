/**
 * SimMIM: a simple framework for masked image modeling (Xie et al. 2022).
 *
 * The network sees a mask token in place of large masked squares, and one linear layer predicts their
 * pixels.
 *
 * @module
 */
import { featureMap, type MapBackbone, strideOf } from "../backbones/feature_map.ts";
import type { Tensor } from "../engine/mod.ts";
import { pixelShuffleHead } from "../heads/pixel_shuffle_head.ts";
import { maskedRegression } from "../losses/regression.ts";
import type { Mask } from "../maskers/mask.ts";
import { maskMap } from "../nn/mask_map.ts";
import type { Scope } from "../nn/scope.ts";
import { type MapMethodOutput, requireWholeMap } from "./map_output.ts";
import { maskToken } from "./mask_token.ts";
import { maskedImages, whereMasked } from "./patch_pictures.ts";

/** The shape of a SimMIM. */
export interface SimmimConfiguration {
  backbone: MapBackbone;
  /** Where the mask token enters. Default: 0, after the patch embedding. */
  layer?: number;
}

/**
 * One forward pass.
 *
 * @param images `(B, H, W, C)`, normalised.
 * @param mask from `blockMask`, in squares of 32 pixels with a ratio of 0.6, on any grid that is not
 *   finer than the map at the token's layer.
 * @throws {Error} before anything is computed, when image, mask, layer and backbone do not go together.
 *
 * @example
 * ```ts
 * import { simmim } from "./simmim.ts";
 * import { swinVariant } from "../backbones/swin.ts";
 * import { randomKey } from "../engine/mod.ts";
 * import { blockMask } from "../maskers/block.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const options = { batch: 1, rows: 48, columns: 48, cell: 8, maskRatio: 0.6 };
 * const backbone = { kind: "swin", ...swinVariant("T", 192) } as const;
 * const specifications = describeParameters((scope, input) => {
 *   const images = input({ shape: [1, 192, 192, 3] });
 *   simmim(scope, images, blockMask(randomKey(0), options), { backbone });
 * });
 * console.log(specifications.get("backbone.mask_token")!.shape); // [ 1, 1, 96 ]
 * ```
 */
export function simmim(
  scope: Scope,
  images: Tensor,
  mask: Mask,
  { backbone, layer = 0 }: SimmimConfiguration,
): MapMethodOutput {
  requireWholeMap(images, backbone);
  const [, rows, columns, channels] = images.shape as [number, number, number, number];
  const masked = maskMap(mask.mask, { rows, columns });
  const encoder = scope.at("backbone");
  const placed = { kind: "replace", layer } as const;

  // x · (1 - M) + token · M (section 3.1), then the encoder and the linear head (section 3.3).
  const token = maskToken(encoder, images, mask, backbone, placed);
  const { map, stages } = featureMap(encoder, images, backbone, token.between);
  const head = { stride: strideOf(backbone), channels };
  const prediction = pixelShuffleHead(scope.at("neck.decoder.0"), map, head);

  return {
    // ‖y_M - x_M‖₁ / Ω(x_M) (section 3.4).
    loss: maskedRegression(prediction, images, masked),
    prediction,
    target: images,
    mask,
    latent: map,
    stages,
    token: token.sight(),
    pictures: () => ({
      input: maskedImages(images, mask.mask),
      reconstruction: whereMasked(images, prediction, mask.mask),
    }),
  };
}
