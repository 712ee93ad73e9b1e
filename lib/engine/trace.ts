/**
 * Tracing: while a trace is open, operations become nodes of a TensorFlow graph instead of running,
 * and the graph becomes a TensorFlow function. Symbols are tensors without values.
 *
 * @module
 */
import type { CheckedAttribute } from "./attributes.ts";
import { setNodeAttribute } from "./attributes.ts";
import { DataType, dataTypeName } from "./dtypes.ts";
import { findHandle, newTensorId, shareHandle, withHostTensor } from "./handles.ts";
import {
  check,
  cString,
  native,
  type Pointer,
  status,
  temporaryCString,
} from "./native.ts";
import type { OperationDefinition } from "./operations.ts";

/** A tensor of a trace: one output of a graph node. */
export interface Symbol {
  /** TF_Output { TF_Operation*; int } */
  readonly output: Uint8Array<ArrayBuffer>;
  /** Undefined when it depends on values that only a run knows. */
  readonly shape: number[] | undefined;
  readonly dataType: number;
}

/** A graph under construction. */
export interface Trace {
  readonly graph: Pointer;
  /** Tensors with a smaller number existed before: captured, not constants. */
  readonly firstId: number;
  readonly inputs: Symbol[];
  /** Tensors from outside that became inputs: their own number → the number that keeps them. */
  readonly captures: Map<number, { kept: number; symbol: Symbol }>;
  readonly constants: Map<number, Symbol>;
  readonly symbols: Map<number, Symbol>;
  /** bfloat16 ↔ float32 twins, so that a weight is cast once however often it is used. */
  readonly casts: Map<Symbol, Symbol>;
  /** How often each operation was recorded. */
  readonly operations: Map<string, number>;
  readonly outer: Trace | undefined;
  nodeCount: number;
}

let active: Trace | undefined;

/** The trace that is open, if any. */
export function activeTrace(): Trace | undefined {
  return active;
}

/** Opens a trace; traces nest. */
export function openTrace(): Trace {
  active = {
    graph: native.TF_NewGraph(),
    firstId: newTensorId(),
    inputs: [],
    captures: new Map(),
    constants: new Map(),
    symbols: new Map(),
    casts: new Map(),
    operations: new Map(),
    outer: active,
    nodeCount: 0,
  };
  return active;
}

/** Closes a trace, whatever became of it, and frees its graph. */
export function closeTrace(trace: Trace): void {
  if (active !== trace) {
    throw new Error("Traces must be closed in the order they were opened");
  }
  active = trace.outer;
  native.TF_DeleteGraph(trace.graph);
  trace.symbols.clear();
}

/** Gives a symbol a tensor number. */
export function registerSymbol(trace: Trace, symbol: Symbol): number {
  const id = newTensorId();
  trace.symbols.set(id, symbol);
  return id;
}

function newNode(trace: Trace, operation: string): Pointer {
  trace.operations.set(operation, (trace.operations.get(operation) ?? 0) + 1);
  const name = temporaryCString(`${operation}_${trace.nodeCount++}`);
  return native.TF_NewOperation(trace.graph, cString(operation), name);
}

/** TF_Output as the 16 bytes that C passes by value. */
function outputBytes(node: Pointer, index: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(Deno.UnsafePointer.value(node)), true);
  view.setInt32(8, index, true);
  return bytes;
}

/** One output of a finished node, with the shape that TensorFlow infers. */
function outputOf(trace: Trace, node: Pointer, index: number): Symbol {
  const output = outputBytes(node, index);
  const dataType = native.TF_OperationOutputType(output);
  const rank = native.TF_GraphGetTensorNumDims(trace.graph, output, status);
  let shape: number[] | undefined;
  if (rank === 0) shape = [];
  else if (rank > 0) {
    const lengths = new BigInt64Array(rank);
    native.TF_GraphGetTensorShape(trace.graph, output, lengths, rank, status);
    check("TensorFlow could not infer a shape");
    if (lengths.every((length) => length >= 0n)) shape = Array.from(lengths, Number);
  }
  return { output, shape, dataType };
}

function finish(
  trace: Trace,
  node: Pointer,
  doing: string,
  outputCount: number,
): Symbol[] {
  const finished = native.TF_FinishOperation(node, status);
  check(doing);
  const made = native.TF_OperationNumOutputs(finished);
  if (made !== outputCount) {
    throw new Error(`${doing} has ${made} outputs, ${outputCount} were asked for`);
  }
  return Array.from(
    { length: outputCount },
    (_, index) => outputOf(trace, finished, index),
  );
}

/** Adds an input of the function that the trace becomes. */
export function addInput(trace: Trace, shape: number[], dataType: number): Symbol {
  const node = newNode(trace, "Placeholder");
  native.TF_SetAttrType(node, cString("dtype"), dataType);
  const lengths = BigInt64Array.from(shape, BigInt);
  native.TF_SetAttrShape(node, cString("shape"), lengths, shape.length);
  const [symbol] = finish(trace, node, "Placeholder", 1);
  trace.inputs.push(symbol!);
  return symbol!;
}

function addConstant(trace: Trace, id: number): Symbol {
  const handle = findHandle(id)!;
  return withHostTensor(handle, (tensor) => {
    const node = newNode(trace, "Const");
    native.TF_SetAttrType(node, cString("dtype"), handle.dataType);
    native.TF_SetAttrTensor(node, cString("value"), tensor, status);
    check("Const");
    return finish(trace, node, "Const", 1)[0]!;
  });
}

function capture(trace: Trace, id: number): Symbol {
  const { shape, dataType } = findHandle(id)!;
  if (trace.outer !== undefined) {
    throw new Error(
      "A fused function may only use the tensors that it is given: pass it as an argument",
    );
  }
  const symbol = addInput(trace, shape, dataType);
  trace.captures.set(id, { kept: shareHandle(id), symbol });
  return symbol;
}

/**
 * The symbol for a tensor number: a symbol of this trace, a constant (made while tracing), or a
 * captured tensor from outside, which becomes an input.
 */
export function symbolOf(trace: Trace, id: number): Symbol {
  const known = trace.symbols.get(id) ?? trace.captures.get(id)?.symbol ??
    trace.constants.get(id);
  if (known !== undefined) return known;
  if (findHandle(id) === undefined) {
    throw new Error(
      `Tensor ${id} was disposed, or comes from another trace: a tensor made inside a traced ` +
        "function ends with it unless the function returns it",
    );
  }
  if (id < trace.firstId) return capture(trace, id);
  const constant = addConstant(trace, id);
  trace.constants.set(id, constant);
  return constant;
}

/** The symbol in another of the two float types, cast at most once. */
export function castSymbol(trace: Trace, symbol: Symbol, dataType: number): Symbol {
  if (symbol.dataType === dataType) return symbol;
  const known = trace.casts.get(symbol);
  if (known?.dataType === dataType) return known;
  const node = newNode(trace, "Cast");
  native.TF_AddInput(node, symbol.output);
  native.TF_SetAttrType(node, cString("DstT"), dataType);
  const [cast] = finish(trace, node, "Cast", 1);
  trace.casts.set(symbol, cast!);
  return cast!;
}

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
  return finish(trace, node, operation.name, outputCount);
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
  const node = newNode(trace, "PartitionedCall");
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

/** "float32 [2,3]", for error texts. */
export function describeSymbol(symbol: Symbol): string {
  return `${dataTypeName(symbol.dataType)} [${symbol.shape ?? "unknown"}]`;
}

/** Whether the symbol holds bfloat16 while tfjs takes it for float32. */
export function isReducedPrecision(symbol: Symbol): boolean {
  return symbol.dataType === DataType.bfloat16;
}
