/**
 * MILAN: masked image pretraining on language assisted representation (Hou et al. 2022).
 *
 * A CLIP image tower, trained with captions, gives both the targets (features of every patch) and
 * the mask (patches that its class token attends to are kept more often); the prompting decoder
 * predicts the features of the removed patches.
 *
 * @module
 */
import { patchCount, vit, type VitConfiguration } from "../backbones/vit.ts";
import type { Tensor } from "../engine/mod.ts";
import type { DecoderConfiguration } from "../heads/decoder.ts";
import { maeDecoder } from "../heads/mae_decoder.ts";
import { promptingDecoder } from "../heads/prompting_decoder.ts";
import { cosineDistance, cosineLoss, type CosineLossOptions } from "../losses/cosine.ts";
import { maskedPixelLoss, normalizePatches } from "../losses/pixel.ts";
import { type Mask, requireMaskOf } from "../maskers/mask.ts";
import { layerNorm } from "../nn/layer_norm.ts";
import { patchify } from "../nn/patch_embed.ts";
import type { Scope } from "../nn/scope.ts";
import { patchValues } from "./mae.ts";
import type { AutoencoderOutput } from "./method.ts";
import { imagesOfPatches, maskedImages, whereMasked } from "./patch_pictures.ts";

/** The shape of a MILAN. */
export interface MilanConfiguration {
  backbone: VitConfiguration;
  decoder: Omit<DecoderConfiguration, "outputs">;
  /** `prompting` (section 3.2), or MAE's `plain` one, the paper's ablation. Default: prompting. */
  decoderKind?: "prompting" | "plain";
  /** What differs in OpenMMLab's rewrite. */
  loss?: CosineLossOptions;
}

/** The teacher's features `(B, 1 + N, D)`, or the image's own pixels (the paper's ablation). */
export type MilanTarget =
  | { kind: "features"; features: Tensor }
  | { kind: "pixels"; normalize: boolean };

/**
 * One forward pass.
 *
 * @param images `(B, H, W, C)`, normalised.
 * @param mask from `semanticMask` over the teacher's importance, with a ratio of 0.75.
 * @returns prediction and target `(B, 1 + N, D)` for features, `(B, N, P·P·C)` for pixels.
 *
 * @example
 * ```ts
 * import { milan } from "./milan.ts";
 * import { vitVariant } from "../backbones/vit.ts";
 * import { maskFromOrder } from "../maskers/mask.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const specifications = describeParameters((scope, input) => {
 *   const mask = maskFromOrder(input({ shape: [1, 196], dtype: "int32" }), 0.75);
 *   const features = input({ shape: [1, 197, 512] });
 *   const configuration = { backbone: vitVariant("B/16", 224), decoder: {} };
 *   const images = input({ shape: [1, 224, 224, 3] });
 *   milan(scope, images, mask, { kind: "features", features }, configuration);
 * });
 * console.log(specifications.get("decoder_pred.weight")!.shape); // [ 512, 512 ]
 * ```
 */
export function milan(
  scope: Scope,
  images: Tensor,
  mask: Mask,
  target: MilanTarget,
  { backbone, decoder, decoderKind = "prompting", loss }: MilanConfiguration,
): AutoencoderOutput {
  requireMaskOf(images, mask, backbone.patchSize);
  const encoded = vit(scope, images, { positions: "fixed", ...backbone }, mask.visible);
  const latent = layerNorm(scope.at("norm"), encoded.tokens, backbone.epsilon);
  const decode = decoderKind === "prompting" ? promptingDecoder : maeDecoder;
  const outputs = target.kind === "features"
    ? target.features.shape.at(-1)!
    : patchValues(backbone);
  const decoded = decode(scope, latent, mask, { ...decoder, outputs });
  const shared = {
    mask,
    latent,
    encoderBlocks: encoded.blocks,
    decoderBlocks: decoded.blocks,
  };
  if (target.kind === "features") {
    const { prediction } = decoded;
    return {
      ...shared,
      loss: cosineLoss(prediction, target.features, loss),
      prediction,
      target: target.features,
      pictures: () => ({
        input: maskedImages(images, mask.mask),
        error: cosineDistance(prediction, target.features, loss).slice([0, 1], [-1, -1]),
      }),
    };
  }
  const prediction = decoded.prediction.slice([0, 1], [-1, patchCount(backbone)]);
  const patches = patchify(images, backbone.patchSize);
  const pixels = target.normalize ? normalizePatches(patches) : patches;
  return {
    ...shared,
    loss: maskedPixelLoss(prediction, pixels, mask.mask),
    prediction,
    target: pixels,
    pictures: () => {
      const options = { patchSize: backbone.patchSize, normalized: target.normalize };
      const predicted = imagesOfPatches(prediction, images, options);
      return {
        input: maskedImages(images, mask.mask),
        reconstruction: whereMasked(images, predicted, mask.mask),
      };
    },
  };
}
