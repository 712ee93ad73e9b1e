/**
 * Joining, splitting and transposing stored tensors of any element type, as bytes.
 *
 * @module
 */
import { elementSizes, elementsOf, type StoredTensor } from "../element_types.ts";

function bytesOf({ data }: StoredTensor): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function withBytes(
  { dtype }: StoredTensor,
  shape: number[],
  bytes: Uint8Array<ArrayBuffer>,
): StoredTensor {
  return { shape, dtype, data: elementsOf(dtype, bytes.slice().buffer) };
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
  const joined = new Uint8Array(
    parts.reduce((sum, { data }) => sum + data.byteLength, 0),
  );
  let offset = 0;
  for (const part of parts) {
    joined.set(bytesOf(part), offset);
    offset += part.data.byteLength;
  }
  const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  return withBytes(first, [rows, ...first.shape.slice(1)], joined);
}

/**
 * Cuts a tensor into `count` equal parts along the first axis.
 *
 * @throws {Error} when the axis is not a multiple of `count`.
 */
export function splitRows(
  tensor: StoredTensor,
  count: number,
  name: string,
): StoredTensor[] {
  const rows = tensor.shape[0];
  if (rows === undefined || rows % count !== 0) {
    throw new Error(
      `${name} [${tensor.shape}] cannot be split into ${count} equal parts`,
    );
  }
  const bytes = bytesOf(tensor);
  const size = bytes.length / count;
  return Array.from({ length: count }, (_, index) =>
    withBytes(
      tensor,
      [rows / count, ...tensor.shape.slice(1)],
      bytes.subarray(index * size, (index + 1) * size),
    ));
}

/**
 * Swaps the axes of a matrix.
 *
 * @throws {Error} when the tensor has another number of axes.
 */
export function transposeMatrix(tensor: StoredTensor, name: string): StoredTensor {
  const [rows, columns] = tensor.shape;
  if (tensor.shape.length !== 2 || rows === undefined || columns === undefined) {
    throw new Error(`${name} should be a matrix, got [${tensor.shape}]`);
  }
  const size = elementSizes[tensor.dtype];
  const bytes = bytesOf(tensor);
  const turned = new Uint8Array(bytes.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = (row * columns + column) * size;
      turned.set(bytes.subarray(from, from + size), (column * rows + row) * size);
    }
  }
  return withBytes(tensor, [columns, rows], turned);
}
