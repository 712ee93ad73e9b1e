/**
 * Tensors on their way into a SavedModel's function, and out of it.
 *
 * @module
 */
import { AttributeKind } from "../attributes.ts";
import { binding } from "../binding.ts";
import { DataType, dataTypeName } from "../dtypes.ts";
import { adoptResult, deleteHandle, findHandle } from "../handles.ts";
import { check, native, status } from "../native.ts";
import { type Tensor, tensorFor, tensorIds } from "../tensorflow.ts";
import type { StoredSignature, StoredTensor } from "./read_signatures.ts";

/** What a signature takes or gives. */
export interface ServedTensor {
  /** TensorFlow's name of the element type, such as "float32". */
  dtype: string;
  /** `null` for an axis of any length. */
  shape: (number | null)[];
}

const { float32, int32 } = DataType;

/** The tfjs type that stands for one it lacks. */
const standIns = new Map<number, number>([
  ...[DataType.uint8, DataType.int8, DataType.uint16, DataType.int16, DataType.int64].map(
    (type) => [type, int32] as const,
  ),
  ...[DataType.float16, DataType.bfloat16, DataType.float64].map(
    (type) => [type, float32] as const,
  ),
]);

/** A tensor of a signature, for a reader. */
export function described({ dataType, shape }: StoredTensor): ServedTensor {
  return {
    dtype: dataTypeName(dataType),
    shape: shape.map((length) => length < 0 ? null : length),
  };
}

/** A tensor by number, cast. */
function cast(id: number, dataType: number): number {
  const to = { name: "DstT", type: AttributeKind.type, value: dataType };
  const from = {
    name: "SrcT",
    type: AttributeKind.type,
    value: findHandle(id)!.dataType,
  };
  return binding.executeOp("Cast", [from, to], [id], 1)[0]!.id;
}

/** The numbers of tensors to feed, in the signature's order; those made here are in `made`. */
export function idsToFeed(
  name: string,
  { inputs }: StoredSignature,
  given: Readonly<Record<string, Tensor>>,
  made: number[],
): number[] {
  const unknown = Object.keys(given).find((key) => !inputs.has(key));
  if (unknown !== undefined) {
    throw new Error(
      `"${name}" takes no "${unknown}", only ${[...inputs.keys()].join(", ")}`,
    );
  }
  return [...inputs].map(([key, tensor]) => {
    const value = given[key];
    if (value === undefined) throw new Error(`"${name}" needs the input "${key}"`);
    const { dtype, shape } = described(tensor);
    const [id] = tensorIds([value]);
    const { dataType } = findHandle(id!)!;
    const fits = value.shape.length === shape.length &&
      shape.every((length, axis) => length === null || length === value.shape[axis]);
    const isType = dataType === tensor.dataType ||
      dataType === standIns.get(tensor.dataType);
    if (!fits || !isType) {
      throw new Error(
        `The input "${key}" of "${name}" is ${dtype} [${
          shape.map((length) => length ?? "any").join()
        }], got ${value.dtype} [${value.shape}]`,
      );
    }
    if (dataType === tensor.dataType) return id!;
    made.push(cast(id!, tensor.dataType));
    return made.at(-1)!;
  });
}

/** A result as tfjs knows it; the native tensor is used up. */
export function resultOf(address: bigint): Tensor {
  const tensor = Deno.UnsafePointer.create(address);
  try {
    const pointer = native.TFE_NewTensorHandle(tensor, status);
    check("TensorFlow could not give a result");
    const result = adoptResult(pointer);
    const standIn = standIns.get(result.dtype);
    if (standIn === undefined) return tensorFor(result);
    try {
      return tensorFor({ ...result, id: cast(result.id, standIn), dtype: standIn });
    } finally {
      deleteHandle(result.id);
    }
  } finally {
    native.TF_DeleteTensor(tensor);
  }
}
