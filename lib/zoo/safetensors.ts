/**
 * Reading safetensors files, tensor by tensor, so that a checkpoint never lies in memory twice;
 * safetensors_writer.ts writes them.
 *
 * @module
 */
import { elementsOf, type StoredTensor } from "./element_types.ts";
import { type Room, room } from "./pickle/byte_source.ts";
import { longestHeader, parseHeader, type TensorEntry } from "./safetensors_header.ts";

export type { Elements, ElementType, StoredTensor } from "./element_types.ts";
export { toFloat32 } from "./element_types.ts";
export { writeSafetensors } from "./safetensors_writer.ts";

/** A safetensors file's content. */
export interface Safetensors {
  metadata: Record<string, string>;
  tensors: Map<string, StoredTensor>;
}

/** A safetensors file open for reading; `using` closes it. */
export interface SafetensorsReader extends Disposable {
  readonly metadata: Record<string, string>;
  /** Shapes and element types, in the order in which the tensors lie in the file. */
  readonly entries: ReadonlyMap<string, Readonly<TensorEntry>>;
  /** Reads one tensor. */
  read(name: string, take?: Room): Promise<StoredTensor>;
}

async function readBytes(
  file: Deno.FsFile,
  from: number,
  into: Uint8Array,
  path: string,
) {
  await file.seek(from, Deno.SeekMode.Start);
  for (let done = 0; done < into.length;) {
    const count = await file.read(into.subarray(done));
    if (count === null) {
      throw new Error(
        `${path} ended after ${from + done} bytes: it shrank while it was read`,
      );
    }
    done += count;
  }
}

async function readHeader(file: Deno.FsFile, path: string) {
  const { size, isFile } = await file.stat();
  if (!isFile || size < 8) {
    throw new Error(`${path}: ${size} bytes are no safetensors file`);
  }
  const prefix = new Uint8Array(8);
  await readBytes(file, 0, prefix, path);
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  if (length > BigInt(Math.min(longestHeader, size - 8))) {
    throw new Error(
      `${path}: its first 8 bytes announce a header of ${length} bytes, the file has ${size}: ` +
        "it is truncated, or no safetensors file",
    );
  }
  const json = new Uint8Array(Number(length));
  await readBytes(file, 8, json, path);
  return parseHeader(json, size - 8 - json.length, path);
}

/**
 * Opens a safetensors file and checks its header; tensors are read when they are asked for.
 *
 * @throws {Error} that names the file, and the tensor where one is at fault.
 *
 * @example
 * ```ts
 * import { openSafetensors, writeSafetensors } from "./safetensors.ts";
 * const path = await Deno.makeTempFile();
 * const bias = { shape: [2], dtype: "F32" as const, data: new Float32Array([1, 2]) };
 * await writeSafetensors(path, { bias });
 * using file = await openSafetensors(path);
 * console.log((await file.read("bias")).data); // Float32Array [ 1, 2 ]
 * ```
 */
export async function openSafetensors(path: string): Promise<SafetensorsReader> {
  const file = await Deno.open(path);
  try {
    const { metadata, entries } = await readHeader(file, path);
    return {
      metadata,
      entries,
      async read(name, take = room) {
        const entry = entries.get(name);
        if (entry === undefined) {
          throw new Error(`${path} has no tensor "${name}" among its ${entries.size}`);
        }
        const { shape, dtype, begin, end } = entry;
        const bytes = take(end - begin);
        await readBytes(file, begin, bytes, path);
        return { shape, dtype, data: elementsOf(dtype, bytes.buffer, bytes.length) };
      },
      [Symbol.dispose]: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * Reads a whole safetensors file.
 *
 * @throws {Error} that names the file, and the tensor where one is at fault.
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  using file = await openSafetensors(path);
  const tensors = new Map<string, StoredTensor>();
  for (const name of file.entries.keys()) tensors.set(name, await file.read(name));
  return { metadata: file.metadata, tensors };
}
