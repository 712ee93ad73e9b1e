/**
 * Checkpoints: a tree of tensors and a few facts in one safetensors file, written beside its place
 * and renamed, so that a kill leaves the old one or the new one. A checksum over the elements tells
 * a damaged one.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { type Tensor, tf } from "../engine/mod.ts";
import { explainWriting } from "../runs/files.ts";
import {
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from "../zoo/safetensors.ts";

/** Tensors by name, in records of records. */
export interface TensorTree {
  [name: string]: Tensor | TensorTree;
}

const checksumFact = "crc32";

/** Facts that go with the tensors. */
export type CheckpointFacts = Record<string, string>;

function walk(
  tree: TensorTree,
  path: string,
  visit: (path: string, tensor: Tensor) => void,
): void {
  for (const [name, value] of Object.entries(tree)) {
    // A slash cannot occur in a parameter's name, a dot does.
    const full = path === "" ? name : `${path}/${name}`;
    if (value instanceof tf.Tensor) visit(full, value);
    else walk(value as TensorTree, full, visit);
  }
}

/** A tensor is NaN or infinite: to go on from it would be pointless. */
export class NonFiniteCheckpoint extends Error {
  override readonly name = "NonFiniteCheckpoint";
}

function toStored(name: string, tensor: Tensor): StoredTensor {
  const data = tensor.dataSync();
  if (tensor.dtype === "float32") {
    const wrong = (data as Float32Array).find((value) => !Number.isFinite(value));
    if (wrong !== undefined) throw new NonFiniteCheckpoint(`${name} holds ${wrong}`);
    return { shape: tensor.shape, dtype: "F32", data: data as Float32Array<ArrayBuffer> };
  }
  if (tensor.dtype === "int32") {
    return { shape: tensor.shape, dtype: "I32", data: data as Int32Array<ArrayBuffer> };
  }
  throw new Error(`A checkpoint holds float32 and int32 tensors, not ${tensor.dtype}`);
}

/** Over the elements of all tensors in the order of their names; orders in the file may differ. */
function checksumOf(stored: ReadonlyMap<string, StoredTensor>): string {
  let sum = 0;
  for (const name of [...stored.keys()].sort()) {
    const { buffer, byteOffset, byteLength } = stored.get(name)!.data;
    sum = crc32(new Uint8Array(buffer, byteOffset, byteLength), sum);
  }
  return sum.toString(16);
}

/**
 * Writes a tree of tensors.
 *
 * @throws {NonFiniteCheckpoint} when a tensor is not finite; the file that was there stays.
 * @throws {Error} one sentence, when the file cannot be written; the file that was there stays.
 */
export async function saveCheckpoint(
  path: string,
  tree: TensorTree,
  facts: CheckpointFacts,
): Promise<void> {
  const stored = new Map<string, StoredTensor>();
  walk(tree, "", (name, tensor) => stored.set(name, toStored(name, tensor)));
  const metadata = { ...facts, [checksumFact]: checksumOf(stored) };
  try {
    await writeSafetensors(path, stored, metadata);
  } catch (error) {
    throw explainWriting(error, path);
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

/**
 * Reads a checkpoint back; the tensors are the caller's.
 *
 * @returns undefined when there is none.
 * @throws {Error} one sentence with the way out, when it is damaged.
 */
export async function loadCheckpoint(
  path: string,
): Promise<{ tree: TensorTree; facts: CheckpointFacts } | undefined> {
  try {
    const { metadata, tensors } = await readSafetensors(path);
    if (metadata[checksumFact] !== checksumOf(tensors)) {
      throw new Error("its checksum is not that of its numbers");
    }
    return { tree: toTree(tensors), facts: metadata };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    const refused = error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotCapable;
    if (refused) throw error;
    throw new Error(
      `The checkpoint "${path}" is damaged (${
        (error as Error).message.replace(`${path}: `, "").replace(path, "it")
      }): remove it, and this phase starts again at its first step`,
      { cause: error },
    );
  }
}
