/**
 * Classifiers on a ViT: how its tokens become one feature, and the feature becomes logits.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { truncatedNormal } from "../nn/initializers.ts";
import { layerNorm } from "../nn/layer_norm.ts";
import { linear } from "../nn/linear.ts";
import type { Scope } from "../nn/scope.ts";

/**
 * How tokens become one feature. `class-token`: norm, then the class token. `patches`: the mean of
 * the patches, then fc_norm (MAE's global pool). `all-tokens`: the mean with the class token, then
 * fc_norm (MILAN's `global_pool_wcls`).
 */
export type Pooling = "class-token" | "patches" | "all-tokens";

/**
 * The feature of each image: `(B, 1 + N, D)` → `(B, D)`.
 *
 * @param tokens a ViT's output before any norm.
 *
 * @example
 * ```ts
 * import { pool } from "./classifier.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   pool(scope, input({ shape: [1, 5, 8] }), "patches")
 * );
 * console.log([...specifications.keys()]); // [ "fc_norm.weight", "fc_norm.bias" ]
 * ```
 */
export function pool(
  scope: Scope,
  tokens: Tensor,
  pooling: Pooling,
  epsilon = 1e-6,
): Tensor {
  const [, length] = tokens.shape as [number, number, number];
  switch (pooling) {
    case "class-token": {
      const [classToken] = tf.split(tokens, [1, length - 1], 1) as [Tensor, Tensor];
      // The norm is per token: only the class token's is needed.
      return layerNorm(scope.at("norm"), classToken.squeeze([1]), epsilon);
    }
    case "patches":
      return layerNorm(scope.at("fc_norm"), tokens.slice([0, 1]).mean(1), epsilon);
    case "all-tokens":
      return layerNorm(scope.at("fc_norm"), tokens.mean(1), epsilon);
  }
}

/**
 * Logits of each class: `(B, D)` → `(B, classes)`.
 *
 * @param scope holds `head`, drawn small as in MAE's fine-tuning.
 */
export function classifier(scope: Scope, features: Tensor, classes: number): Tensor {
  return linear(scope.at("head"), features, classes, { initial: truncatedNormal(2e-5) });
}
