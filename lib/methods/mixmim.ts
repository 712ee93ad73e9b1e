/**
 * MixMIM: mixed and masked image modeling for efficient visual representation learning (Liu et al.
 * 2022).
 *
 * Masked cells of an image are filled with those of another one, so that the encoder spends nothing
 * on mask tokens; the decoder rebuilds both images.
 *
 * @module
 */
import {
  mixmimTransformer,
  type MixmimTransformerOutput,
  mixPairs,
  partnersOf,
} from "../backbones/mixmim.ts";
import {
  mixmimStride,
  type MixmimTransformerConfiguration,
} from "../backbones/mixmim_variants.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import type { DecoderConfiguration } from "../heads/decoder.ts";
import { mixmimDecoder } from "../heads/mixmim_decoder.ts";
import { normalizePatches } from "../losses/pixel.ts";
import { maskMap } from "../nn/mask_map.ts";
import type { Mask } from "../maskers/mask.ts";
import { patchify } from "../nn/patch_embed.ts";
import type { Scope } from "../nn/scope.ts";
import type { MethodOutput } from "./method.ts";
import { imagesOfPatches } from "./patch_pictures.ts";

/** The shape of a MixMIM. */
export interface MixmimConfiguration {
  /** With `rewrite: "mmpretrain"` the whole method computes as OpenMMLab's. */
  backbone: MixmimTransformerConfiguration;
  /** `epsilon` is 1e-5 by default, 1e-6 in OpenMMLab's rewrite. */
  decoder: Omit<DecoderConfiguration, "outputs">;
  /** Predict cells with mean 0 and deviation 1 each. Default: true. */
  normalizePixels?: boolean;
}

/** What MixMIM gives besides what every method does. */
export interface MixmimOutput extends MethodOutput {
  /** The encoder's intermediates. */
  encoder: MixmimTransformerOutput;
  /** The decoder's own: `(2B, N, S·S·C)`, images first, then their partners. */
  decoded: Tensor;
  decoderBlocks: Tensor[];
  /** The image that each one is mixed with, `(B, H, W, C)`. */
  partners: Tensor;
}

/**
 * One forward pass.
 *
 * @param images `(B, H, W, C)`, normalised; image i is mixed with image B − 1 − i.
 * @param mask from `mixMask` with a ratio of 0.5, `(1, N)`: one for the whole batch.
 * @returns prediction and target of every image `(B, N, S·S·C)`, S = 32 pixels.
 * @throws {Error} when the mask is not one for the whole batch, or sizes do not fit.
 *
 * @example
 * ```ts
 * import { mixmim } from "./mixmim.ts";
 * import { mixmimVariant } from "../backbones/mixmim_variants.ts";
 * import { mixMaskFromNoise } from "../maskers/mix.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const specifications = describeParameters((scope, input) => {
 *   const mask = mixMaskFromNoise(input({ shape: [1, 49] }), { maskRatio: 0.5 });
 *   const backbone = mixmimVariant("B", 224);
 *   mixmim(scope, input({ shape: [2, 224, 224, 3] }), mask, { backbone, decoder: {} });
 * });
 * console.log(specifications.get("decoder_pred.weight")!.shape); // [ 512, 3072 ]
 * ```
 */
export function mixmim(
  scope: Scope,
  images: Tensor,
  mask: Mask,
  { backbone, decoder, normalizePixels = true }: MixmimConfiguration,
): MixmimOutput {
  const [, height, width, channels] = images.shape as [number, number, number, number];
  const { rewrite } = backbone;
  const patchSize = mixmimStride(backbone);

  // Section 3.1: x̂ = x₁ ⊙ (1 − M) + x₂ ⊙ M, done on the patch embeddings, and its encoding.
  const encoder = mixmimTransformer(scope, images, backbone, mask.mask);
  const { prediction: decoded, blocks: decoderBlocks } = mixmimDecoder(
    scope,
    encoder.tokens,
    mask.mask,
    {
      ...(rewrite === undefined ? {} : { positions: rewrite, epsilon: 1e-6 }),
      ...decoder,
      outputs: patchSize * patchSize * channels,
    },
  );

  // Section 3.1, dual reconstruction: y₁ ⊙ M + y₂ ⊙ (1 − M), where y₂ of the partner's mixture is
  // this image again. So only predictions of mask tokens count, and all cells are predicted.
  const [ofImages, ofPartners] = tf.split(decoded, 2, 0) as [Tensor, Tensor];
  const masked = mask.mask.expandDims(2); // (1, N, 1)
  const prediction = ofImages.mul(masked)
    .add(partnersOf(ofPartners).mul(tf.sub(1, masked)));
  const patches = patchify(images, patchSize);
  const target = normalizePixels ? normalizePatches(patches) : patches;
  return {
    loss: prediction.sub(target).square().mean(),
    prediction,
    target,
    mask,
    latent: encoder.tokens,
    encoder,
    decoded,
    decoderBlocks,
    partners: partnersOf(images),
    pictures: () => {
      const pixels = maskMap(mask.mask, { rows: height, columns: width });
      const options = { patchSize, normalized: normalizePixels };
      const reconstruction = imagesOfPatches(prediction, images, options);
      return {
        input: mixPairs(images, pixels),
        reconstruction,
        partner: {
          images: partnersOf(images),
          reconstruction: partnersOf(reconstruction),
        },
      };
    },
  };
}
