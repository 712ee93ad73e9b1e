/**
 * `scatterND` with indices of one axis, which tfjs takes for indices of the first axis and
 * TensorFlow for a single one.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { nodeKernel, setKernel } from "./kernel.ts";

type Inputs = { indices: tf.TensorInfo; updates: tf.TensorInfo };
type Attributes = { shape: number[] };

/** Registers the kernel. */
export function registerScatter(): void {
  const scatterRows = nodeKernel<Inputs, Attributes>(tf.ScatterNd);
  setKernel<Inputs, Attributes>(tf.ScatterNd, (given) => {
    const { indices, updates } = given.inputs;
    if (indices.shape.length !== 1) return scatterRows(given);
    return tf.tidy(() => {
      const rows = tf.expandDims(indices as tf.Tensor, 1);
      return scatterRows({ ...given, inputs: { indices: rows, updates } }) as tf.Tensor;
    });
  });
}
