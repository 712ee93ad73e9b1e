/**
 * A graph as TensorFlow keeps it in files (GraphDef), read and written.
 *
 * @module
 */
import { PbfReader, type PbfWriter } from "pbf";
import { native } from "../native.ts";
import type { Trace } from "../trace.ts";
import { type AttributeValue, writeInside } from "./attribute_values.ts";
import { bytesFrom } from "./buffer_bytes.ts";

/** One node. */
export interface GraphNode {
  name: string;
  operation: string;
  /** Names of nodes, with ":1" after one for its second output, "^" before one that just comes first. */
  inputs: readonly string[];
  attributes: ReadonlyMap<string, AttributeValue>;
}

/** A graph's nodes, and the version of their meaning. */
export interface GraphDefinition {
  nodes: GraphNode[];
  /** A serialised VersionDef. */
  versions: Uint8Array;
}

/** A node, in one line. */
export function graphNode(
  name: string,
  operation: string,
  inputs: readonly string[] = [],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): GraphNode {
  return { name, operation, inputs, attributes: new Map(Object.entries(attributes)) };
}

// Field numbers from tensorflow/core/framework/{graph,node_def}.proto.
function readNode(reader: PbfReader): GraphNode {
  const attributes = new Map<string, AttributeValue>();
  const inputs: string[] = [];
  return reader.readMessage((field, node, reader) => {
    if (field === 1) node.name = reader.readString();
    else if (field === 2) node.operation = reader.readString();
    else if (field === 3) inputs.push(reader.readString());
    else if (field === 5) {
      const entry = reader.readMessage((field, entry, reader) => {
        if (field === 1) entry.key = reader.readString();
        else if (field === 2) entry.value = reader.readBytes();
      }, { key: "", value: new Uint8Array() as Uint8Array });
      attributes.set(entry.key, entry.value);
    }
  }, { name: "", operation: "", inputs, attributes });
}

/** The nodes of a trace, in the order in which they were recorded. */
export function graphOfTrace(trace: Trace): GraphDefinition {
  const bytes = bytesFrom(
    "TensorFlow could not write a graph down",
    (buffer, status) => native.TF_GraphToGraphDef(trace.graph, buffer, status),
  );
  return new PbfReader(bytes).readFields((field, graph, reader) => {
    if (field === 1) graph.nodes.push(readNode(reader));
    else if (field === 4) graph.versions = reader.readBytes();
  }, { nodes: [], versions: new Uint8Array() } as GraphDefinition);
}

/** Writes a GraphDef. */
export function writeGraph(
  writer: PbfWriter,
  { nodes, versions }: GraphDefinition,
): void {
  for (const { name, operation, inputs, attributes } of nodes) {
    writeInside(writer, 1, (node) => {
      node.writeStringField(1, name);
      node.writeStringField(2, operation);
      for (const input of inputs) node.writeStringField(3, input);
      for (const [key, value] of attributes) {
        writeInside(node, 5, (entry) => {
          entry.writeStringField(1, key);
          entry.writeBytesField(2, value);
        });
      }
    });
  }
  writer.writeBytesField(4, versions);
}

const inputPattern = /^(\^?)([^:]+)((?::\d+)?)$/;

/** An input under its node's new name. */
export function renamedInput(input: string, rename: (node: string) => string): string {
  const [, control, node, output] = inputPattern.exec(input)!;
  return `${control}${rename(node!)}${output}`;
}
