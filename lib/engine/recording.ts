/**
 * What is recorded in a trace: operations as nodes, calls of functions, and the whole graph as a
 * function.
 *
 * @module
 */
import { type CheckedAttribute, setNodeAttribute } from "./attributes.ts";
import { check, cString, native, type Pointer, status } from "./native.ts";
import type { OperationDefinition } from "./operations.ts";
import { finish, newNode, type Symbol, type Trace } from "./trace.ts";

/** Splits flat inputs into the operation's arguments; only lists hold more than one. */
export function groupInputs<Item>(
  operation: OperationDefinition,
  attributes: readonly CheckedAttribute[],
  inputs: readonly Item[],
): { items: Item[]; isList: boolean }[] {
  const singles =
    operation.inputs.filter((input) =>
      input.lengthAttribute === "" && input.typeListAttribute === ""
    ).length;
  const lists = operation.inputs.length - singles;
  let next = 0;
  const groups = operation.inputs.map((input) => {
    const isList = input.lengthAttribute !== "" || input.typeListAttribute !== "";
    let length = 1;
    if (isList) {
      const name = input.lengthAttribute || input.typeListAttribute;
      const given = attributes.find((attribute) => attribute.name === name);
      if (given?.kind === "int") length = Number(given.value);
      else if (given?.kind === "list(type)") length = given.value.length;
      else if (lists === 1) length = inputs.length - singles;
      else throw new Error(`${operation.name} needs the attribute "${name}"`);
    }
    return { items: inputs.slice(next, next += Math.max(0, length)), isList };
  });
  if (next !== inputs.length || inputs.length < singles) {
    const names = operation.inputs.map((input) => input.name).join(", ") || "none";
    throw new Error(
      `${operation.name} takes the inputs ${names}; got ${inputs.length} of them`,
    );
  }
  return groups;
}

/** Records one operation as a node. */
export function recordOperation(
  trace: Trace,
  operation: OperationDefinition,
  attributes: readonly CheckedAttribute[],
  inputs: readonly Symbol[],
  outputCount: number,
): Symbol[] {
  const groups = groupInputs(operation, attributes, inputs);
  const inferred = new Set(
    operation.inputs.flatMap((input) => [input.lengthAttribute, input.typeListAttribute]),
  );
  const node = newNode(trace, operation.name);
  for (const { items, isList } of groups) {
    if (isList) {
      const outputs = new Uint8Array(16 * items.length);
      items.forEach((item, index) => outputs.set(item.output, 16 * index));
      native.TF_AddInputList(node, outputs, items.length);
    } else native.TF_AddInput(node, items[0]!.output);
  }
  for (const attribute of attributes) {
    // A list's length and types follow from its inputs; setting them too is an error.
    if (!inferred.has(attribute.name)) setNodeAttribute(node, attribute);
  }
  const outputs = finish(trace, node, operation.name, outputCount);
  trace.watch?.({
    name: operation.name,
    kind: "operation",
    attributes: new Map(attributes.map(({ name, value }) => [name, value])),
    inputs,
    outputs,
  });
  return outputs;
}

/** A node that calls a function, as XLA-compiled code when `compile` is set. */
export function recordCall(
  trace: Trace,
  called: {
    name: string;
    pointer: Pointer;
    outputs: { shape: number[]; dataType: number }[];
  },
  inputs: readonly Symbol[],
  compile: boolean,
): Symbol[] {
  native.TF_GraphCopyFunction(trace.graph, called.pointer, null, status);
  check(`Copying the function ${called.name}`);
  const node = newNode(trace, "PartitionedCall", called.name);
  const outputs = new Uint8Array(16 * inputs.length);
  inputs.forEach((input, index) => outputs.set(input.output, 16 * index));
  native.TF_AddInputList(node, outputs, inputs.length);
  const name = new TextEncoder().encode(called.name);
  native.TF_SetAttrFuncName(node, cString("f"), name, BigInt(name.length));
  const types = Int32Array.from(called.outputs, (output) => output.dataType);
  native.TF_SetAttrTypeList(node, cString("Tout"), types, types.length);
  if (compile) native.TF_SetAttrBool(node, cString("_XlaMustCompile"), 1);
  const symbols = finish(trace, node, called.name, called.outputs.length);
  // The graph does not infer shapes through a call.
  return symbols.map((symbol, index) => ({
    ...symbol,
    shape: called.outputs[index]!.shape,
  }));
}

/** Turns the graph into a TensorFlow function from its inputs to `outputs`. */
export function functionOf(
  trace: Trace,
  name: string,
  outputs: readonly Symbol[],
): Pointer {
  const flatten = (symbols: readonly Symbol[]): Uint8Array<ArrayBuffer> => {
    const bytes = new Uint8Array(16 * symbols.length);
    symbols.forEach((symbol, index) => bytes.set(symbol.output, 16 * index));
    return bytes;
  };
  const pointer = native.TF_GraphToFunction(
    ...[trace.graph, cString(name), 0, -1, null, trace.inputs.length] as const,
    ...[flatten(trace.inputs), outputs.length, flatten(outputs)] as const,
    ...[null, null, null, status] as const,
  );
  check(`Building the function ${name}`);
  return pointer;
}
