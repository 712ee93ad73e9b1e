/**
 * What the layer-wise adaptive optimisers (LARS, LAMB) share: norms and their ratio.
 *
 * @module
 */
import { type Tensor, tf } from "../../engine/mod.ts";

/** The Euclidean norm of all elements. */
export function norm(values: Tensor): Tensor {
  return values.square().sum().sqrt();
}

/** `ratio` where both norms are positive, else 1. */
export function trusted(ratio: Tensor, norms: readonly [Tensor, Tensor]): Tensor {
  const positive = tf.logicalAnd(norms[0].greater(0), norms[1].greater(0));
  return tf.where(positive, ratio, tf.onesLike(ratio));
}
