/**
 * The linear layer.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { type Initializer, xavierUniform, zeros } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/** Options of {@linkcode linear}. */
export interface LinearOptions {
  /** Default: true. */
  bias?: boolean;
  initial?: Initializer;
}

/** Multiplies the last axis by a matrix: `(…, in) × [in, out]` → `(…, out)`. */
export function product(x: Tensor, weight: Tensor): Tensor {
  if (x.shape.length === 2) return tf.matMul(x, weight);
  const flat = x.reshape([-1, x.shape.at(-1)!]);
  return tf.matMul(flat, weight).reshape([...x.shape.slice(0, -1), weight.shape[1]!]);
}

/**
 * `x W + b` over the last axis: `(…, in)` → `(…, outputs)`.
 *
 * @param scope holds `weight` `[in, outputs]` and `bias` `[outputs]`.
 *
 * @example
 * ```ts
 * import { linear } from "./linear.ts";
 * import { scope } from "./scope.ts";
 * import { tf } from "../engine/mod.ts";
 * const layer = scope({ weight: tf.eye(2), bias: tf.tensor1d([1, 2]) });
 * console.log(linear(layer, tf.ones([1, 2]), 2).dataSync()); // Float32Array [ 2, 3 ]
 * ```
 */
export function linear(
  scope: Scope,
  x: Tensor,
  outputs: number,
  { bias = true, initial = xavierUniform }: LinearOptions = {},
): Tensor {
  const inputs = x.shape.at(-1)!;
  const weight = scope.parameter("weight", [inputs, outputs], {
    initial,
    layout: "linear",
  });
  const y = product(x, weight);
  return bias ? y.add(scope.parameter("bias", [outputs], { initial: zeros })) : y;
}
