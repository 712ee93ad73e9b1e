/**
 * Reads a strided view of a storage as a tensor of its own, its elements in row-major order.
 *
 * @module
 */
import { elementSizes, elementsOf, type StoredTensor } from "../element_types.ts";
import { type Room, room } from "./byte_source.ts";
import { CheckpointError, damaged, quoted, shown } from "./checkpoint_error.ts";
import type { StridedTensor } from "./pickled.ts";
import { swapBytes } from "./swap_bytes.ts";

/** A tensor that {@linkcode checkTensor} has passed. */
export interface CheckedTensor extends StridedTensor {
  readonly dtype: NonNullable<StridedTensor["dtype"]>;
}

/** PyTorch allows 64 axes. */
const mostAxes = 64;

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** One more than the last element's place in the storage, 0 if there is no element. */
function reach({ shape, strides, offset }: StridedTensor): number {
  if (shape.includes(0)) return 0;
  return shape.reduce(
    (sum, length, axis) => sum + (length - 1) * strides[axis]!,
    offset + 1,
  );
}

/** How many bytes a tensor's elements take. */
export function byteLength({ shape, dtype }: CheckedTensor): number {
  return shape.reduce((product, length) => product * length, elementSizes[dtype]);
}

/** How many bytes are looked at to read a tensor: more than its own where it has wide strides. */
export function workFor(tensor: CheckedTensor): number {
  const { storage, dtype, offset } = tensor;
  const spanned = (reach(tensor) - offset) * elementSizes[dtype];
  return Math.max(byteLength(tensor), storage.packed ? storage.bytes : spanned);
}

/**
 * Makes sure that a tensor lies in its storage.
 *
 * @throws {CheckpointError} that names the tensor.
 */
export function checkTensor(name: string, tensor: StridedTensor): CheckedTensor {
  const { shape, strides, offset, dtype, typeName, storage } = tensor;
  function refuse(what: string): CheckpointError {
    return new CheckpointError(`the tensor ${shown(name)} ${what}`);
  }
  if (dtype === undefined) {
    throw refuse(`has elements of type ${quoted(typeName)}, which mimkit does not read`);
  }
  const described = `shape [${shape.slice(0, 8)}] and strides [${strides.slice(0, 8)}]`;
  if (
    shape.length > mostAxes || strides.length !== shape.length || !shape.every(isCount) ||
    !strides.every(isCount) || !isCount(offset)
  ) throw refuse(`has ${described} at ${offset}, which cannot be: ${damaged}`);
  const size = byteLength({ ...tensor, dtype });
  const end = reach(tensor) * elementSizes[dtype];
  if (!isCount(size) || !isCount(end)) {
    throw refuse(`has the ${described}, more elements than any file can hold`);
  }
  if (end > storage.bytes) {
    throw refuse(
      `has ${described} at ${offset}: it needs ${end} bytes of a storage that has ` +
        `${storage.bytes}: ${damaged}`,
    );
  }
  return { ...tensor, dtype };
}

function isContiguous({ shape, strides }: StridedTensor): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

type Words =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>;

function wordsOf(buffer: ArrayBuffer, size: number): Words {
  if (size === 1) return new Uint8Array(buffer);
  return size === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer);
}

/** Puts elements in row-major order; `shape` and `strides` count words. */
function gather(source: Words, target: Words, shape: number[], strides: number[]) {
  const last = shape.length - 1;
  const [length, step] = [shape[last] ?? 1, strides[last] ?? 1];
  const position = new Array<number>(shape.length).fill(0);
  let start = 0;
  for (let filled = 0; filled < target.length;) {
    if (step === 1 && length >= 32) {
      target.set(source.subarray(start, start + length), filled);
      filled += length;
    } else {
      for (let index = 0, from = start; index < length; index++, from += step) {
        target[filled++] = source[from]!;
      }
    }
    // Counts up the axes before the last one, and follows in the source.
    for (let axis = last - 1; axis >= 0; axis--) {
      start += strides[axis]!;
      if (++position[axis]! < shape[axis]!) break;
      start -= strides[axis]! * shape[axis]!;
      position[axis] = 0;
    }
  }
}

/**
 * Reads a tensor's part of its storage, and no more.
 *
 * @param take where its bytes may go. Default: into memory of their own.
 */
export async function readStrided(
  tensor: CheckedTensor,
  take?: Room,
): Promise<StoredTensor> {
  const { shape, strides, offset, dtype, storage } = tensor;
  const size = elementSizes[dtype];
  const end = reach(tensor);
  const begin = Math.min(offset, end);
  const bytes = end === 0
    ? new Uint8Array(0)
    : await storage.read(begin * size, end * size, take);
  if (storage.bigEndian) swapBytes(bytes, size);
  if (end === 0 || isContiguous(tensor)) {
    return { shape, dtype, data: elementsOf(dtype, bytes.buffer, bytes.length) };
  }
  const ordered = room(byteLength(tensor)).buffer;
  // Elements of eight bytes are two words each, so that no NaN is touched on its way.
  const wide = size === 8;
  gather(
    wordsOf(bytes.buffer, size),
    wordsOf(ordered, size),
    wide ? [...shape, 2] : shape,
    wide ? [...strides.map((stride) => 2 * stride), 1] : strides,
  );
  return { shape, dtype, data: elementsOf(dtype, ordered) };
}
