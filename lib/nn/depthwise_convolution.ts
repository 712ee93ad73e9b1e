/**
 * Depthwise convolution: each channel has a filter of its own.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { truncatedNormal, zeros } from "./initializers.ts";
import type { Scope } from "./scope.ts";

type Map = ReturnType<typeof tf.tensor4d>;

/** Options of {@linkcode depthwiseConvolution}. */
export interface DepthwiseConvolutionOptions {
  /** Rows and columns of a filter, an odd number. */
  size: number;
  /** Default: true. */
  bias?: boolean;
}

/**
 * Convolves every channel with its own filter, with zeros around the map: `(B, h, w, C)` →
 * `(B, h, w, C)`.
 *
 * @param scope holds `weight` `[size, size, C, 1]` and `bias` `[C]`.
 * @throws {Error} when the input is no map, or the size is not odd.
 *
 * @example
 * ```ts
 * import { depthwiseConvolution } from "./depthwise_convolution.ts";
 * import { scope } from "./scope.ts";
 * import { tf } from "../engine/mod.ts";
 * const layer = scope({ weight: tf.ones([3, 3, 2, 1]), bias: tf.zeros([2]) });
 * const sums = depthwiseConvolution(layer, tf.ones([1, 2, 2, 2]), { size: 3 });
 * console.log(sums.shape, sums.dataSync()[0]); // [ 1, 2, 2, 2 ] 4
 * ```
 */
export function depthwiseConvolution(
  scope: Scope,
  x: Tensor,
  { size, bias = true }: DepthwiseConvolutionOptions,
): Tensor {
  if (x.shape.length !== 4) {
    throw new Error(`A depthwise convolution takes maps (B, h, w, C), got [${x.shape}]`);
  }
  if (!Number.isInteger(size) || size < 1 || size % 2 === 0) {
    throw new Error(`A depthwise filter has an odd size such as 7, got ${size}`);
  }
  const channels = x.shape[3]!;
  const filters = scope.parameter("weight", [size, size, channels, 1], {
    initial: truncatedNormal(0.02),
    layout: "depthwise",
  });
  const y = tf.depthwiseConv2d(x as Map, filters as Map, 1, "same");
  return bias ? y.add(scope.parameter("bias", [channels], { initial: zeros })) : y;
}
