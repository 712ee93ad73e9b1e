/**
 * The feature loss of MILAN (Hou et al. 2022, equation 3): the distance of two unit vectors.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";

/** Options of {@linkcode cosineLoss}. */
export interface CosineLossOptions {
  /** Norms are not taken smaller than this: 1e-12 in OpenMMLab's rewrite, 0 in the original. */
  smallestNorm?: number;
}

function unit(x: Tensor, smallestNorm: number): Tensor {
  const norm = x.square().sum(-1, true).sqrt();
  return x.div(smallestNorm > 0 ? norm.maximum(smallestNorm) : norm);
}

function cosines(a: Tensor, b: Tensor, smallestNorm: number): Tensor {
  return unit(a, smallestNorm).mul(unit(b, smallestNorm)).sum(-1);
}

/** 2 - 2 cos(prediction, target) of every token: `(B, 1 + N, D)` → `(B, 1 + N)`. */
export function cosineDistance(
  prediction: Tensor,
  target: Tensor,
  { smallestNorm = 0 }: CosineLossOptions = {},
): Tensor {
  return cosines(prediction, target, smallestNorm).mul(-2).add(2);
}

/**
 * 2 - 2 cos(prediction, target), averaged over all tokens, class token and visible patches included.
 *
 * @param prediction `(B, 1 + N, D)`
 * @param target `(B, 1 + N, D)`; it is normalised here.
 *
 * @example
 * ```ts
 * import { cosineLoss } from "./cosine.ts";
 * import { tf } from "../engine/mod.ts";
 * const a = tf.tensor3d([[[1, 0]]]);
 * console.log(cosineLoss(a, tf.tensor3d([[[0, 5]]])).dataSync()[0]); // 2
 * ```
 */
export function cosineLoss(
  prediction: Tensor,
  target: Tensor,
  { smallestNorm = 0 }: CosineLossOptions = {},
): Tensor {
  return cosines(prediction, target, smallestNorm).mean().mul(-2).add(2);
}
