/**
 * What a kernel of the engine's own looks like: one that replaces a kernel of tfjs-node, or that
 * tfjs-node lacks.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Attribute } from "../attributes.ts";
import type { TensorMetadata } from "../handles.ts";

/** The part of tfjs-node's backend that kernels use. */
export interface NodeBackend {
  executeSingleOutput(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
  ): tf.TensorInfo;
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(metadata: TensorMetadata): tf.TensorInfo;
  /** `values` is null once they live in TensorFlow's memory. */
  tensorMap: { get(dataId: object): { values: ArrayLike<number> | null } | undefined };
}

type Arguments<Inputs, Attributes> = {
  inputs: Inputs;
  attrs: Attributes;
  backend: NodeBackend;
};

/** Makes `compute` the kernel of that name, in place of tfjs-node's if it has one. */
export function setKernel<Inputs, Attributes>(
  name: string,
  compute: (given: Arguments<Inputs, Attributes>) => tf.TensorInfo | tf.TensorInfo[],
): void {
  const backendName = "tensorflow";
  if (tf.getKernel(name, backendName)) tf.unregisterKernel(name, backendName);
  tf.registerKernel({
    kernelName: name,
    backendName,
    kernelFunc: (given) => compute(given as unknown as Arguments<Inputs, Attributes>),
  });
}

/** The kernel of that name as tfjs-node has it. */
export function nodeKernel<Inputs, Attributes>(
  name: string,
): (given: Arguments<Inputs, Attributes>) => tf.TensorInfo {
  const { kernelFunc } = tf.getKernel(name, "tensorflow");
  return kernelFunc as unknown as (given: Arguments<Inputs, Attributes>) => tf.TensorInfo;
}
