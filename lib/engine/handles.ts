/**
 * The table of tensors that live in TensorFlow: a number for JavaScript, a TFE_TensorHandle for
 * TensorFlow. Values are copied in and out here, and nowhere else.
 *
 * @module
 */
import {
  bytesPerElement,
  DataType,
  dataTypeName,
  elementCount,
  mostAxes,
  shapeProblem,
  type TensorValues,
  toTypedArray,
  typedArray,
} from "./dtypes.ts";
import { check, native, nativeBytes, type Pointer, status } from "./native.ts";

/** A tensor in TensorFlow's memory. */
export interface Handle {
  readonly pointer: Pointer;
  readonly shape: number[];
  readonly dataType: number;
}

/** A tensor as the tfjs backend knows it. */
export interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/** One string of a string tensor, as bytes. */
export type StringValues = Uint8Array[];

// sizeof(TF_TString), from tensorflow/core/platform/ctstring_internal.h.
const stringBytes = 24;

const handles = new Map<number, Handle>();
let nextId = 1;

/** A number that no tensor had before, for handles and for the symbols of a trace alike. */
export function newTensorId(): number {
  return nextId++;
}

/** Number of TensorFlow tensors alive. */
export function handleCount(): number {
  return handles.size;
}

/** The handle behind a number, or undefined if it was disposed or never was one. */
export function findHandle(id: number): Handle | undefined {
  return handles.get(id);
}

/** Takes over a native handle. */
export function adoptHandle(pointer: Pointer, shape: number[], dataType: number): number {
  const id = newTensorId();
  handles.set(id, { pointer, shape, dataType });
  return id;
}

/** Takes over a native handle of a shape that only TensorFlow knows. */
export function adoptResult(pointer: Pointer): TensorMetadata {
  const rank = native.TFE_TensorHandleNumDims(pointer, status);
  if (rank < 0 || rank > mostAxes) {
    native.TFE_DeleteTensorHandle(pointer);
    check("TensorFlow could not compute a result");
    throw new Error(`A result has ${rank} axes; the engine takes at most ${mostAxes}`);
  }
  const shape = new Array<number>(rank);
  for (let axis = 0; axis < rank; axis++) {
    shape[axis] = Number(native.TFE_TensorHandleDim(pointer, axis, status));
  }
  const dtype = native.TFE_TensorHandleDataType(pointer);
  return { id: adoptHandle(pointer, shape, dtype), shape, dtype };
}

/** Frees a tensor; a number that is no tensor is ignored, as tfjs disposes twice at times. */
export function deleteHandle(id: number): void {
  const handle = handles.get(id);
  if (handle === undefined) return;
  handles.delete(id);
  native.TFE_DeleteTensorHandle(handle.pointer);
}

/** A second handle on the same memory, which lives on when the first is disposed. */
export function shareHandle(id: number): number {
  const handle = handles.get(id);
  if (handle === undefined) throw new Error(`Tensor ${id} was disposed`);
  const pointer = native.TFE_TensorHandleCopySharingTensor(handle.pointer, status);
  check("TensorFlow could not share a tensor");
  return adoptHandle(pointer, handle.shape, handle.dataType);
}

/** A copy of the shape, which nothing can change between its check and its use. */
function requireShape(given: readonly number[]): number[] {
  if (!Array.isArray(given)) {
    throw new Error(`A tensor's shape must be an array, got ${inspect(given)}`);
  }
  const shape = given.slice();
  const problem = shapeProblem(shape, 0);
  if (problem !== undefined) throw new Error(`A tensor's shape takes ${problem}`);
  return shape;
}

function inspect(value: unknown): string {
  return Deno.inspect(value, { depth: 1, iterableLimit: 8, strAbbreviateSize: 60 });
}

/** A TF_Tensor of this shape with uninitialised bytes. */
function allocate(shape: number[], dataType: number, bytes: number): Pointer {
  const dimensions = BigInt64Array.from(shape, BigInt);
  const tensor = native.TF_AllocateTensor(
    dataType,
    dimensions,
    shape.length,
    BigInt(bytes),
  );
  if (tensor === null) {
    throw new Error(
      `Out of memory: no ${bytes} bytes for a ${
        dataTypeName(dataType)
      } tensor [${shape}]`,
    );
  }
  return tensor;
}

function stringTensor(shape: number[], given: ArrayLike<unknown>): Pointer {
  const count = elementCount(shape);
  const texts: Uint8Array<ArrayBuffer>[] = [];
  for (let index = 0; index < given.length && index <= count; index++) {
    const value = given[index];
    if (!(value instanceof Uint8Array)) {
      throw new Error(`A string tensor takes bytes, got ${inspect(value)} at ${index}`);
    }
    texts.push(new Uint8Array(value));
  }
  if (texts.length !== count) throw wrongCount(shape, DataType.string, given.length);
  const tensor = allocate(shape, DataType.string, stringBytes * count);
  if (count === 0) return tensor;
  const first = BigInt(Deno.UnsafePointer.value(native.TF_TensorData(tensor)));
  texts.forEach((bytes, index) => {
    const text = Deno.UnsafePointer.create(first + BigInt(stringBytes * index));
    native.TF_StringInit(text);
    native.TF_StringCopy(
      text,
      bytes.length ? bytes : new Uint8Array(1),
      BigInt(bytes.length),
    );
  });
  return tensor;
}

function wrongCount(shape: number[], dataType: number, given: number): Error {
  return new Error(
    `A ${dataTypeName(dataType)} tensor [${shape}] needs ${
      elementCount(shape)
    } values, ` +
      `got ${given}`,
  );
}

function numericTensor(
  shape: number[],
  dataType: number,
  given: ArrayLike<number>,
): Pointer {
  const bytes = elementCount(shape) * bytesPerElement(dataType);
  let values: TensorValues;
  try {
    values = toTypedArray(dataType, given);
  } catch (error) {
    // A BigInt or a Symbol among numbers, or a length that no array can have.
    throw new Error(
      `A ${dataTypeName(dataType)} tensor [${shape}] cannot take ${inspect(given)}: ` +
        (error as Error).message,
    );
  }
  if (values.byteLength !== bytes) throw wrongCount(shape, dataType, given.length);
  const tensor = allocate(shape, dataType, bytes);
  const target = nativeBytes(native.TF_TensorData(tensor), bytes);
  target.set(new Uint8Array(values.buffer, values.byteOffset, bytes));
  if (dataType === DataType.bool) {
    // A byte other than 0 or 1 is undefined behaviour in C++.
    target.forEach((byte, index) => byte > 1 && (target[index] = 1));
  }
  return tensor;
}

/**
 * Copies values into a new tensor.
 *
 * @throws {Error} when shape, element type and number of values do not fit together.
 */
export function createHandle(shape: number[], dataType: number, values: unknown): number {
  const ownShape = requireShape(shape);
  const list = values as ArrayLike<number>;
  if (typeof values !== "object" || typeof list?.length !== "number") {
    throw new Error(`A tensor takes an array of values, got ${inspect(values)}`);
  }
  const tensor = dataType === DataType.string
    ? stringTensor(ownShape, list)
    : numericTensor(ownShape, dataType, list);
  try {
    const pointer = native.TFE_NewTensorHandle(tensor, status);
    check("TensorFlow could not take a tensor");
    return adoptHandle(pointer, ownShape, dataType);
  } finally {
    native.TF_DeleteTensor(tensor);
  }
}

/** Runs `use` on a tensor's memory on the host (copied there from a GPU if need be). */
export function withHostTensor<Result>(
  handle: Handle,
  use: (tensor: Pointer) => Result,
): Result {
  const tensor = native.TFE_TensorHandleResolve(handle.pointer, status);
  check("TensorFlow could not read a tensor");
  try {
    return use(tensor);
  } finally {
    native.TF_DeleteTensor(tensor);
  }
}

function readStrings(tensor: Pointer, count: number): StringValues {
  if (count === 0) return [];
  const first = BigInt(Deno.UnsafePointer.value(native.TF_TensorData(tensor)));
  return Array.from({ length: count }, (_, index) => {
    const text = Deno.UnsafePointer.create(first + BigInt(stringBytes * index));
    const length = Number(native.TF_StringGetSize(text));
    return nativeBytes(native.TF_StringGetDataPointer(text), length).slice();
  });
}

/** A copy of a tensor's values. */
export function readHandle(handle: Handle): TensorValues | StringValues {
  const isText = handle.dataType === DataType.string;
  if (!isText) bytesPerElement(handle.dataType); // refuses resources, which have no values
  return withHostTensor(handle, (tensor) => {
    if (isText) return readStrings(tensor, elementCount(handle.shape));
    const bytes = nativeBytes(
      native.TF_TensorData(tensor),
      Number(native.TF_TensorByteSize(tensor)),
    );
    return typedArray(handle.dataType, bytes.slice().buffer);
  });
}
