/**
 * What a method did to images, as plain arrays for pictures: the masked input, the reconstruction
 * with its patches' own brightness and contrast put back, and the error of every patch.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { patchStatistics } from "../losses/pixel.ts";
import type { MethodOutput } from "../methods/method.ts";
import { patchify, unpatchify } from "../nn/patch_embed.ts";

/** Options of {@linkcode reconstruct}. */
export interface ReconstructOptions {
  patchSize: number;
  /** Whether the targets were normalised patch by patch. */
  normalizePixels: boolean;
  /** How the images were normalised, to undo it. */
  mean: readonly number[];
  std: readonly number[];
}

/** Pixels `(B, H, W, C)` in 0 … 1 from normalised ones. */
function toPixels(images: Tensor, { mean, std }: ReconstructOptions): Tensor {
  return images.mul(tf.tensor1d([...std])).add(tf.tensor1d([...mean])).clipByValue(0, 1);
}

/**
 * The reconstruction of a pixel method, `(B, H, W, C)` in 0 … 1: predicted where patches were
 * removed, the original where they were visible.
 *
 * @param images `(B, H, W, C)`, normalised.
 */
export function reconstruct(
  images: Tensor,
  { prediction, mask }: Pick<MethodOutput, "prediction" | "mask">,
  options: ReconstructOptions,
): Tensor {
  const { patchSize, normalizePixels } = options;
  const [, height, width] = images.shape as [number, number, number, number];
  const grid = { rows: height / patchSize, columns: width / patchSize, patchSize };
  const original = patchify(images, patchSize);
  const { mean, deviation } = patchStatistics(original);
  const predicted = normalizePixels ? prediction.mul(deviation).add(mean) : prediction;
  const removed = mask.mask.expandDims(-1); // (B, N, 1)
  const patches = predicted.mul(removed).add(original.mul(tf.sub(1, removed)));
  return toPixels(unpatchify(patches, grid), options);
}
