/**
 * Variables of a SavedModel: nodes that hold, read, restore and save them, and the file of their
 * values. Values in a file of their own are read straight into memory, and may be of any size, where
 * a graph has to stay below 2 GB.
 *
 * @module
 */
import { type Attribute, AttributeKind } from "../attributes.ts";
import { binding } from "../binding.ts";
import { DataType } from "../dtypes.ts";
import {
  shapeValue,
  tensorValue,
  textValue,
  typeListValue,
  typeValue,
} from "./attribute_values.ts";
import { type GraphNode, graphNode } from "./graph_def.ts";

/** A variable. */
export interface Variable {
  /** Also of its node, and of its value in the file. */
  name: string;
  /** The number of the tensor that is its value. */
  tensor: number;
  shape: readonly number[];
  dataType: number;
}

/** Names of the nodes that read and write all variables. */
export const saver = {
  fileName: "save/file",
  saved: "save/saved",
  restored: "save/restored",
} as const;

/** The node that reads a variable. */
export function readerOf(name: string): string {
  return `${name}/Read`;
}

/** The node that gives a variable the value from the file. */
export function assignerOf(index: number): string {
  return `save/assign_${index}`;
}

function textConstant(name: string, texts: readonly string[]): GraphNode {
  return graphNode(name, "Const", [], {
    dtype: typeValue(DataType.string),
    value: tensorValue({ dataType: DataType.string, shape: [texts.length], texts }),
  });
}

/** The nodes of variables. */
export function variableNodes(variables: readonly Variable[]): GraphNode[] {
  const { fileName, saved, restored } = saver;
  const types = typeListValue(variables.map(({ dataType }) => dataType));
  const inFile = [fileName, "save/names", "save/slices"];
  const readers = variables.map(({ name }) => readerOf(name));
  const assigners = variables.map((_, index) => assignerOf(index));
  return [
    ...variables.flatMap(({ name, shape, dataType }) => [
      graphNode(name, "VarHandleOp", [], {
        dtype: typeValue(dataType),
        shape: shapeValue(shape),
        shared_name: textValue(name),
        container: textValue(""),
      }),
      graphNode(readerOf(name), "ReadVariableOp", [name], { dtype: typeValue(dataType) }),
    ]),
    graphNode(fileName, "Placeholder", [], {
      dtype: typeValue(DataType.string),
      shape: shapeValue([]),
    }),
    textConstant("save/names", variables.map(({ name }) => name)),
    textConstant("save/slices", variables.map(() => "")), // each as a whole
    graphNode("save/SaveV2", "SaveV2", [...inFile, ...readers], { dtypes: types }),
    graphNode(saved, "Identity", [fileName, "^save/SaveV2"], {
      T: typeValue(DataType.string),
    }),
    graphNode("save/RestoreV2", "RestoreV2", inFile, { dtypes: types }),
    ...variables.map(({ name, dataType }, index) => {
      const value = index === 0 ? "save/RestoreV2" : `save/RestoreV2:${index}`;
      return graphNode(assignerOf(index), "AssignVariableOp", [name, value], {
        dtype: typeValue(dataType),
      });
    }),
    graphNode(restored, "NoOp", assigners.map((name) => `^${name}`)),
  ];
}

/**
 * Writes values, with TensorFlow's own operation, as `PREFIX.index` and `PREFIX.data-…`.
 *
 * @throws {TensorFlowError} when they cannot be written.
 */
export function writeVariables(prefix: string, variables: readonly Variable[]): void {
  const encoder = new TextEncoder();
  const made: number[] = [];
  const texts = (shape: number[], values: readonly string[]): number => {
    const bytes = values.map((value) => encoder.encode(value));
    const { id } = { id: binding.createTensor(shape, DataType.string, bytes) };
    made.push(id);
    return id;
  };
  const count = [variables.length];
  const types: Attribute = {
    name: "dtypes",
    type: AttributeKind.type,
    value: variables.map(({ dataType }) => dataType),
  };
  try {
    const inFile = [
      texts([], [prefix]),
      texts(count, variables.map(({ name }) => name)),
      texts(count, variables.map(() => "")),
    ];
    const values = variables.map(({ tensor }) => tensor);
    binding.executeOp("SaveV2", [types], [...inFile, ...values], 0);
  } finally {
    made.forEach(binding.deleteTensor);
  }
}
