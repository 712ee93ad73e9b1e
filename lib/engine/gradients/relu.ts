/**
 * The gradient of ReLU. tfjs multiplies with a step function, which TensorFlow computes with four
 * passes over the data; TensorFlow's own operation makes one.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { AttributeKind } from "../attributes.ts";
import { DataType } from "../dtypes.ts";
import { type NodeBackend, setKernel } from "../kernels/kernel.ts";
import { addGradient, single } from "./gradient.ts";

type Inputs = { gradients: tf.TensorInfo; features: tf.TensorInfo };

/** Registers it, in place of tfjs's. */
export function registerReluGradient(): void {
  const name = "ReluGrad";
  /** dy where the result y of ReLU is above 0, 0 elsewhere. */
  const masked = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor =>
    tf.engine().runKernel(name, { gradients: dy, features: y }) as tf.Tensor;
  setKernel<Inputs, unknown>(
    name,
    ({ inputs: { gradients, features }, backend }) =>
      (backend as NodeBackend).executeSingleOutput(
        name,
        [{ name: "T", type: AttributeKind.type, value: DataType.float32 }],
        [gradients, features],
      ),
  );
  tf.unregisterGradient(tf.Relu);
  addGradient(tf.Relu, {
    outputsToSave: [true],
    compute: (dy, [y]) => ({ x: () => masked(single(dy), y!) }),
  });
  addGradient(name, {
    inputsToSave: ["features"],
    compute: (dy, [y]) => ({
      gradients: () => masked(single(dy), y!),
      features: () => tf.zerosLike(y!),
    }),
  });
}
