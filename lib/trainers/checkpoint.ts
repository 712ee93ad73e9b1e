/**
 * Checkpoints: a tree of tensors and a few facts in one safetensors file, written beside its place
 * and renamed, so that a kill leaves the old one or the new one.
 *
 * @module
 */
import { disposeTree, type Tensor, tf } from "../engine/mod.ts";
import { openSafetensors, writeSafetensors } from "../zoo/safetensors.ts";
import type { StoredTensor } from "../zoo/safetensors.ts";

/** Tensors by name, in records of records. */
export interface TensorTree {
  [name: string]: Tensor | TensorTree;
}

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

function toStored(tensor: Tensor): StoredTensor {
  const data = tensor.dataSync();
  if (tensor.dtype === "float32") {
    return { shape: tensor.shape, dtype: "F32", data: data as Float32Array<ArrayBuffer> };
  }
  if (tensor.dtype === "int32") {
    return { shape: tensor.shape, dtype: "I32", data: data as Int32Array<ArrayBuffer> };
  }
  throw new Error(`A checkpoint holds float32 and int32 tensors, not ${tensor.dtype}`);
}

/** Writes a tree of tensors. */
export async function saveCheckpoint(
  path: string,
  tree: TensorTree,
  facts: CheckpointFacts,
): Promise<void> {
  const stored: Record<string, StoredTensor> = {};
  walk(tree, "", (name, tensor) => stored[name] = toStored(tensor));
  await writeSafetensors(path, stored, facts);
}

/**
 * Reads a checkpoint back; the tensors are the caller's.
 *
 * @returns undefined when there is none.
 */
export async function loadCheckpoint(
  path: string,
): Promise<{ tree: TensorTree; facts: CheckpointFacts } | undefined> {
  try {
    await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  using file = await openSafetensors(path);
  const tree: TensorTree = {};
  try {
    for (const name of file.entries.keys()) {
      const { shape, dtype, data } = await file.read(name);
      const parts = name.split("/");
      const last = parts.pop()!;
      let branch = tree;
      for (const part of parts) branch = (branch[part] ??= {}) as TensorTree;
      const kind = dtype === "I32" ? "int32" : "float32";
      branch[last] = tf.tensor(data as Float32Array, shape, kind);
    }
  } catch (error) {
    disposeTree(tree);
    throw error;
  }
  return { tree, facts: file.metadata };
}
