/**
 * One checkpoint: a tree of tensors and a few facts in a safetensors file, written beside its place
 * and renamed, so that a kill leaves the old one or the new one. A checksum over the elements tells
 * a damaged one.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { disposeTree, firstNonFinite, type Tensor, tf } from "../engine/mod.ts";
import { explainWriting } from "../runs/files.ts";
import { readSafetensors, type StoredTensor } from "../zoo/safetensors.ts";
import { streamSafetensors, type WrittenTensor } from "../zoo/safetensors_writer.ts";

/** Tensors by name, in records of records. */
export interface TensorTree {
  [name: string]: Tensor | TensorTree;
}

const checksumFact = "crc32";

/** Facts that go with the tensors. */
export type CheckpointFacts = Record<string, string>;

/** Visits every tensor of a tree with its path, such as "optimizer/weight/first". */
export function walkTree(
  tree: TensorTree,
  visit: (path: string, tensor: Tensor) => void,
  path = "",
): void {
  for (const [name, value] of Object.entries(tree)) {
    // A slash cannot occur in a parameter's name, a dot does.
    const full = path === "" ? name : `${path}/${name}`;
    if (value instanceof tf.Tensor) visit(full, value);
    else walkTree(value as TensorTree, visit, full);
  }
}

/** A tensor is NaN or infinite: to go on from it would be pointless. */
export class NonFiniteCheckpoint extends Error {
  override readonly name = "NonFiniteCheckpoint";
  /** The step whose state it was, where that is known. */
  step?: number;
}

function toStored(
  name: string,
  tensor: Tensor,
  see: (name: string, bytes: Uint8Array) => void,
): WrittenTensor {
  const { shape, dtype } = tensor;
  if (dtype !== "float32" && dtype !== "int32") {
    throw new Error(`A checkpoint holds float32 and int32 tensors, not ${dtype}`);
  }
  return {
    shape,
    dtype: dtype === "float32" ? "F32" : "I32",
    read: () => {
      const data = tensor.dataSync() as
        | Float32Array<ArrayBuffer>
        | Int32Array<ArrayBuffer>;
      if (dtype === "float32") {
        const wrong = firstNonFinite(data as Float32Array);
        if (wrong !== undefined) throw new NonFiniteCheckpoint(`${name} holds ${wrong}`);
      }
      see(name, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      return data;
    },
  };
}

/** Of each tensor's elements, and of these in the order of the names; files may differ in order. */
function checksumOf(sums: ReadonlyMap<string, number>): string {
  const inOrder = [...sums.keys()].sort().map((name) => sums.get(name)!);
  const bytes = new Uint8Array(Uint32Array.from(inOrder).buffer);
  return crc32(bytes).toString(16).padStart(8, "0");
}

function checksumOfStored(stored: ReadonlyMap<string, StoredTensor>): string {
  const sums = [...stored].map(([name, { data }]): [string, number] => [
    name,
    crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);
  return checksumOf(new Map(sums));
}

/**
 * Writes a tree of tensors. They are held when the function is called and read out one by one while
 * the file is written: the caller may go on and dispose its own at once.
 *
 * @throws {NonFiniteCheckpoint} when a tensor is not finite; the file that was there stays.
 * @throws {Error} one sentence, when the file cannot be written; the file that was there stays.
 */
export async function saveCheckpoint(
  path: string,
  tree: TensorTree,
  facts: CheckpointFacts,
): Promise<void> {
  const sums = new Map<string, number>();
  const stored: [string, WrittenTensor][] = [];
  const held: Tensor[] = [];
  try {
    walkTree(tree, (name, tensor) => {
      const share = tf.keep(tensor.clone());
      held.push(share);
      const see = (name: string, bytes: Uint8Array) => void sums.set(name, crc32(bytes));
      stored.push([name, toStored(name, share, see)]);
    });
    const names = stored.map(([name]) => name);
    await streamSafetensors(path, stored, () => ({
      ...facts,
      [checksumFact]: sums.size < names.length ? "00000000" : checksumOf(sums),
    }));
  } catch (error) {
    if (error instanceof NonFiniteCheckpoint) throw error;
    throw explainWriting(error, path);
  } finally {
    disposeTree(held);
  }
}

function toTree(stored: ReadonlyMap<string, StoredTensor>): TensorTree {
  const tree: TensorTree = {};
  for (const [name, { shape, dtype, data }] of stored) {
    const parts = name.split("/");
    const last = parts.pop()!;
    let branch = tree;
    for (const part of parts) branch = (branch[part] ??= {}) as TensorTree;
    const kind = dtype === "I32" ? "int32" : "float32";
    branch[last] = tf.tensor(data as Float32Array, shape, kind);
  }
  return tree;
}

/** The file is there and is not what was written. */
export class DamagedCheckpoint extends Error {
  override readonly name = "DamagedCheckpoint";
}

/**
 * Reads a checkpoint back; the tensors are the caller's.
 *
 * @returns undefined when there is none.
 * @throws {DamagedCheckpoint} when it cannot be read, or its numbers are not those that were written.
 */
export async function loadCheckpoint(
  path: string,
): Promise<{ tree: TensorTree; facts: CheckpointFacts } | undefined> {
  try {
    const { metadata, tensors } = await readSafetensors(path);
    if (metadata[checksumFact] !== checksumOfStored(tensors)) {
      throw new Error("its checksum is not that of its numbers");
    }
    return { tree: toTree(tensors), facts: metadata };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    const refused = error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotCapable;
    if (refused) throw error;
    throw new DamagedCheckpoint(
      `The checkpoint "${path}" is damaged (${
        (error as Error).message.replace(`${path}: `, "").replace(path, "it")
      })`,
      { cause: error },
    );
  }
}
