/**
 * A gradient of, or with respect to, a bool is an error. tfjs-core finds that out by the gradients
 * that its logical operations lack; the engine registers those, so that a mask made of comparisons
 * does not stop a gradient.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

interface Differentiator {
  gradients(body: () => tf.Tensor, inputs: tf.Tensor[], ...others: unknown[]): unknown;
}

/** Makes tfjs refuse to differentiate with respect to bools. */
export function refuseBooleanGradients(): void {
  const engine = tf.engine() as unknown as Differentiator;
  const gradients = engine.gradients.bind(engine);
  engine.gradients = (body, inputs, ...others) => {
    const position = inputs.findIndex(({ dtype }) => dtype === "bool");
    if (position >= 0) {
      throw new Error(
        `Input ${position} of the gradient is a bool, which has none: cast it to float32`,
      );
    }
    return gradients(body, inputs, ...others);
  };
}
