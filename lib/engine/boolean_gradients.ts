/**
 * The engine gives logical operations a gradient of zero, so that a mask made of comparisons does
 * not stop one. With respect to bools alone it would be a wrong answer: there tfjs must go on to say
 * that it has none.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

interface Differentiator {
  gradients(body: () => tf.Tensor, inputs: tf.Tensor[], ...others: unknown[]): unknown;
}

const logicalKernels = [tf.LogicalAnd, tf.LogicalOr, tf.LogicalNot];

/** Makes tfjs refuse to differentiate a logical operation with respect to bools. */
export function refuseBooleanGradients(): void {
  const engine = tf.engine() as unknown as Differentiator;
  const gradients = engine.gradients.bind(engine);
  engine.gradients = (body, inputs, ...others) => {
    if (!inputs.every(({ dtype }) => dtype === "bool")) {
      return gradients(body, inputs, ...others);
    }
    const hidden = logicalKernels.flatMap((name) => tf.getGradient(name) ?? []);
    for (const { kernelName } of hidden) tf.unregisterGradient(kernelName);
    try {
      return gradients(body, inputs, ...others);
    } finally {
      hidden.forEach(tf.registerGradient);
    }
  };
}
