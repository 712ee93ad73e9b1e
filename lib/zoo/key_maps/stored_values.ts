/**
 * Joining, splitting, transposing and reordering stored tensors of any element type, as bytes. What
 * becomes of the shape is known beforehand.
 *
 * @module
 */
import { elementSizes, elementsOf, type StoredTensor } from "../element_types.ts";
import type { CheckpointEntry } from "../pickle/checkpoint_reader.ts";
import type { ValueChange } from "./key_rules.ts";

function bytesOf({ data }: StoredTensor): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** @param bytes the whole of their buffer. */
function withBytes(
  { dtype }: StoredTensor,
  shape: number[],
  bytes: Uint8Array<ArrayBuffer>,
): StoredTensor {
  return { shape, dtype, data: elementsOf(dtype, bytes.buffer) };
}

/**
 * The shape of tensors after one another along the first axis.
 *
 * @throws {Error} when their other axes or element types differ.
 */
export function joinedShape(
  parts: readonly CheckpointEntry[],
  names: readonly string[],
): number[] {
  const [first] = parts;
  if (first === undefined) throw new Error("There is nothing to join");
  const rowShape = first.shape.slice(1).join();
  parts.forEach(({ shape, dtype }, index) => {
    const fits = shape.length > 0 && shape.slice(1).join() === rowShape &&
      dtype === first.dtype;
    if (fits) return;
    throw new Error(
      `${names[index]} (${dtype} [${shape}]) does not fit ${names[0]} ` +
        `(${first.dtype} [${first.shape}]): they are parts of one tensor`,
    );
  });
  const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  return [rows, ...first.shape.slice(1)];
}

/**
 * Puts tensors after one another along the first axis.
 *
 * @throws {Error} when their other axes or element types differ.
 */
export function joinRows(
  parts: readonly StoredTensor[],
  names: readonly string[],
): StoredTensor {
  const shape = joinedShape(parts, names);
  const joined = new Uint8Array(
    parts.reduce((sum, { data }) => sum + data.byteLength, 0),
  );
  let offset = 0;
  for (const part of parts) {
    joined.set(bytesOf(part), offset);
    offset += part.data.byteLength;
  }
  return withBytes(parts[0]!, shape, joined);
}

/**
 * The shape of a tensor's part when it is cut into `count` equal ones along the first axis.
 *
 * @throws {Error} when the axis is not a multiple of `count`.
 */
export function splitShape(
  shape: readonly number[],
  count: number,
  name: string,
): number[] {
  const [rows, ...rest] = shape;
  if (rows === undefined || rows % count !== 0) {
    throw new Error(`${name} [${shape}] cannot be split into ${count} equal parts`);
  }
  return [rows / count, ...rest];
}

/** One of `count` equal parts of a tensor along the first axis, which must be a multiple of `count`. */
export function cutRows(
  tensor: StoredTensor,
  count: number,
  index: number,
): StoredTensor {
  const [rows, ...rest] = tensor.shape as [number, ...number[]];
  const bytes = bytesOf(tensor);
  const size = bytes.length / count;
  const part = bytes.slice(index * size, (index + 1) * size);
  return withBytes(tensor, [rows / count, ...rest], part);
}

/**
 * The shape of a matrix with its axes swapped.
 *
 * @throws {Error} when the tensor has another number of axes.
 */
export function transposedShape(shape: readonly number[], name: string): number[] {
  if (shape.length !== 2) throw new Error(`${name} should be a matrix, got [${shape}]`);
  return [shape[1]!, shape[0]!];
}

/**
 * Swaps the axes of a matrix.
 *
 * @throws {Error} when the tensor has another number of axes.
 */
export function transposeMatrix(tensor: StoredTensor, name: string): StoredTensor {
  const shape = transposedShape(tensor.shape, name);
  const [columns, rows] = shape as [number, number];
  const size = elementSizes[tensor.dtype];
  const bytes = bytesOf(tensor);
  const turned = new Uint8Array(bytes.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = (row * columns + column) * size;
      turned.set(bytes.subarray(from, from + size), (column * rows + row) * size);
    }
  }
  return withBytes(tensor, shape, turned);
}

/**
 * The change that gives a tensor `count` axes of length 1 in front, as `apply`, and the one that takes
 * them away, as `undo`.
 *
 * @example
 * ```ts
 * import { leadingAxes } from "./stored_values.ts";
 * console.log(leadingAxes(2).apply.shape([768])); // [ 1, 1, 768 ]
 * ```
 */
export function leadingAxes(count: number): { apply: ValueChange; undo: ValueChange } {
  const apply = (
    shape: readonly number[],
  ) => [...new Array<number>(count).fill(1), ...shape];
  const undo = (shape: readonly number[]) => {
    if (shape.length >= count && shape.slice(0, count).every((axis) => axis === 1)) {
      return shape.slice(count);
    }
    throw new Error(`it should have ${count} axes of length 1 in front, got [${shape}]`);
  };
  const change = (shape: (old: readonly number[]) => number[]): ValueChange => ({
    shape,
    values: (tensor) => ({ ...tensor, shape: shape(tensor.shape) }),
  });
  return { apply: change(apply), undo: change(undo) };
}

/**
 * The change that puts the values of the last axis into another order.
 *
 * @param source which of a tensor's `length` values comes to a place.
 * @param multiple of which the axis' length must be.
 *
 * @example
 * ```ts
 * import { reorderLastAxis } from "./stored_values.ts";
 * const { values } = reorderLastAxis((place, length) => length - 1 - place);
 * const tensor = { shape: [3], dtype: "U8" as const, data: Uint8Array.of(1, 2, 3) };
 * console.log(values(tensor, "backwards").data); // Uint8Array(3) [ 3, 2, 1 ]
 * ```
 */
export function reorderLastAxis(
  source: (place: number, length: number) => number,
  multiple = 1,
): ValueChange {
  const shapeOf = (shape: readonly number[]): number[] => {
    const length = shape.at(-1);
    if (length !== undefined && length % multiple === 0) return [...shape];
    throw new Error(`its last axis should be a multiple of ${multiple}, got [${shape}]`);
  };
  return {
    shape: shapeOf,
    values(tensor) {
      const shape = shapeOf(tensor.shape);
      const length = shape.at(-1)!;
      const size = elementSizes[tensor.dtype];
      const sources = Array.from({ length }, (_, place) => source(place, length) * size);
      const old = bytesOf(tensor);
      const bytes = new Uint8Array(old.length);
      for (let row = 0; row < old.length; row += length * size) {
        sources.forEach((from, place) =>
          bytes.set(old.subarray(row + from, row + from + size), row + place * size)
        );
      }
      return withBytes(tensor, shape, bytes);
    },
  };
}
