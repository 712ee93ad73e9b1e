/**
 * Operations that are constant almost everywhere: zero gradients, so that masks may be computed
 * from what is differentiated, as in `where(greater(x, 0), …)`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { addGradient, noGradient } from "./gradient.ts";

/** Registers them. */
export function registerComparisonGradients(): void {
  const binary = [
    ...[tf.Greater, tf.Less, tf.LessEqual, tf.Equal, tf.NotEqual],
    ...[tf.LogicalAnd, tf.LogicalOr],
  ];
  for (const kernelName of binary) {
    addGradient(kernelName, {
      inputsToSave: ["a", "b"],
      compute: (_, [a, b]) => ({ a: noGradient(a!), b: noGradient(b!) }),
    });
  }
  for (const kernelName of [tf.LogicalNot, tf.Any, tf.All]) {
    addGradient(kernelName, {
      inputsToSave: ["x"],
      compute: (_, [x]) => ({ x: noGradient(x!) }),
    });
  }
}
