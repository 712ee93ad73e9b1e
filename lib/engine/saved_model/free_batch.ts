/**
 * A graph for batches of any size, out of graphs that were recorded for a few sizes: what differs
 * between them must be sizes, and a size that grows with the batch is computed when the graph runs.
 *
 * Recording knows lengths only as plain numbers, which functions of tensors compute with; comparing
 * recordings needs nothing of them and finds every place that a batch has gone to.
 *
 * @module
 */
import { DataType } from "../dtypes.ts";
import {
  type Constant,
  readTensorValue,
  tensorValue,
  typeValue,
} from "./attribute_values.ts";
import { type GraphNode, graphNode } from "./graph_def.ts";
import { type BatchSource, integerConstant, type Size, sizeNodes } from "./sizes.ts";

/** Nodes as they were recorded for one size of the batch. */
export interface SizedNodes {
  batch: number;
  nodes: readonly GraphNode[];
}

/** Two sizes give slope and offset, the third shows that there is nothing else to it. */
export const recordedBatches: readonly number[] = [2, 3, 5];

function refuse(what: string): never {
  throw new Error(
    `${what}: give the input a batch of fixed size instead of null, or leave the size of the ` +
      "batch to -1 in the function",
  );
}

function sameBytes(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return one.length === other?.length &&
    one.every((byte, index) => byte === other[index]);
}

/** What a constant is to who reads it: its own name says nothing. */
function constantOf(node: GraphNode, nodes: readonly GraphNode[]): string {
  const reader = nodes.find(({ inputs }) => inputs.includes(node.name));
  return `the constant ${node.name}${
    reader === undefined ? "" : ` that ${reader.name} reads`
  }`;
}

/** The attributes whose values are not the same in all recordings; undefined for another node. */
function differing(node: GraphNode, other: GraphNode | undefined): string[] | undefined {
  if (
    other === undefined || other.name !== node.name ||
    other.operation !== node.operation ||
    other.inputs.join() !== node.inputs.join() ||
    other.attributes.size !== node.attributes.size
  ) return undefined;
  return [...node.attributes].flatMap(([name, value]) =>
    sameBytes(value, other.attributes.get(name)) ? [] : [name]
  );
}

/** The size that was one value at each of the recorded batches. */
function sizeOf(
  batches: readonly number[],
  values: readonly number[],
  where: string,
): Size {
  const slope = (values[1]! - values[0]!) / (batches[1]! - batches[0]!);
  const offset = values[0]! - slope * batches[0]!;
  const fits = values.every((value, index) => value === slope * batches[index]! + offset);
  if (!fits || !Number.isInteger(slope)) {
    refuse(
      `${where} is ${values.join(", ")} for batches of ${
        batches.join(", ")
      }, which is no ` +
        "multiple of the batch",
    );
  }
  return { slope, offset };
}

/** The rows of a constant along an axis of its shape, if they are all the same: one of them. */
function oneRow(content: Uint8Array, shape: readonly number[], axis: number) {
  const count = shape[axis]!;
  const outer = shape.slice(0, axis).reduce((product, length) => product * length, 1);
  const bytes = content.length / (outer * count);
  const row = new Uint8Array(outer * bytes);
  for (let block = 0; block < outer; block++) {
    const start = block * count * bytes;
    const first = content.subarray(start, start + bytes);
    for (let index = 1; index < count; index++) {
      const at = start + index * bytes;
      if (!sameBytes(first, content.subarray(at, at + bytes))) return undefined;
    }
    row.set(first, block * bytes);
  }
  return row;
}

/**
 * The nodes of a graph that takes batches of any size. Names of nodes stay as they are.
 *
 * @param recordings for {@linkcode recordedBatches}.
 * @throws {Error} when something else than a size depends on the batch.
 */
export function freeBatch(
  recordings: readonly SizedNodes[],
  source: BatchSource,
): GraphNode[] {
  const batches = recordings.map(({ batch }) => batch);
  const [first, ...others] = recordings.map(({ nodes }) => nodes) as [
    readonly GraphNode[],
    ...(readonly GraphNode[])[],
  ];
  const result: GraphNode[] = [];
  const sizes = sizeNodes(source, (node) => result.push(node));
  // A size that only a Reshape reads can be the one that TensorFlow finds out by itself.
  const otherReaders = new Set(
    first.flatMap(({ operation, inputs }) =>
      inputs.filter((_, index) => operation !== "Reshape" || index !== 1)
    ),
  );

  /** A constant of the same shape at every batch: a list of sizes, or one size. */
  const computed = (node: GraphNode, constants: readonly Constant[]): void => {
    const { shape, integers } = constants[0]!;
    if (integers === undefined || shape.length > 1) {
      refuse(`The values of ${constantOf(node, first)} depend on the batch`);
    }
    const values = integers.map((_, index) =>
      sizeOf(
        batches,
        constants.map(({ integers }) => integers![index]!),
        `A value of ${constantOf(node, first)}`,
      )
    );
    const grown = values.filter(({ slope }) => slope !== 0);
    const isLeft = grown.length === 1 && grown[0]!.offset === 0 &&
      !otherReaders.has(node.name) && values.every(({ offset }) => offset >= 0);
    if (shape.length === 0) {
      const from = sizes.of(values[0]!);
      const T = typeValue(DataType.int32);
      result.push(graphNode(node.name, "Identity", [from], { T }));
    } else if (isLeft) {
      const lengths = values.map(({ slope, offset }) => slope === 0 ? offset : -1);
      result.push(integerConstant(node.name, lengths));
    } else sizes.list(node.name, values);
  };

  /** A constant that is repeated for each image of the batch. */
  const repeated = (node: GraphNode, constants: readonly Constant[]): void => {
    const { shape, dataType, content } = constants[0]!;
    const lengths = shape.map((_, axis) =>
      sizeOf(
        batches,
        constants.map(({ shape }) => shape[axis]!),
        `The length of ${constantOf(node, first)}`,
      )
    );
    let one = content;
    const rest = [...shape];
    lengths.forEach(({ slope }, axis) => {
      if (slope === 0) return;
      one = one && oneRow(one, rest, axis);
      rest[axis] = 1;
    });
    if (one === undefined) {
      refuse(`The values of ${constantOf(node, first)} depend on the batch`);
    }
    const name = `${node.name}/one`;
    result.push(graphNode(name, "Const", [], {
      dtype: typeValue(dataType),
      value: tensorValue({ dataType, shape: rest, content: one }),
    }));
    sizes.list(`${node.name}/shape`, lengths);
    result.push(graphNode(node.name, "BroadcastTo", [name, `${node.name}/shape`], {
      T: typeValue(dataType),
      Tidx: typeValue(DataType.int32),
    }));
  };

  first.forEach((node, index) => {
    const changed = new Set<string>();
    for (const nodes of others) {
      const names = differing(node, nodes[index]);
      if (names === undefined) {
        refuse(
          `The function does something else for another batch, from ${node.name} on`,
        );
      }
      names.forEach((name) => changed.add(name));
    }
    if (changed.size === 0 || node.operation === "Placeholder") result.push(node);
    else if (node.operation === "Const" && [...changed].join() === "value") {
      const constants = [first, ...others].map((nodes) =>
        readTensorValue(nodes[index]!.attributes.get("value")!)
      );
      const ranks = new Set(constants.map(({ shape }) => shape.length));
      const shapes = new Set(constants.map(({ shape }) => shape.join()));
      if (ranks.size > 1) {
        refuse(`The values of ${constantOf(node, first)} depend on the batch`);
      }
      if (shapes.size === 1) computed(node, constants);
      else repeated(node, constants);
    } else {
      refuse(`The ${[...changed].join(" and ")} of ${node.name} depends on the batch`);
    }
  });
  if (others.some((nodes) => nodes.length !== first.length)) {
    refuse("The function does more for another batch");
  }
  return result;
}
