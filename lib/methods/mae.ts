/**
 * MAE: masked autoencoders are scalable vision learners (He et al. 2022).
 *
 * A random quarter of the patches goes through the encoder; a small decoder predicts the pixels of
 * the rest.
 *
 * @module
 */
import { patchCount, vit, type VitConfiguration } from "../backbones/vit.ts";
import type { Tensor } from "../engine/mod.ts";
import type { DecoderConfiguration } from "../heads/decoder.ts";
import { maeDecoder } from "../heads/mae_decoder.ts";
import { maskedPixelLoss, normalizePatches } from "../losses/pixel.ts";
import { type Mask, requireMaskOf } from "../maskers/mask.ts";
import { layerNorm } from "../nn/layer_norm.ts";
import { patchify } from "../nn/patch_embed.ts";
import type { Scope } from "../nn/scope.ts";
import type { AutoencoderOutput } from "./method.ts";
import { imagesOfPatches, maskedImages, whereMasked } from "./patch_pictures.ts";

/** The shape of an MAE. */
export interface MaeConfiguration {
  backbone: VitConfiguration;
  decoder: Omit<DecoderConfiguration, "outputs">;
  /** Predict patches with mean 0 and deviation 1 each (section 4.1). Default: true. */
  normalizePixels?: boolean;
}

/** Pixels of a patch, P·P·C. */
export function patchValues({ patchSize, channels = 3 }: VitConfiguration): number {
  return patchSize * patchSize * channels;
}

/**
 * One forward pass.
 *
 * @param images `(B, H, W, C)`, normalised.
 * @param mask from `randomMask` with a ratio of 0.75.
 * @returns prediction and target `(B, N, P·P·C)`.
 *
 * @example
 * ```ts
 * import { mae } from "./mae.ts";
 * import { vitVariant } from "../backbones/vit.ts";
 * import { maskFromOrder } from "../maskers/mask.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const specifications = describeParameters((scope, input) => {
 *   const mask = maskFromOrder(input({ shape: [1, 196], dtype: "int32" }), 0.75);
 *   const backbone = vitVariant("B/16", 224);
 *   mae(scope, input({ shape: [1, 224, 224, 3] }), mask, { backbone, decoder: {} });
 * });
 * console.log(specifications.has("decoder_blocks.7.attn.qkv.weight")); // true
 * ```
 */
export function mae(
  scope: Scope,
  images: Tensor,
  mask: Mask,
  { backbone, decoder, normalizePixels = true }: MaeConfiguration,
): AutoencoderOutput {
  requireMaskOf(images, mask, backbone.patchSize);
  const encoded = vit(scope, images, { positions: "fixed", ...backbone }, mask.visible);
  const latent = layerNorm(scope.at("norm"), encoded.tokens, backbone.epsilon);
  const outputs = patchValues(backbone);
  const decoded = maeDecoder(scope, latent, mask, { ...decoder, outputs });

  const prediction = decoded.prediction.slice([0, 1], [-1, patchCount(backbone)]);
  const patches = patchify(images, backbone.patchSize);
  const target = normalizePixels ? normalizePatches(patches) : patches;
  return {
    loss: maskedPixelLoss(prediction, target, mask.mask),
    prediction,
    target,
    mask,
    latent,
    encoderBlocks: encoded.blocks,
    decoderBlocks: decoded.blocks,
    pictures: () => {
      const options = { patchSize: backbone.patchSize, normalized: normalizePixels };
      const predicted = imagesOfPatches(prediction, images, options);
      return {
        input: maskedImages(images, mask.mask),
        reconstruction: whereMasked(images, predicted, mask.mask),
      };
    },
  };
}
