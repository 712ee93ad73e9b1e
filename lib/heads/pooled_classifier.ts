/**
 * The classifier of convolutional models: a linear layer on the pooled feature.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { normal } from "../nn/initializers.ts";
import { linear } from "../nn/linear.ts";
import type { Scope } from "../nn/scope.ts";

/**
 * Logits of each class: `(B, C)` → `(B, classes)`.
 *
 * @param scope holds `fc` (openmixup's name, under `head`), drawn as openmixup does.
 *
 * @example
 * ```ts
 * import { pooledClassifier } from "./pooled_classifier.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   pooledClassifier(scope.at("head"), input({ shape: [1, 2048] }), 10)
 * );
 * console.log([...specifications.keys()]); // [ "head.fc.weight", "head.fc.bias" ]
 * ```
 */
export function pooledClassifier(scope: Scope, pooled: Tensor, classes: number): Tensor {
  return linear(scope.at("fc"), pooled, classes, { initial: normal(0.01) });
}
