/**
 * What TensorFlow writes down about a run: which node ran on which device for how long.
 *
 * @module
 */
import { PbfReader } from "pbf";

/** One run of one node. */
export interface NodeRun {
  /** Its name in the graph. */
  name: string;
  /** The operation as it was executed, after TensorFlow's own rewriting, such as "_FusedConv2D". */
  operation: string;
  /** Of its first result, where TensorFlow knows it. */
  shape: number[];
  /** Computing, without the wait for its turn. */
  milliseconds: number;
}

function readShape(reader: PbfReader): number[] {
  return reader.readMessage((tag, shape, field) => {
    if (tag !== 2) return;
    shape.push(
      field.readMessage((tag, dimension, field) => {
        if (tag === 1) dimension.size = field.readVarint(true);
      }, { size: 0 }).size,
    );
  }, [] as number[]);
}

/** NodeOutput { slot = 1, tensor_description = 3 { shape = 2 } } */
function readOutput(reader: PbfReader): { slot: number; shape: number[] } {
  return reader.readMessage((tag, output, field) => {
    if (tag === 1) output.slot = field.readVarint(true);
    else if (tag === 3) {
      field.readMessage((tag, output, field) => {
        if (tag === 2) output.shape = readShape(field);
      }, output);
    }
  }, { slot: 0, shape: [] as number[] });
}

// Such as "[cpu 1.0MB 1.0MB] Conv2D_12 = Conv2D(Reshape_10, Const_11)".
const labelled = / = (\w+)\(/;

function readNode(reader: PbfReader): NodeRun {
  const node = reader.readMessage((tag, node, field) => {
    if (tag === 1) node.name = field.readString();
    else if (tag === 7) {
      const { slot, shape } = readOutput(field);
      if (slot === 0) node.shape = shape;
    } else if (tag === 8) node.label = field.readString();
    else if (tag === 14) node.start = field.readVarint(true);
    else if (tag === 15) node.end = field.readVarint(true);
  }, { name: "", label: "", shape: [] as number[], start: 0, end: 0 });
  return {
    name: node.name,
    operation: labelled.exec(node.label)?.[1] ?? node.name,
    shape: node.shape,
    milliseconds: (node.end - node.start) / 1e6,
  };
}

/**
 * The nodes that ran, from a RunMetadata. Field numbers from config.proto and step_stats.proto in
 * tensorflow/core.
 */
export function readNodeRuns(runMetadata: Uint8Array): NodeRun[] {
  const nodes: NodeRun[] = [];
  new PbfReader(runMetadata).readFields((tag, nodes, reader) => {
    if (tag !== 1) return;
    reader.readMessage((tag, nodes, reader) => { // StepStats
      if (tag !== 1) return;
      reader.readMessage((tag, nodes, reader) => { // DeviceStepStats
        if (tag === 2) nodes.push(readNode(reader));
      }, nodes);
    }, nodes);
  }, nodes);
  return nodes;
}
