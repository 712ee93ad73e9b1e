/**
 * The symmetric contrastive loss of CLIP (Radford et al. 2021, figure 3).
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";

/** Options of {@linkcode contrastiveLoss}. */
export interface ContrastiveOptions {
  /**
   * Which pairs belong together, `(B, B)` of zeros and ones with ones on the diagonal. For
   * captions that occur more than once in a batch: the target is then spread evenly over the
   * equal ones (UniCL, Yang et al. 2022). Default: only the diagonal.
   */
  matches?: Tensor;
}

/** Mean cross entropy of the rows of logits with the rows of targets. */
function rowCrossEntropy(logits: Tensor, matches: Tensor): Tensor {
  const targets = matches.div(matches.sum(1, true));
  return tf.logSoftmax(logits, 1).mul(targets).sum(1).mean().neg();
}

/**
 * The mean of the two cross entropies of finding each image's text and each text's image.
 *
 * @param logits similarities of image i and text j, `(B, B)`, already scaled.
 * @returns a scalar.
 * @throws {Error} when the logits are not square.
 *
 * @example
 * ```ts
 * import { contrastiveLoss } from "./contrastive.ts";
 * import { tf } from "../engine/mod.ts";
 * console.log(contrastiveLoss(tf.eye(2).mul(100)).dataSync()[0]); // 0
 * ```
 */
export function contrastiveLoss(
  logits: Tensor,
  { matches }: ContrastiveOptions = {},
): Tensor {
  const [rows, columns] = logits.shape;
  if (logits.shape.length !== 2 || rows !== columns) {
    throw new Error(
      `The contrastive loss needs one text per image: logits (B, B), got [${logits.shape}]`,
    );
  }
  const together = matches ?? tf.eye(rows!);
  return rowCrossEntropy(logits, together)
    .add(rowCrossEntropy(logits.transpose(), together.transpose()))
    .mul(0.5);
}
