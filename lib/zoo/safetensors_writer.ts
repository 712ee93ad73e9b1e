/**
 * Writing safetensors files tensor by tensor, so that what is written never lies in memory twice:
 * under another name beside the path first, so that the path holds either the old file or the whole
 * new one, even when the machine stops.
 *
 * @module
 */
import { syncFolderOf } from "../runs/files.ts";
import { type Elements, elementSizes, type StoredTensor } from "./element_types.ts";

/** A tensor to write, whose elements are asked for when it is their turn. */
export interface WrittenTensor extends Omit<StoredTensor, "data"> {
  read(): Elements;
}

/** Texts to keep with the tensors. */
export type SafetensorsMetadata = Record<string, string>;

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function headerFor(
  tensors: readonly [string, WrittenTensor][],
  metadata: SafetensorsMetadata,
): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const entries = tensors.map(([name, { shape, dtype }]) => {
    if (name === "__metadata__") {
      throw new Error(
        'A tensor cannot be named "__metadata__": safetensors keeps that name',
      );
    }
    const begin = offset;
    offset += elementCount(shape) * elementSizes[dtype];
    return [name, { dtype, shape, data_offsets: [begin, offset] }];
  });
  const described = Object.keys(metadata).length > 0 ? [["__metadata__", metadata]] : [];
  const json = new TextEncoder().encode(
    JSON.stringify(Object.fromEntries([...described, ...entries])),
  );
  // Spaces up to a multiple of 8, so that readers may map the elements into memory.
  const bytes = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true);
  bytes.set(json, 8);
  return bytes;
}

/** The bytes of a tensor's elements, which must be as many as its shape says. */
function bytesOf(name: string, { shape, dtype, read }: WrittenTensor): Uint8Array {
  const data = read();
  const count = elementCount(shape);
  if (data.length !== count || data.BYTES_PER_ELEMENT !== elementSizes[dtype]) {
    throw new Error(
      `The tensor ${name} has ${data.length} elements of ${data.BYTES_PER_ELEMENT} bytes, ` +
        `its shape [${shape}] of ${dtype} needs ${count} of ${elementSizes[dtype]}`,
    );
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

async function writeBytes(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

/**
 * Writes a safetensors file from tensors that are read one after the other.
 *
 * @param metadata asked before the elements and once more after them, so that it can tell a checksum
 *   of what was read; it must be as long both times.
 * @throws {Error} when a tensor's elements do not fit its shape or type; the old file stays.
 */
export async function streamSafetensors(
  path: string,
  tensors: Iterable<[string, WrittenTensor]>,
  metadata: () => SafetensorsMetadata,
): Promise<void> {
  // Wide elements first: every tensor then starts at a multiple of its element's size.
  const entries = [...tensors].sort(([, a], [, b]) =>
    elementSizes[b.dtype] - elementSizes[a.dtype]
  );
  const header = headerFor(entries, metadata());
  const temporary = `${path}.${crypto.randomUUID()}.partial`;
  try {
    {
      using file = await Deno.open(temporary, { write: true, createNew: true });
      // A tensor is read, and summed, while the one before it is being written.
      let written = writeBytes(file, header);
      try {
        for (const [name, tensor] of entries) {
          const bytes = bytesOf(name, tensor);
          await written;
          written = writeBytes(file, bytes);
        }
      } finally {
        await written;
      }
      const finished = headerFor(entries, metadata());
      if (finished.length !== header.length) {
        throw new Error(`${path}: the metadata grew while the elements were written`);
      }
      await file.seek(0, Deno.SeekMode.Start);
      await writeBytes(file, finished);
      await file.sync();
    }
    await Deno.rename(temporary, path);
    await syncFolderOf(path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

/**
 * Writes a safetensors file.
 *
 * @param metadata texts to keep with the tensors.
 * @throws {Error} when a tensor's elements do not fit its shape or type; the old file stays.
 *
 * @example
 * ```ts
 * import { readSafetensors } from "./safetensors.ts";
 * import { writeSafetensors } from "./safetensors_writer.ts";
 * const path = await Deno.makeTempFile();
 * const bias = { shape: [2], dtype: "F32" as const, data: new Float32Array([1, 2]) };
 * await writeSafetensors(path, { bias });
 * console.log([...(await readSafetensors(path)).tensors.keys()]); // [ "bias" ]
 * ```
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor> | Record<string, StoredTensor>,
  metadata: SafetensorsMetadata = {},
): Promise<void> {
  const stored: [string, StoredTensor][] = tensors instanceof Map
    ? [...tensors]
    : Object.entries(tensors);
  const entries = stored.map((
    [name, { shape, dtype, data }],
  ): [string, WrittenTensor] => [
    name,
    { shape, dtype, read: () => data },
  ]);
  return streamSafetensors(path, entries, () => metadata);
}
