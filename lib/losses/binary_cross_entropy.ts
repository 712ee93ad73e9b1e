/**
 * Binary cross entropy for classification: every class is a yes-or-no question of its own, as the
 * "ResNet strikes back" recipes train (Wightman et al. 2021).
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";

/** Options of {@linkcode binaryCrossEntropy}. */
export interface BinaryCrossEntropyOptions {
  /**
   * `mean-classes` averages over batch and classes (timm); `sum-classes` averages over the batch
   * alone, which is larger by the number of classes (openmixup, timm's sum_classes).
   * Default: mean-classes.
   */
  reduction?: "mean-classes" | "sum-classes";
  /** Makes targets above it 1 and the others 0 (timm's target_threshold). Default: none. */
  threshold?: number;
}

/**
 * `softplus(z) − y·z` for each class, which is −y log σ(z) − (1−y) log(1 − σ(z)) without overflow.
 *
 * @param logits `(B, classes)`
 * @param targets from 0 to 1, `(B, classes)`, from labels by `softTargets` or `mixedTargets`.
 * @returns a scalar.
 * @throws {Error} when the two shapes differ.
 *
 * @example
 * ```ts
 * import { binaryCrossEntropy } from "./binary_cross_entropy.ts";
 * import { tf } from "../engine/mod.ts";
 * const loss = binaryCrossEntropy(tf.tensor2d([[0, 0]]), tf.tensor2d([[1, 0]]));
 * console.log(loss.dataSync()[0]!.toFixed(4)); // 0.6931
 * ```
 */
export function binaryCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  { reduction = "mean-classes", threshold }: BinaryCrossEntropyOptions = {},
): Tensor {
  if (logits.shape.join() !== targets.shape.join()) {
    throw new Error(
      "Binary cross entropy needs a target for every logit: logits are " +
        `[${logits.shape}], targets [${targets.shape}]`,
    );
  }
  const wanted = threshold === undefined
    ? targets
    : tf.cast(targets.greater(threshold), "float32");
  const losses = tf.softplus(logits).sub(wanted.mul(logits));
  return reduction === "mean-classes" ? losses.mean() : losses.sum(-1).mean();
}
