/**
 * Layer normalisation (Ba, Kiros & Hinton 2016).
 *
 * @module
 */
import { fused, type Tensor } from "../engine/mod.ts";
import { ones, zeros } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/** `x` with mean 0 and variance 1 over its last axis, times `weight`, plus `bias`. */
export function normalize(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  epsilon: number,
): Tensor {
  return fused(`layerNorm ${epsilon}`, ([x, weight, bias]) => {
    const centred = x!.sub(x!.mean(-1, true));
    const scale = centred.square().mean(-1, true).add(epsilon).rsqrt();
    return [centred.mul(scale).mul(weight!).add(bias!)];
  }, [x, weight, bias])[0]!;
}

/**
 * Normalises over the last axis: `(…, D)` → `(…, D)`.
 *
 * @param scope holds `weight` and `bias`, both `[D]`.
 * @param epsilon added to the variance: 1e-6 in the ViTs here, 1e-5 in CLIP.
 *
 * @example
 * ```ts
 * import { layerNorm } from "./layer_norm.ts";
 * import { scope } from "./scope.ts";
 * import { tf } from "../engine/mod.ts";
 * const layer = scope({ weight: tf.ones([2]), bias: tf.zeros([2]) });
 * console.log(layerNorm(layer, tf.tensor2d([[1, 3]]), 1e-6).dataSync()); // about [ -1, 1 ]
 * ```
 */
export function layerNorm(scope: Scope, x: Tensor, epsilon = 1e-6): Tensor {
  const width = x.shape.at(-1)!;
  const weight = scope.parameter("weight", [width], { initial: ones });
  const bias = scope.parameter("bias", [width], { initial: zeros });
  return normalize(x, weight, bias, epsilon);
}
