/**
 * Reading and writing safetensors files, tensor by tensor, so that a checkpoint never lies in
 * memory twice.
 *
 * @module
 */
import { elementSizes, elementsOf, type StoredTensor } from "./element_types.ts";
import { longestHeader, parseHeader, type TensorEntry } from "./safetensors_header.ts";

export type { Elements, ElementType, StoredTensor } from "./element_types.ts";
export { toFloat32 } from "./element_types.ts";

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
  read(name: string): Promise<StoredTensor>;
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

async function writeBytes(file: Deno.FsFile, bytes: Uint8Array) {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
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
      async read(name) {
        const entry = entries.get(name);
        if (entry === undefined) {
          throw new Error(`${path} has no tensor "${name}" among its ${entries.size}`);
        }
        const { shape, dtype, begin, end } = entry;
        const bytes = new Uint8Array(end - begin);
        await readBytes(file, begin, bytes, path);
        return { shape, dtype, data: elementsOf(dtype, bytes.buffer) };
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

function headerFor(
  tensors: readonly [string, StoredTensor][],
  metadata: Record<string, string>,
): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const entries = tensors.map(([name, { shape, dtype, data }]) => {
    const count = shape.reduce((product, length) => product * length, 1);
    if (data.length !== count || data.BYTES_PER_ELEMENT !== elementSizes[dtype]) {
      throw new Error(
        `The tensor ${name} has ${data.length} elements of ${data.BYTES_PER_ELEMENT} bytes, ` +
          `its shape [${shape}] of ${dtype} needs ${count} of ${elementSizes[dtype]}`,
      );
    }
    if (name === "__metadata__") {
      throw new Error(
        'A tensor cannot be named "__metadata__": safetensors keeps that name',
      );
    }
    const begin = offset;
    offset += data.byteLength;
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
 * Writes a safetensors file: under another name beside it first, so that the path holds either the
 * old file or the whole new one, even when the machine stops.
 *
 * @param metadata texts to keep with the tensors.
 * @throws {Error} when a tensor's elements do not fit its shape or type.
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor> | Record<string, StoredTensor>,
  metadata: Record<string, string> = {},
): Promise<void> {
  const entries: [string, StoredTensor][] = tensors instanceof Map
    ? [...tensors]
    : Object.entries(tensors);
  // Wide elements first: every tensor then starts at a multiple of its element's size.
  entries.sort(([, a], [, b]) => elementSizes[b.dtype] - elementSizes[a.dtype]);
  const header = headerFor(entries, metadata);
  const temporary = `${path}.${crypto.randomUUID()}.partial`;
  try {
    {
      using file = await Deno.open(temporary, { write: true, createNew: true });
      await writeBytes(file, header);
      for (const [, { data }] of entries) {
        await writeBytes(
          file,
          new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
        );
      }
      await file.sync();
    }
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
