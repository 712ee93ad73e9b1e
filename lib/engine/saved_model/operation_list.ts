/**
 * What a graph's operations are, for readers that have another version of TensorFlow.
 *
 * @module
 */
import { PbfReader } from "pbf";
import { cString, native, type Pointer } from "../native.ts";
import type { AttributeValue } from "./attribute_values.ts";
import { bytesFrom } from "./buffer_bytes.ts";
import type { GraphNode } from "./graph_def.ts";

/** An operation as TensorFlow defines it. */
export interface StoredOperation {
  /** A serialised OpDef. */
  bytes: Uint8Array;
  defaults: ReadonlyMap<string, AttributeValue>;
}

// Field numbers from tensorflow/core/framework/op_def.proto.
function defaultsOf(bytes: Uint8Array): Map<string, AttributeValue> {
  return new PbfReader(bytes).readFields((field, defaults, reader) => {
    if (field !== 4) return;
    const attribute = reader.readMessage((field, attribute, reader) => {
      if (field === 1) attribute.name = reader.readString();
      else if (field === 3) attribute.value = reader.readBytes();
    }, { name: "", value: undefined as AttributeValue | undefined });
    if (attribute.value !== undefined) defaults.set(attribute.name, attribute.value);
  }, new Map<string, AttributeValue>());
}

/** The operations that nodes use, by name. */
export function operationsOf(nodes: readonly GraphNode[]): Map<string, StoredOperation> {
  const names = new Set(nodes.map(({ operation }) => operation));
  const graph: Pointer = native.TF_NewGraph();
  try {
    return new Map(
      [...names].sort().map((name) => {
        const bytes = bytesFrom(
          `TensorFlow has no operation "${name}"`,
          (buffer, status) =>
            native.TF_GraphGetOpDef(graph, cString(name), buffer, status),
        );
        return [name, { bytes, defaults: defaultsOf(bytes) }];
      }),
    );
  } finally {
    native.TF_DeleteGraph(graph);
  }
}

/**
 * Nodes without the attributes that say what they say by default: an older TensorFlow does not know
 * those that came later, and refuses them.
 */
export function withoutDefaults(
  nodes: readonly GraphNode[],
  operations: ReadonlyMap<string, StoredOperation>,
): GraphNode[] {
  return nodes.map((node) => {
    const { defaults } = operations.get(node.operation)!;
    const told = [...node.attributes].filter(([name, value]) =>
      defaults.get(name)?.join() !== value.join()
    );
    return { ...node, attributes: new Map(told) };
  });
}
