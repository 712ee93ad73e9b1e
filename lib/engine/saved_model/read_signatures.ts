/**
 * The signatures in a SavedModel's description.
 *
 * @module
 */
import { PbfReader } from "pbf";
import { readShape } from "./attribute_values.ts";
import type { Signature, SignatureTensor } from "./meta_graph.ts";

/** A tensor of a signature, by the output of a node that it is. */
export interface StoredTensor extends SignatureTensor {
  /** Which of the node's outputs. */
  index: number;
}

/** A signature as it is read. */
export type StoredSignature = {
  readonly [Side in keyof Signature]: ReadonlyMap<string, StoredTensor>;
};

function readEntry<Value>(
  reader: PbfReader,
  empty: Value,
  read: (reader: PbfReader) => Value,
): [string, Value] {
  const entry = reader.readMessage((field, entry, reader) => {
    if (field === 1) entry.key = reader.readString();
    else if (field === 2) entry.value = read(reader);
  }, { key: "", value: empty });
  return [entry.key, entry.value];
}

const nothing: StoredTensor = { node: "", index: 0, dataType: 0, shape: [] };

function readTensor(reader: PbfReader): StoredTensor {
  return reader.readMessage((field, tensor, reader) => {
    if (field === 1) {
      const [node, index = "0"] = reader.readString().split(":");
      tensor.node = node!;
      tensor.index = Number(index);
    } else if (field === 2) tensor.dataType = reader.readVarint();
    else if (field === 3) tensor.shape = readShape(reader);
  }, { ...nothing });
}

function readSignature(reader: PbfReader): StoredSignature {
  const inputs = new Map<string, StoredTensor>();
  const outputs = new Map<string, StoredTensor>();
  reader.readMessage((field, sides, reader) => {
    if (field === 1) sides.inputs.set(...readEntry(reader, nothing, readTensor));
    else if (field === 2) sides.outputs.set(...readEntry(reader, nothing, readTensor));
  }, { inputs, outputs });
  return { inputs, outputs };
}

/** The signatures of a serialised MetaGraphDef, by name, but for those that are TensorFlow's own. */
export function readSignatures(metaGraph: Uint8Array): Map<string, StoredSignature> {
  const none: StoredSignature = { inputs: new Map(), outputs: new Map() };
  return new PbfReader(metaGraph).readFields((field, signatures, reader) => {
    if (field !== 5) return;
    const [name, signature] = readEntry(reader, none, readSignature);
    if (!name.startsWith("__")) signatures.set(name, signature);
  }, new Map<string, StoredSignature>());
}
