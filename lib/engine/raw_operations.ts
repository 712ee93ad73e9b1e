/**
 * TensorFlow operations on bare tensor numbers, for element types that tfjs has no name for
 * (uint32, float64). Nothing frees such tensors but their owner: hence `drop`.
 *
 * @module
 */
import type { Attribute } from "./attributes.ts";
import { AttributeKind } from "./attributes.ts";
import { binding } from "./binding.ts";
import { DataType, type DataTypeName, toTypedArray } from "./dtypes.ts";

/** A tensor by its number in the engine's table, or in the open trace. */
export type Raw = number;

/** Runs (or records) an operation with one result. */
export function raw(
  operation: string,
  inputs: readonly Raw[],
  attributes: readonly Attribute[] = [],
): Raw {
  return binding.executeOp(operation, attributes, inputs, 1)[0]!.id;
}

/** Runs an operation on its first input, which it uses up. */
export function rawInPlaceOf(
  operation: string,
  used: Raw,
  others: readonly Raw[] = [],
  attributes: readonly Attribute[] = [],
): Raw {
  const result = raw(operation, [used, ...others], attributes);
  drop(used);
  return result;
}

/** Frees tensors. */
export function drop(...tensors: Raw[]): void {
  tensors.forEach(binding.deleteTensor);
}

/** A tensor of these values. */
export function rawConstant(
  dtype: DataTypeName,
  shape: number[],
  values: ArrayLike<number>,
): Raw {
  return binding.createTensor(
    shape,
    DataType[dtype],
    toTypedArray(DataType[dtype], values),
  );
}

/** An operation with one tensor and one number, such as a shift by 9. */
export function rawWithNumber(
  operation: string,
  used: Raw,
  dtype: DataTypeName,
  value: number,
): Raw {
  const number = rawConstant(dtype, [], [value]);
  const result = rawInPlaceOf(operation, used, [number]);
  drop(number);
  return result;
}

/** The same bits as another element type of the same size; uses its input up. */
export function reinterpret(used: Raw, dtype: DataTypeName): Raw {
  return rawInPlaceOf("Bitcast", used, [], [typeAttribute("type", dtype)]);
}

/** The same values as another element type; uses its input up. */
export function convert(used: Raw, dtype: DataTypeName): Raw {
  return rawInPlaceOf("Cast", used, [], [typeAttribute("DstT", dtype)]);
}

function typeAttribute(name: string, dtype: DataTypeName): Attribute {
  return { name, type: AttributeKind.type, value: DataType[dtype] };
}
