/**
 * `round`: TensorFlow 2.21's Round gives wrong integers, and whole numbers need no rounding.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { nodeKernel, setKernel } from "./kernel.ts";

type Inputs = { x: tf.TensorInfo };

/** Registers the kernel. */
export function registerRound(): void {
  const roundFloats = nodeKernel<Inputs, unknown>(tf.Round);
  setKernel<Inputs, unknown>(tf.Round, (given) => {
    const { x } = given.inputs;
    return x.dtype === "int32" ? tf.clone(x as tf.Tensor) : roundFloats(given);
  });
}
