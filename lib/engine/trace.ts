/**
 * Tracing: while a trace is open, operations become nodes of a TensorFlow graph instead of running,
 * and the graph becomes a TensorFlow function. Symbols are tensors without values.
 *
 * @module
 */
import { findHandle, newTensorId, shareHandle, withHostTensor } from "./handles.ts";
import {
  check,
  cString,
  native,
  type Pointer,
  status,
  temporaryCString,
} from "./native.ts";

/** A tensor of a trace: one output of a graph node. */
export interface Symbol {
  /** TF_Output { TF_Operation*; int } */
  readonly output: Uint8Array<ArrayBuffer>;
  /** Undefined when it depends on values that only a run knows. */
  readonly shape: number[] | undefined;
  readonly dataType: number;
}

/** What a watcher of a trace is told of a tensor; the same object wherever the tensor occurs. */
export type RecordedTensor = Pick<Symbol, "shape">;

/** One step of a trace. */
export interface RecordedOperation {
  /** TensorFlow's name, or the one that `fused` was given. */
  readonly name: string;
  /** A fused function comes after the operations that it is made of. */
  readonly kind: "input" | "operation" | "fused";
  /** Those that were set, by name. */
  readonly attributes: ReadonlyMap<string, unknown>;
  readonly inputs: readonly RecordedTensor[];
  readonly outputs: readonly RecordedTensor[];
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
  /** Told of every step. */
  readonly watch: ((operation: RecordedOperation) => void) | undefined;
  readonly outer: Trace | undefined;
  nodeCount: number;
}

let active: Trace | undefined;

/** The trace that is open, if any. */
export function activeTrace(): Trace | undefined {
  return active;
}

/** Opens a trace; traces nest. */
export function openTrace(watch?: Trace["watch"]): Trace {
  active = {
    graph: native.TF_NewGraph(),
    firstId: newTensorId(),
    inputs: [],
    captures: new Map(),
    constants: new Map(),
    symbols: new Map(),
    casts: new Map(),
    operations: new Map(),
    watch,
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

/** Begins a node; profiles show its name. */
export function newNode(
  trace: Trace,
  operation: string,
  nodeName: string = operation,
): Pointer {
  trace.operations.set(operation, (trace.operations.get(operation) ?? 0) + 1);
  const name = temporaryCString(`${nodeName}_${trace.nodeCount++}`);
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

/** Ends a node. */
export function finish(
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
