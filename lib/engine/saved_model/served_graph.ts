/**
 * A recorded function as a signature's part of a graph that several signatures share: inputs that
 * are fed, outputs that are fetched, and what lies between, under the signature's name.
 *
 * @module
 */
import type { Tensor } from "../tensorflow.ts";
import { shapeValue, typeValue } from "./attribute_values.ts";
import { refuse } from "./batch_constants.ts";
import { freeBatch, recordedBatches } from "./free_batch.ts";
import { type GraphNode, graphNode, renamedInput } from "./graph_def.ts";
import type { Signature, SignatureTensor } from "./meta_graph.ts";
import {
  inputDataType,
  type InputSpecification,
  recordedDataType,
  type RecordedFunction,
  recordFunction,
  type ServedFunction,
} from "./recorded_function.ts";
import { readerOf } from "./variables.ts";

/** A signature's part of a graph. */
export interface ServedGraph {
  nodes: GraphNode[];
  /** A serialised VersionDef. */
  versions: Uint8Array;
  signature: Signature;
}

/** The nodes that outputs are made of, in their order. */
function neededNodes(
  nodes: readonly GraphNode[],
  outputs: readonly string[],
): GraphNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const needed = new Set<string>();
  const waiting = [...outputs];
  for (let input = waiting.pop(); input !== undefined; input = waiting.pop()) {
    renamedInput(input, (name) => {
      const node = byName.get(name);
      if (node !== undefined && !needed.has(name)) {
        needed.add(name);
        waiting.push(...node.inputs);
      }
      return name;
    });
  }
  return nodes.filter(({ name }) => needed.has(name));
}

/** Outputs must be what they are whatever the batch, but for their lengths. */
function requireSameOutputs(recorded: readonly RecordedFunction[]): void {
  const kinds = recorded.map(({ outputs }) =>
    [...outputs].map(([name, { from, shape }]) => [name, from, shape.length]).join()
  );
  if (new Set(kinds).size > 1) {
    refuse("The function returns something else for another batch");
  }
}

/** Nodes for any batch if an input has one, and what they were recorded as. */
function nodesOf(
  name: string,
  served: ServedFunction,
  record: (batch: number) => RecordedFunction,
): { nodes: readonly GraphNode[]; recorded: readonly RecordedFunction[] } {
  const [input, specification] =
    Object.entries(served.inputs).find(([, { shape }]) => shape.includes(null)) ?? [];
  if (input === undefined) {
    const recorded = record(1);
    return { nodes: recorded.graph.nodes, recorded: [recorded] };
  }
  const recorded = recordedBatches.map(record);
  // tfjs brings a tensor of the outside to TensorFlow when it is used first: to this trace, it is a
  // constant of the function, to later ones, a tensor of the outside.
  if (recorded.some(({ captures }) => captures.size !== recorded[0]!.captures.size)) {
    recorded[0] = record(recordedBatches[0]!);
  }
  const sized = recorded.map(({ graph: { nodes } }, index) => ({
    batch: recordedBatches[index]!,
    nodes,
  }));
  const source = {
    node: recorded[0]!.inputs.get(input)!,
    axis: specification!.shape.indexOf(null),
    dataType: recordedDataType(specification!),
  };
  try {
    const nodes = freeBatch(sized, source);
    requireSameOutputs(recorded);
    return { nodes, recorded };
  } catch (error) {
    throw new Error(
      `"${name}" cannot be served for batches of any size. ${(error as Error).message}`,
      { cause: error },
    );
  }
}

function inputNodes(
  path: string,
  specification: InputSpecification,
  shape: readonly number[],
): GraphNode[] {
  const type = inputDataType(specification);
  const recorded = recordedDataType(specification);
  const placeholder = graphNode(path, "Placeholder", [], {
    dtype: typeValue(type),
    shape: shapeValue(shape),
  });
  if (type === recorded) return [placeholder];
  const cast = graphNode(`${path}/given`, "Cast", [path], {
    SrcT: typeValue(type),
    DstT: typeValue(recorded),
  });
  return [placeholder, cast];
}

/**
 * A signature's nodes. Parameters are read from variables of their names.
 *
 * @param capture is told of a tensor of the outside that the function uses, by its number and one
 *   that keeps it alive, and says what variable it becomes.
 */
export function servedGraph(
  name: string,
  served: ServedFunction,
  parameters: Readonly<Record<string, Tensor>>,
  capture: (id: number, kept: number) => string,
): ServedGraph {
  const names = new Map<string, string>();
  const { nodes, recorded } = nodesOf(name, served, (batch) => {
    const recorded = recordFunction(name, served, parameters, batch);
    for (const [id, { kept, placeholder }] of recorded.captures) {
      names.set(placeholder, readerOf(capture(id, kept)));
    }
    return recorded;
  });
  const [first] = recorded as [RecordedFunction, ...RecordedFunction[]];
  first.parameters.forEach((node, parameter) => names.set(node, readerOf(parameter)));

  const result: GraphNode[] = [];
  const inputs = new Map<string, SignatureTensor>();
  for (const [input, specification] of Object.entries(served.inputs)) {
    const node = `${name}/inputs/${input}`;
    const dataType = inputDataType(specification);
    const shape = specification.shape.map((length) => length ?? -1);
    const made = inputNodes(node, specification, shape);
    result.push(...made);
    names.set(first.inputs.get(input)!, made.at(-1)!.name);
    inputs.set(input, { node, dataType, shape });
  }
  const rename = (node: string): string => names.get(node) ?? `${name}/${node}`;
  const fetched = [...first.outputs.values()].map(({ from }) => from);
  for (const node of neededNodes(nodes, fetched)) {
    if (names.has(node.name)) continue; // a placeholder
    const inputs = node.inputs.map((input) => renamedInput(input, rename));
    result.push({ ...node, name: rename(node.name), inputs });
  }

  const outputs = new Map<string, SignatureTensor>();
  for (const [output, { from, dataType, shape }] of first.outputs) {
    const node = `${name}/outputs/${output}`;
    const T = typeValue(dataType);
    result.push(graphNode(node, "Identity", [renamedInput(from, rename)], { T }));
    const lengths = shape.map((length, axis) =>
      recorded.every(({ outputs }) => outputs.get(output)!.shape[axis] === length)
        ? length
        : -1
    );
    outputs.set(output, { node, dataType, shape: lengths });
  }
  return {
    nodes: result,
    versions: first.graph.versions,
    signature: { inputs, outputs },
  };
}
