/**
 * A mask over patches, in the forms that encoders, decoders and losses need.
 *
 * @module
 */
import { argsort, type Tensor, tf } from "../engine/mod.ts";

/** Which patches the encoder sees. */
export interface Mask {
  /** Patches that are kept, in the order in which the encoder sees them, `(B, K)` int32. */
  visible: Tensor;
  /** Patches that are removed, `(B, N - K)` int32. */
  removed: Tensor;
  /** Where each patch stands in [visible, removed], `(B, N)` int32. */
  restore: Tensor;
  /** 1 for removed patches, 0 for visible ones, `(B, N)` float32. */
  mask: Tensor;
}

/** Throws unless a mask with this ratio removes some patches and not all. */
export function requireMaskRatio(maskRatio: number): void {
  if (!(maskRatio > 0 && maskRatio < 1)) {
    throw new Error(`maskRatio must lie between 0 and 1, got ${maskRatio}`);
  }
}

/**
 * Number of patches kept of `length`.
 *
 * @throws {Error} when the ratio is not in (0, 1), or leaves no patch.
 */
export function keptCount(length: number, maskRatio: number): number {
  requireMaskRatio(maskRatio);
  const kept = Math.trunc(length * (1 - maskRatio));
  if (kept === 0) {
    throw new Error(
      `maskRatio ${maskRatio} leaves none of the ${length} patches: lower it`,
    );
  }
  return kept;
}

/**
 * Throws unless a mask is over the patches of images `(B, H, W, C)`.
 *
 * @throws {Error} that quotes both numbers.
 */
export function requireMaskOf(images: Tensor, mask: Mask, patchSize: number): void {
  const [, height, width] = images.shape as [number, number, number, number];
  const [rows, columns] = [height / patchSize, width / patchSize];
  const length = mask.mask.shape[1];
  if (length === rows * columns) return;
  throw new Error(
    `The mask is over ${length} patches, but an image of ${height}×${width} has ` +
      `${rows}×${columns} of ${patchSize} pixels: draw it for ${rows * columns}`,
  );
}

/**
 * The mask that keeps the first patches of an order.
 *
 * @param order a permutation of the patches for each image, `(B, N)` int32.
 *
 * @example
 * ```ts
 * import { maskFromOrder } from "./mask.ts";
 * import { tf } from "../engine/mod.ts";
 * const { mask } = maskFromOrder(tf.tensor2d([[2, 0, 1, 3]], [1, 4], "int32"), 0.5);
 * console.log(mask.dataSync()); // Float32Array [ 0, 1, 0, 1 ]
 * ```
 */
export function maskFromOrder(order: Tensor, maskRatio: number): Mask {
  const [batch, length] = order.shape as [number, number];
  const kept = keptCount(length, maskRatio);
  const restore = argsort(order);
  return {
    visible: order.slice([0, 0], [batch, kept]),
    removed: order.slice([0, kept], [batch, length - kept]),
    restore,
    mask: tf.cast(tf.greaterEqual(restore, tf.scalar(kept, "int32")), "float32"),
  };
}
