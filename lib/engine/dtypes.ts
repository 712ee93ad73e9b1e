/**
 * TensorFlow's element types (tensorflow/core/framework/types.proto) and their JavaScript arrays.
 *
 * @module
 */

/** TensorFlow's number for each element type that the engine handles. */
export const DataType = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  int16: 5,
  int8: 6,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  uint16: 17,
  float16: 19,
  resource: 20,
  variant: 21,
  uint32: 22,
  uint64: 23,
} as const;

/** The name of an element type, such as "float32". */
export type DataTypeName = keyof typeof DataType;

interface Storage {
  readonly name: DataTypeName;
  /** Bytes of one element; 0 for types that own memory elsewhere. */
  readonly bytes: number;
}

const bytesOf: Record<DataTypeName, number> = {
  float32: 4,
  float64: 8,
  int32: 4,
  uint8: 1,
  int16: 2,
  int8: 1,
  string: 0,
  complex64: 8,
  int64: 8,
  bool: 1,
  bfloat16: 2,
  uint16: 2,
  float16: 2,
  resource: 0,
  variant: 0,
  uint32: 4,
  uint64: 8,
};

const storageByCode = new Map<number, Storage>(
  Object.entries(DataType).map(([name, code]) => [
    code,
    { name: name as DataTypeName, bytes: bytesOf[name as DataTypeName] },
  ]),
);

/** The name of TensorFlow's type number, or "type 99" for one that the engine does not handle. */
export function dataTypeName(code: number): string {
  return storageByCode.get(code)?.name ?? `type ${code}`;
}

/** Whether the number is one of `DataType`. */
export function isDataType(code: unknown): code is number {
  return storageByCode.has(code as number);
}

/** Bytes of one element; throws for types without a plain layout. */
export function bytesPerElement(code: number): number {
  const storage = storageByCode.get(code);
  if (storage === undefined || storage.bytes === 0) {
    throw new Error(`A tensor of ${dataTypeName(code)} has no plain bytes`);
  }
  return storage.bytes;
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const length of shape) count *= length;
  return count;
}

// tfjs knows 6 axes. TensorFlow ends the process when an operation makes more than 254
// (TensorShape::MaxDimensions, tensorflow/core/framework/tensor_shape.h).
/** The most axes that a tensor may have. */
export const mostAxes = 64;

/**
 * Why TensorFlow could not take a shape, or undefined when it can. It ends the process on a shape
 * with too many axes or elements. `smallest` is -1 where an unknown length may stand, else 0.
 */
export function shapeProblem(
  shape: readonly unknown[],
  smallest: 0 | -1,
): string | undefined {
  if (shape.length > mostAxes) return `at most ${mostAxes} axes, got ${shape.length}`;
  let count = 1;
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || (length as number) < smallest) {
      return `whole numbers from ${smallest}, got [${shape.map(String)}]`;
    }
    count *= Math.max(1, length as number);
  }
  return count > Number.MAX_SAFE_INTEGER
    ? `at most ${Number.MAX_SAFE_INTEGER} elements, got [${shape.map(String)}]`
    : undefined;
}

/** Values as tfjs holds them: numbers, or one byte array for each string. */
export type TensorValues =
  | Float32Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint16Array
  | Float64Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** The typed array over a tensor's bytes; complex64 is pairs of float32, bfloat16 its raw bits. */
export function typedArray(code: number, bytes: ArrayBuffer): TensorValues {
  switch (code) {
    case DataType.float32:
    case DataType.complex64:
      return new Float32Array(bytes);
    case DataType.float64:
      return new Float64Array(bytes);
    case DataType.int32:
      return new Int32Array(bytes);
    case DataType.uint32:
      return new Uint32Array(bytes);
    case DataType.int64:
      return new BigInt64Array(bytes);
    case DataType.uint64:
      return new BigUint64Array(bytes);
    case DataType.bfloat16:
    case DataType.float16:
    case DataType.uint16:
      return new Uint16Array(bytes);
    case DataType.int16:
      return new Int16Array(bytes);
    case DataType.int8:
      return new Int8Array(bytes);
    case DataType.bool:
    case DataType.uint8:
      return new Uint8Array(bytes);
    default:
      throw new Error(`A tensor of ${dataTypeName(code)} cannot be read as numbers`);
  }
}

/**
 * Numbers of any kind as the typed array of an element type (what tfjs leaves to its backend). Types
 * that JavaScript has no numbers for are taken as raw bits: int64 and uint64 as 64-bit integers or
 * pairs of 32-bit ones with the low half first (as tfjs does), bfloat16 and float16 as Uint16Array.
 */
export function toTypedArray(code: number, values: ArrayLike<number>): TensorValues {
  switch (code) {
    case DataType.float32:
    case DataType.complex64:
      return values instanceof Float32Array ? values : Float32Array.from(values);
    case DataType.int32:
      return values instanceof Int32Array ? values : Int32Array.from(values);
    case DataType.uint32:
      return values instanceof Uint32Array ? values : Uint32Array.from(values);
    case DataType.float64:
      return values instanceof Float64Array ? values : Float64Array.from(values);
    case DataType.bool:
    case DataType.uint8:
      return values instanceof Uint8Array ? values : Uint8Array.from(values);
    case DataType.int16:
      return values instanceof Int16Array ? values : Int16Array.from(values);
    case DataType.int8:
      return values instanceof Int8Array ? values : Int8Array.from(values);
    case DataType.uint16:
      return values instanceof Uint16Array ? values : Uint16Array.from(values);
    case DataType.bfloat16:
    case DataType.float16:
      if (values instanceof Uint16Array) return values;
      break;
    case DataType.int64:
    case DataType.uint64: {
      const raw: unknown = values;
      if (raw instanceof BigInt64Array || raw instanceof BigUint64Array) return raw;
      if (raw instanceof Int32Array || raw instanceof Uint32Array) return raw;
      break;
    }
  }
  throw new Error(`These values cannot become a tensor of ${dataTypeName(code)}`);
}
