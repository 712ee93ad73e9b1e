/**
 * Runs operations that want 64-bit integers, which tfjs does not know: its 32-bit ones are widened
 * on the way in and narrowed on the way out.
 *
 * @module
 */
import type { TensorInfo } from "@tensorflow/tfjs";
import { type Attribute, AttributeKind } from "../attributes.ts";
import { binding } from "../binding.ts";
import { DataType } from "../dtypes.ts";
import type { TensorMetadata } from "../handles.ts";
import type { NodeBackend } from "./kernel.ts";

function cast(id: number, dataType: number): TensorMetadata {
  const attribute = { name: "DstT", type: AttributeKind.type, value: dataType };
  return binding.executeOp("Cast", [attribute], [id], 1)[0]!;
}

/** Runs an operation; `wide` holds the positions of the inputs that are to be of int64. */
export function executeWithWideIntegers(
  backend: NodeBackend,
  operation: string,
  attributes: readonly Attribute[],
  inputs: readonly TensorInfo[],
  outputCount: number,
  wide: readonly number[] = [],
): TensorInfo[] {
  const widened: number[] = [];
  try {
    const ids = backend.getInputTensorIds(inputs).map((id, position) => {
      if (!wide.includes(position)) return id;
      const { id: wideId } = cast(id, DataType.int64);
      widened.push(wideId);
      return wideId;
    });
    return binding.executeOp(operation, attributes, ids, outputCount).map((result) => {
      if (result.dtype !== DataType.int64) return backend.createOutputTensor(result);
      const narrow = cast(result.id, DataType.int32);
      binding.deleteTensor(result.id);
      return backend.createOutputTensor(narrow);
    });
  } finally {
    widened.forEach(binding.deleteTensor);
  }
}
