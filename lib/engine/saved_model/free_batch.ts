/**
 * A graph for batches of any size, out of graphs that were recorded for a few sizes: what differs
 * between them must be sizes, and a size that grows with the batch is computed when the graph runs.
 *
 * Recording knows lengths only as plain numbers, which functions of tensors compute with; comparing
 * recordings needs nothing of them and finds every place that a batch has gone to.
 *
 * @module
 */
import { readTensorValue } from "./attribute_values.ts";
import { addBatchConstant, refuse, sameBytes } from "./batch_constants.ts";
import type { GraphNode } from "./graph_def.ts";
import { type BatchSource, sizeNodes } from "./sizes.ts";

/** Nodes as they were recorded for one size of the batch. */
export interface SizedNodes {
  batch: number;
  nodes: readonly GraphNode[];
}

/** Two sizes give slope and offset, the third shows that there is nothing else to it. */
export const recordedBatches: readonly number[] = [2, 3, 5];

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

/** Names of the attributes that are not the same in all recordings. */
function changedAttributes(
  node: GraphNode,
  others: readonly (GraphNode | undefined)[],
): string[] {
  const changed = others.map((other) => {
    const names = differing(node, other);
    if (names !== undefined) return names;
    refuse(`The function does something else for another batch, from ${node.name} on`);
  });
  return [...new Set(changed.flat())];
}

/** Who reads which node's first output: the first reader, and whether it is as a shape alone. */
function readersOf(nodes: readonly GraphNode[]) {
  const readers = new Map<string, { reader: string; isReshape: boolean }>();
  for (const { name, operation, inputs } of nodes) {
    inputs.forEach((input, index) => {
      const isReshape = operation === "Reshape" && index === 1;
      const known = readers.get(input);
      if (known === undefined) readers.set(input, { reader: name, isReshape });
      else known.isReshape &&= isReshape;
    });
  }
  return readers;
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
  const readers = readersOf(first);
  const result: GraphNode[] = [];
  const add = (node: GraphNode): void => void result.push(node);
  const sizes = sizeNodes(source, add);
  first.forEach((node, index) => {
    const changed = changedAttributes(node, others.map((nodes) => nodes[index]));
    const { name, operation } = node;
    if (changed.length === 0 || operation === "Placeholder") add(node);
    else if (operation === "Const" && changed.join() === "value") {
      const values = [first, ...others].map((nodes) =>
        readTensorValue(nodes[index]!.attributes.get("value")!)
      );
      const { reader, isReshape = false } = readers.get(name) ?? {};
      addBatchConstant({ name, reader, isReshape, batches, values }, { sizes, add });
    } else refuse(`The ${changed.join(" and ")} of ${name} depends on the batch`);
  });
  if (others.some((nodes) => nodes.length !== first.length)) {
    refuse("The function does more for another batch");
  }
  return result;
}
