/**
 * Pooling of feature maps.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { type FeatureMap, requireWindow } from "./convolution.ts";

/** Options of {@linkcode maxPool}. */
export interface MaxPoolOptions {
  /** Pixels of a side of the square window. */
  kernel: number;
  stride: number;
  /** Pixels on every side that never are the largest. Default: 0. */
  padding?: number;
}

/**
 * The largest value in each window: `(B, H, W, C)` → `(B, H', W', C)` with
 * H' = ⌊(H + 2 padding - kernel) / stride⌋ + 1, as PyTorch's MaxPool2d.
 *
 * @throws {Error} when the window does not fit, or padding is more than half of it (such a window could
 *   hold nothing but padding).
 *
 * @example
 * ```ts
 * import { maxPool } from "./pooling.ts";
 * import { tf } from "../engine/mod.ts";
 * const map = tf.tensor4d([-4, -3, -2, -1], [1, 2, 2, 1]);
 * console.log(maxPool(map, { kernel: 3, stride: 2, padding: 1 }).dataSync()); // [ -1 ]
 * ```
 */
export function maxPool(
  x: Tensor,
  { kernel, stride, padding = 0 }: MaxPoolOptions,
): Tensor {
  requireWindow(x, { kernel, stride, padding });
  if (padding > kernel / 2) {
    throw new Error(
      `Max pooling pads by at most half of its window of ${kernel}, got ${padding}`,
    );
  }
  const sides: [number, number] = [padding, padding];
  // XLA has no pooling with explicit padding.
  const padded = padding === 0 ? x : tf.pad(x, [[0, 0], sides, sides, [0, 0]], -Infinity);
  return tf.maxPool(padded as FeatureMap, kernel, stride, "valid");
}

/** The mean over all pixels: `(B, H, W, C)` → `(B, C)`. */
export function globalAveragePool(x: Tensor): Tensor {
  return x.mean([1, 2]);
}
