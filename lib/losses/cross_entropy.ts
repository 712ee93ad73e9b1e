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

/**
 * Labels `(B)` int32 as `(B, classes)`, with `smoothing` spread over all classes: the right one has
 * `1 − s + s/C`, the others `s/C` (timm; openmixup's and mmpretrain's "original" label smoothing).
 */
export function softTargets(labels: Tensor, classes: number, smoothing = 0): Tensor {
  const exact = tf.cast(tf.oneHot(labels.as1D().toInt(), classes), "float32");
  return smoothing === 0 ? exact : exact.mul(1 - smoothing).add(smoothing / classes);
}

/**
 * The smoothing that gives ClassyVision's targets, `(onehot + s/C) / (1 + s)`, from
 * {@linkcode softTargets}: openmixup's and mmpretrain's "classy_vision" label smoothing.
 *
 * @example
 * ```ts
 * import { classySmoothing } from "./cross_entropy.ts";
 * console.log(classySmoothing(0.25)); // 0.2
 * ```
 */
export function classySmoothing(smoothing: number): number {
  return smoothing / (1 + smoothing);
}

/** Two labels for each image of a batch that was mixed from two. */
export interface MixedLabels {
  /** `(B)` int32 */
  labels: Tensor;
  /** Those of the partners, `(B)` int32. */
  otherLabels: Tensor;
  /** The share of the first: a scalar, or `(B)`. */
  lambda: Tensor;
}

/**
 * Targets of mixed images, `λ·y + (1−λ)·y'` `(B, classes)`: with them, any loss that is linear in
 * its target equals the mix of the losses for both labels.
 *
 * @example
 * ```ts
 * import { mixedTargets } from "./cross_entropy.ts";
 * import { tf } from "../engine/mod.ts";
 * const labels = tf.tensor1d([0], "int32");
 * const otherLabels = tf.tensor1d([1], "int32");
 * const targets = mixedTargets({ labels, otherLabels, lambda: tf.scalar(0.75) }, 2);
 * console.log(targets.dataSync()); // Float32Array(2) [ 0.75, 0.25 ]
 * ```
 */
export function mixedTargets(
  { labels, otherLabels, lambda }: MixedLabels,
  classes: number,
  smoothing = 0,
): Tensor {
  const share = lambda.shape.length === 0 ? lambda : lambda.expandDims(-1);
  const first = softTargets(labels, classes, smoothing).mul(share);
  const second = softTargets(otherLabels, classes, smoothing);
  return first.add(second.mul(tf.sub(1, share)));
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
