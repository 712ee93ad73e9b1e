/**
 * Cross entropy for classification.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";

/** log softmax over the last axis. */
export function logSoftmax(logits: Tensor): Tensor {
  const shifted = logits.sub(logits.max(-1, true));
  return shifted.sub(shifted.exp().sum(-1, true).log());
}

/** Labels `(B)` int32 as `(B, classes)`, with `smoothing` spread over all classes. */
export function softTargets(labels: Tensor, classes: number, smoothing = 0): Tensor {
  const exact = tf.cast(tf.oneHot(labels.as1D().toInt(), classes), "float32");
  return smoothing === 0 ? exact : exact.mul(1 - smoothing).add(smoothing / classes);
}

/**
 * Mean over the batch of -Σ target · log softmax(logits).
 *
 * @param logits `(B, classes)`
 * @param targets probabilities `(B, classes)`, from labels by {@linkcode softTargets}.
 *
 * @example
 * ```ts
 * import { crossEntropy, softTargets } from "./cross_entropy.ts";
 * import { tf } from "../engine/mod.ts";
 * const labels = tf.tensor1d([1], "int32");
 * const loss = crossEntropy(tf.tensor2d([[0, 0]]), softTargets(labels, 2));
 * console.log(loss.dataSync()[0]!.toFixed(4)); // 0.6931
 * ```
 */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  return logSoftmax(logits).mul(targets).sum(-1).mean().neg();
}
