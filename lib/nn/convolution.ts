/**
 * Two-dimensional convolution, padded as PyTorch does it: the same on both sides.
 *
 * @module
 */
import { random, type Tensor, tf } from "../engine/mod.ts";
import { type Initializer, zeros } from "./initializers.ts";
import { product } from "./linear.ts";
import type { Scope } from "./scope.ts";

/** A feature map `(B, H, W, C)`, as tfjs's types have it. */
export type FeatureMap = ReturnType<typeof tf.tensor4d>;

/** Options of {@linkcode convolution}. */
export interface ConvolutionOptions {
  /** Channels of the result. */
  filters: number;
  /** Pixels of a side of the square kernel. */
  kernel: number;
  /** Default: 1. */
  stride?: number;
  /** Zero pixels on every side. Default: 0. */
  padding?: number;
  /** Default: true. */
  bias?: boolean;
  /** Default: {@linkcode kaimingNormal}. */
  initial?: Initializer;
}

/**
 * Normal with variance 2 / (outputs · kernel area): keeps the gradients' scale through ReLUs (He et
 * al. 2015, in the backward form that ResNets start from), for weights in HWIO.
 */
export const kaimingNormal: Initializer = (key, shape) => {
  const [height, width, , outputs] = shape as [number, number, number, number];
  const standardDeviation = Math.sqrt(2 / (height * width * outputs));
  return random.normal(key, shape, { standardDeviation });
};

/** Throws unless the window fits into the padded map. */
export function requireWindow(
  x: Tensor,
  { kernel, stride, padding }: { kernel: number; stride: number; padding: number },
): void {
  const whole = [kernel, stride].every((n) => Number.isInteger(n) && n >= 1) &&
    Number.isInteger(padding) && padding >= 0;
  if (!whole) {
    throw new Error(
      "Kernel, stride and padding must be whole numbers from 1, 1 and 0, got " +
        `${kernel}, ${stride} and ${padding}`,
    );
  }
  const [, height, width] = x.shape as number[];
  if (x.rank !== 4 || Math.min(height!, width!) + 2 * padding < kernel) {
    throw new Error(
      `A window of ${kernel}×${kernel} with padding ${padding} needs a map (B, H, W, C) of at ` +
        `least ${kernel - 2 * padding} pixels a side, got [${x.shape}]`,
    );
  }
}

/** A map's pixels under a kernel of one: every `stride`-th, no copy where it is all of them. */
function everyNth(x: Tensor, stride: number): Tensor {
  return stride === 1 ? x : x.stridedSlice([0, 0, 0, 0], x.shape, [1, stride, stride, 1]);
}

/** Padding by its name where the name means the same, since oneDNN's backward knows no other. */
function symmetric(
  { kernel, stride = 1, padding = 0 }: ConvolutionOptions,
): number | "same" {
  return stride === 1 && 2 * padding === kernel - 1 ? "same" : padding;
}

/**
 * Convolves: `(B, H, W, C)` → `(B, H', W', filters)` with H' = ⌊(H + 2 padding - kernel) / stride⌋ + 1.
 *
 * @param scope holds `weight` `[kernel, kernel, C, filters]` (HWIO) and `bias` `[filters]`.
 * @throws {Error} when the kernel does not fit into the map.
 *
 * @example
 * ```ts
 * import { convolution } from "./convolution.ts";
 * import { describeParameters } from "./scope.ts";
 * const specifications = describeParameters((scope, input) => {
 *   const options = { filters: 8, kernel: 3, stride: 2, padding: 1 };
 *   const y = convolution(scope.at("conv1"), input({ shape: [1, 32, 32, 3] }), options);
 *   console.log(y.shape); // [ 1, 16, 16, 8 ]
 * });
 * console.log(specifications.get("conv1.weight")!.shape); // [ 3, 3, 3, 8 ]
 * ```
 */
export function convolution(
  scope: Scope,
  x: Tensor,
  options: ConvolutionOptions,
): Tensor {
  const { filters, kernel, stride = 1, padding = 0, bias = true } = options;
  requireWindow(x, { kernel, stride, padding });
  const weight = scope.parameter("weight", [kernel, kernel, x.shape[3]!, filters], {
    initial: options.initial ?? kaimingNormal,
    layout: "convolution",
  });
  // A matrix product: on a CPU it takes a ResNet-50's step a fifth less processor time.
  const pointwise = kernel === 1 && padding === 0;
  const y: Tensor = pointwise
    ? product(everyNth(x, stride), weight.reshape([-1, filters]))
    : tf.conv2d(x as FeatureMap, weight as FeatureMap, stride, symmetric(options));
  return bias ? y.add(scope.parameter("bias", [filters], { initial: zeros })) : y;
}
