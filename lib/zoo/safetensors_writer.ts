/**
 * Writing safetensors files tensor by tensor, so that what is written never lies in memory twice:
 * under another name beside the path first, so that the path holds either the old file or the whole
 * new one, even when the machine stops.
 *
 * @module
 */
import { streamFile } from "../runs/stream_file.ts";
import { elementSizes, type StoredTensor } from "./element_types.ts";
import {
  bytesToWrite,
  elementCount,
  streamed,
  type StreamedTensor,
} from "./written_tensors.ts";

/** Texts to keep with the tensors. */
export type SafetensorsMetadata = Record<string, string>;

function headerFor(
  tensors: readonly [string, StreamedTensor][],
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

/**
 * Writes a safetensors file from tensors that are read one after the other.
 *
 * @param metadata asked before the elements and once more after them, so that it can tell a checksum
 *   of what was read; it must be as long both times.
 * @throws {Error} when a tensor's elements do not fit its shape or type, and one sentence when the file
 *   cannot be written; the old file stays.
 */
export async function streamSafetensors(
  path: string,
  tensors: Iterable<[string, StreamedTensor]>,
  metadata: () => SafetensorsMetadata,
): Promise<void> {
  // Wide elements first: every tensor then starts at a multiple of its element's size.
  const entries = [...tensors].sort(([, a], [, b]) =>
    elementSizes[b.dtype] - elementSizes[a.dtype]
  );
  const header = headerFor(entries, metadata());
  await streamFile(path, async (stream) => {
    // A tensor is read, and summed, while the one before it is being written.
    let written = stream.write(header);
    try {
      for (const [name, tensor] of entries) {
        const [bytes] = await Promise.all([bytesToWrite(name, tensor), written]);
        written = stream.write(bytes);
      }
    } finally {
      await written;
    }
    const finished = headerFor(entries, metadata());
    if (finished.length !== header.length) {
      throw new Error(`${path}: the metadata grew while the elements were written`);
    }
    await stream.writeStart(finished);
  });
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
  return streamSafetensors(path, streamed(tensors), () => metadata);
}
