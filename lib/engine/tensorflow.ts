/**
 * `tf`: TensorFlow.js with TensorFlow's C library behind it, through the kernels of
 * npm:@tensorflow/tfjs-node-gpu and this engine's binding instead of the package's native addon.
 *
 * @module
 */
import "./node_util_shim.ts";
import * as tfjs from "@tensorflow/tfjs";
import "@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js";
import { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js";
import type { Attribute } from "./attributes.ts";
import { binding } from "./binding.ts";
import { refuseBooleanGradients } from "./boolean_gradients.ts";
import type { TensorMetadata } from "./handles.ts";
import { registerGradients } from "./gradients/mod.ts";
import { registerKernels } from "./kernels/mod.ts";

/** TensorFlow.js, running on TensorFlow's C library. */
export const tf: typeof tfjs = tfjs;
/** A tensor of TensorFlow.js. */
export type Tensor = tfjs.Tensor;

/** The parts of tfjs-node's backend that its type declarations keep private. */
interface Backend {
  getInputTensorIds(tensors: tfjs.TensorInfo[]): number[];
  createOutputTensor(metadata: TensorMetadata): Tensor;
  tensorMap: { get(dataId: object): { values: unknown; id: number } | undefined };
}

registerKernels();
refuseBooleanGradients();
registerGradients();

const name = "tensorflow";
tf.registerBackend(
  name,
  // deno-lint-ignore no-explicit-any -- the addon's type has members that no kernel uses
  () => new NodeJSKernelBackend(binding as any, "@tensorflow/tfjs-node-gpu"),
  3,
);
tf.setBackend(name);

const backend = tf.backend() as unknown as Backend;

/** The numbers of tensors in the engine's table; values that tfjs still holds are copied there. */
export function tensorIds(tensors: readonly Tensor[]): number[] {
  return backend.getInputTensorIds(tensors as Tensor[]);
}

/** A tfjs tensor for a number of the engine's table. */
export function tensorFor(metadata: TensorMetadata): Tensor {
  return backend.createOutputTensor(metadata);
}

/**
 * Runs any TensorFlow operation by name, for what tfjs has no function for. It has no gradient:
 * wrap it in `tf.customGrad` where one is needed.
 *
 * @throws {Error} when the operation, an attribute or an input is not what TensorFlow expects.
 *
 * @example
 * ```ts
 * import { execute, tf } from "./tensorflow.ts";
 * const [sorted] = execute("TopKV2", [tf.tensor1d([1, 3, 2]), tf.scalar(3, "int32")], [], 2);
 * console.log(sorted!.dataSync()); // Float32Array [ 3, 2, 1 ]
 * ```
 */
export function execute(
  operation: string,
  inputs: readonly Tensor[],
  attributes: readonly Attribute[],
  outputCount = 1,
): Tensor[] {
  return binding.executeOp(operation, attributes, tensorIds(inputs), outputCount).map(
    tensorFor,
  );
}
