/**
 * One checkpoint: a tree of tensors and a few facts in a safetensors file, written beside its place
 * and renamed, so that a kill leaves the old one or the new one. A checksum over elements, names and
 * facts tells a damaged one.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { disposeTree, firstNonFinite, type Tensor, tf } from "../engine/mod.ts";
import {
  readSafetensors,
  type Safetensors,
  type StoredTensor,
} from "../zoo/safetensors.ts";
import { streamSafetensors } from "../zoo/safetensors_writer.ts";
import type { StreamedTensor } from "../zoo/written_tensors.ts";

/** Tensors by name, in records of records. */
export interface TensorTree {
  [name: string]: Tensor | TensorTree;
}

const checksumFact = "checksum";
// Of the elements alone: what checkpoints had before names and facts were checked too.
const elementsFact = "crc32";

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
  see: (bytes: Uint8Array) => void,
): StreamedTensor {
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
      see(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      return data;
    },
  };
}

/** What a checksum is taken of. */
interface Summed {
  dtype: string;
  shape: readonly number[];
  /** Of the elements. */
  sum: number;
}

function hexadecimal(sum: number): string {
  return sum.toString(16).padStart(8, "0");
}

function byName<Value>(entries: Iterable<[string, Value]>): [string, Value][] {
  return [...entries].sort(([one], [other]) => one < other ? -1 : 1);
}

/** Of all that a file says; files may differ in order. */
function checksumOf(tensors: Iterable<[string, Summed]>, facts: CheckpointFacts): string {
  const { [checksumFact]: _, ...others } = facts;
  const said = [
    byName(tensors).map(([name, { dtype, shape, sum }]) => [name, dtype, shape, sum]),
    byName(Object.entries(others)),
  ];
  return hexadecimal(crc32(JSON.stringify(said)));
}

function summed(stored: ReadonlyMap<string, StoredTensor>): [string, Summed][] {
  return [...stored].map(([name, { dtype, shape, data }]) => {
    const sum = crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return [name, { dtype, shape, sum }];
  });
}

/** Whether a file holds what was written. */
function isWhole(
  tensors: ReadonlyMap<string, StoredTensor>,
  facts: CheckpointFacts,
): boolean {
  const sums = summed(tensors);
  if (facts[checksumFact] !== undefined) {
    return facts[checksumFact] === checksumOf(sums, facts);
  }
  const elements = byName(sums).map(([, { sum }]) => sum);
  const bytes = new Uint8Array(Uint32Array.from(elements).buffer);
  return facts[elementsFact] === hexadecimal(crc32(bytes));
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
  const sums: [string, Summed][] = [];
  const stored: [string, StreamedTensor][] = [];
  const held: Tensor[] = [];
  try {
    walkTree(tree, (name, tensor) => {
      const share = tf.keep(tensor.clone());
      held.push(share);
      const written = toStored(name, share, (bytes) => {
        const { dtype, shape } = written;
        sums.push([name, { dtype, shape, sum: crc32(bytes) }]);
      });
      stored.push([name, written]);
    });
    // Until all is read, any text as long as a checksum keeps its place.
    await streamSafetensors(path, stored, () => ({
      ...facts,
      [checksumFact]: checksumOf(sums, facts),
    }));
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

// What says nothing of the file itself: too many open files, no memory, a server that is away.
const passing = new Set(["EMFILE", "ENFILE", "ENOMEM", "ESTALE", "ETIMEDOUT"]);

function saysNothingOfTheFile(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotCapable ||
    passing.has((error as { code?: string }).code ?? "");
}

async function readWhole(path: string): Promise<Safetensors | undefined> {
  try {
    const read = await readSafetensors(path);
    if (!isWhole(read.tensors, read.metadata)) {
      throw new Error("its checksum is not that of what it holds");
    }
    return read;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (saysNothingOfTheFile(error)) throw error;
    throw new DamagedCheckpoint(
      `The checkpoint "${path}" is damaged (${
        (error as Error).message.replace(`${path}: `, "").replace(path, "it")
      })`,
      { cause: error },
    );
  }
}

/**
 * Reads a checkpoint back; the tensors are the caller's.
 *
 * @returns undefined when there is none.
 * @throws {DamagedCheckpoint} when it cannot be read, or what it holds is not what was written.
 */
export async function loadCheckpoint(
  path: string,
): Promise<{ tree: TensorTree; facts: CheckpointFacts } | undefined> {
  const read = await readWhole(path);
  return read && { tree: toTree(read.tensors), facts: read.metadata };
}
