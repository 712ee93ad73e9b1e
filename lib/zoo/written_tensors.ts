/**
 * Tensors on their way into a file, one at a time.
 *
 * @module
 */
import { type Elements, elementSizes, type StoredTensor } from "./element_types.ts";

/** A tensor to write, whose elements are asked for when it is their turn. */
export interface StreamedTensor extends Omit<StoredTensor, "data"> {
  read(): Elements | Promise<Elements>;
}

/** Tensors in memory as tensors to write. */
export function streamed(
  tensors: ReadonlyMap<string, StoredTensor> | Record<string, StoredTensor>,
): [string, StreamedTensor][] {
  const entries: [string, StoredTensor][] = tensors instanceof Map
    ? [...tensors]
    : Object.entries(tensors);
  return entries.map(([name, { shape, dtype, data }]) => [
    name,
    { shape, dtype, read: () => data },
  ]);
}

/** How many elements a shape has. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** A tensor's elements as bytes, which must be as many as its shape says. */
export async function bytesToWrite(
  name: string,
  { shape, dtype, read }: StreamedTensor,
): Promise<Uint8Array> {
  const data = await read();
  const count = elementCount(shape);
  if (data.length !== count || data.BYTES_PER_ELEMENT !== elementSizes[dtype]) {
    throw new Error(
      `The tensor ${name} has ${data.length} elements of ${data.BYTES_PER_ELEMENT} bytes, ` +
        `its shape [${shape}] of ${dtype} needs ${count} of ${elementSizes[dtype]}`,
    );
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
