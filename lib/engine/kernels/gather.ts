/**
 * `gather` without a look at its indices: tfjs-node copies them to the host at every call, which
 * stalls, and which a traced function cannot do.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { AttributeKind } from "../attributes.ts";
import { type NodeBackend, setKernel } from "./kernel.ts";

type Inputs = { x: tf.TensorInfo; indices: tf.TensorInfo };
type Attributes = { axis: number; batchDims?: number };

/** Indices that JavaScript still holds are checked here; TensorFlow checks all on a CPU. */
function checkHostIndices(
  backend: NodeBackend,
  indices: tf.TensorInfo,
  length: number,
): void {
  const values = backend.tensorMap.get(indices.dataId)?.values ?? [];
  for (let position = 0; position < values.length; position++) {
    const index = values[position]!;
    if (!(index >= 0 && index < length)) {
      throw new Error(`GatherV2: the index value ${index} is not in [0, ${length - 1}]`);
    }
  }
}

/** Registers the kernel. */
export function registerGather(): void {
  setKernel<Inputs, Attributes>(
    tf.GatherV2,
    ({ inputs: { x, indices }, attrs, backend }) => {
      const { axis, batchDims = 0 } = attrs;
      checkHostIndices(backend, indices, x.shape[axis]!);
      // It throws when the shapes do not fit.
      tf.backend_util.segment_util.collectGatherOpShapeInfo(
        ...[x as tf.Tensor, indices as tf.Tensor, axis, batchDims] as const,
      );
      const axisTensor = tf.scalar(axis, "int32");
      const result = backend.executeSingleOutput("GatherV2", [
        { name: "batch_dims", type: AttributeKind.int, value: batchDims },
      ], [x, indices, axisTensor]);
      axisTensor.dispose();
      return result;
    },
  );
}
