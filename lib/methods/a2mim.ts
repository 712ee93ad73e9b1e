/**
 * A2MIM: architecture-agnostic masked image modeling (Li et al. 2023).
 *
 * Masked squares are filled with the image's mean colour, a mask token is added to the features deep
 * inside the network, and both the pixels and their spectrum are to be predicted. Nothing in it needs
 * a transformer.
 *
 * @module
 */
import { featureMap, type MapBackbone, strideOf } from "../backbones/feature_map.ts";
import type { Tensor } from "../engine/mod.ts";
import { pixelShuffleHead } from "../heads/pixel_shuffle_head.ts";
import {
  a2mimFocalFrequency,
  type BlendOptions,
  blendUnmasked,
  focalFrequencyLoss,
  frequencyRegression,
} from "../losses/frequency.ts";
import { maskedRegression, type MaskedRegressionOptions } from "../losses/regression.ts";
import { fillMasked } from "../maskers/fill.ts";
import type { Mask } from "../maskers/mask.ts";
import { maskMap } from "../nn/mask_map.ts";
import type { Scope } from "../nn/scope.ts";
import { type MapMethodOutput, requireWholeMap } from "./map_output.ts";
import { type MaskToken, maskToken } from "./mask_token.ts";
import { whereMasked } from "./patch_pictures.ts";

/** The losses of A2MIM; the pixels' own is `regression`, over masked pixels. */
export interface A2mimLossOptions extends MaskedRegressionOptions {
  /** Without it there is no Fourier loss. */
  fourier?: BlendOptions & {
    /** λ */
    weight: number;
    /** The focal frequency loss, or `regression` of the spectra. */
    focal: boolean;
    /** Of the latter: weights each frequency by its own loss. Default: false. */
    reweight?: boolean;
  };
}

/** The shape of an A2MIM. */
export interface A2mimConfiguration extends A2mimLossOptions {
  backbone: MapBackbone;
  token: MaskToken;
  /** Fills masked pixels with the image's mean colour. Default: true. */
  fill?: boolean;
  /** Predicts the difference from the image's mean colour. Default: false. */
  residual?: boolean;
}

/** The parts of A2MIM's loss, scalars. */
export interface A2mimLosses {
  /** spatial + λ · fourier */
  loss: Tensor;
  spatial: Tensor;
  /** Before its weight. */
  fourier?: Tensor;
}

/** The result of a forward pass. */
export interface A2mimOutput extends MapMethodOutput {
  losses: A2mimLosses;
}

/**
 * The losses of A2MIM (section 4) between images `(B, H, W, C)`.
 *
 * @param masked 1 for masked pixels, `(B, H, W, 1)`, from `maskMap`.
 *
 * @example
 * ```ts
 * import { a2mimLosses } from "./a2mim.ts";
 * import { tf } from "../engine/mod.ts";
 * const [grey, white] = [tf.fill([1, 4, 4, 3], 0.5), tf.ones([1, 4, 4, 3])];
 * const fourier = { weight: 0.5, focal: true };
 * const { loss } = a2mimLosses(grey, white, tf.ones([1, 4, 4, 1]), { fourier });
 * console.log(loss.dataSync()[0]!.toFixed(3)); // 0.625
 * ```
 */
export function a2mimLosses(
  prediction: Tensor,
  target: Tensor,
  masked: Tensor,
  { fourier: options, ...spatialOptions }: A2mimLossOptions,
): A2mimLosses {
  // L_spatial = ‖(x̂ - x) · M‖₁ / Ω(M), in CNNs each pixel weighted by its own error
  const spatial = maskedRegression(prediction, target, masked, spatialOptions);
  if (options === undefined) return { loss: spatial, spatial };
  const { weight, focal, reweight, ...blend } = options;
  // L_frequency = mean of ω(u, v) |F(x̂ · M + detached · (1 - M)) - F(x)|²
  const blended = blendUnmasked(prediction, target, masked, blend);
  const fourier = focal
    ? focalFrequencyLoss(blended, target, a2mimFocalFrequency)
    : frequencyRegression(blended, target, {
      ...(spatialOptions.regression && { regression: spatialOptions.regression }),
      ...(reweight !== undefined && { reweight }),
    });
  return { loss: spatial.add(fourier.mul(weight)), spatial, fourier };
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
 * import { a2mim } from "./a2mim.ts";
 * import { simmimVitVariant } from "../backbones/vit.ts";
 * import { randomKey } from "../engine/mod.ts";
 * import { blockMask } from "../maskers/block.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const options = { batch: 1, rows: 14, columns: 14, cell: 2, maskRatio: 0.6 };
 * const specifications = describeParameters((scope, input) => {
 *   const images = input({ shape: [1, 224, 224, 3] });
 *   a2mim(scope, images, blockMask(randomKey(0), options), {
 *     backbone: { kind: "vit", ...simmimVitVariant("B/16", 224) },
 *     token: { kind: "add", layer: 0 },
 *     fourier: { weight: 0.1, focal: true, replacement: "mixed" },
 *   });
 * });
 * console.log(specifications.get("neck.decoder_pred.0.weight")!.shape); // [ 1, 1, 768, 768 ]
 * ```
 */
export function a2mim(
  scope: Scope,
  images: Tensor,
  mask: Mask,
  configuration: A2mimConfiguration,
): A2mimOutput {
  const { backbone, token: placed, fill = true, residual = false, ...options } =
    configuration;
  requireWholeMap(images, backbone);
  const [, rows, columns, channels] = images.shape as [number, number, number, number];
  const masked = maskMap(mask.mask, { rows, columns });
  const encoder = scope.at("backbone");

  // Section 4: the image's mean colour in masked pixels, x · (1 - M) + mean(x) · M, and the token
  // in the masked features of layer k, z + T · M.
  const token = maskToken(encoder, images, mask, backbone, placed);
  const input = fill ? fillMasked(images, mask.mask) : images;
  const { map, stages } = featureMap(encoder, input, backbone, token.between);
  const head = { stride: strideOf(backbone), channels };
  const predicted = pixelShuffleHead(scope.at("neck.decoder_pred.0"), map, head);
  const prediction = residual ? predicted.add(images.mean([1, 2], true)) : predicted;

  // L = L_spatial + λ L_frequency
  const losses = a2mimLosses(prediction, images, masked, options);
  return {
    loss: losses.loss,
    losses,
    prediction,
    target: images,
    mask,
    latent: map,
    stages,
    token: token.sight(),
    pictures: () => ({
      input,
      reconstruction: whereMasked(images, prediction, mask.mask),
    }),
  };
}
