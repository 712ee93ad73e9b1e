/**
 * A function of tensors as the nodes of a graph, for a graph that is written to a file.
 *
 * @module
 */
import { DataType } from "../dtypes.ts";
import { native, readCString } from "../native.ts";
import { type Tensor, tf } from "../tensorflow.ts";
import type { Symbol as TraceSymbol } from "../trace.ts";
import { traceBody, type TracedBody } from "../trace_body.ts";
import { flatten } from "../tree.ts";
import { type GraphDefinition, graphOfTrace } from "./graph_def.ts";

/** Element types of inputs; the function is given uint8 as int32, which is what tfjs has. */
export type InputType = "float32" | "int32" | "uint8" | "bool";

/** An input of a signature. */
export interface InputSpecification {
  /** `null` for a length that is only known at a run: the batch, the same wherever it stands. */
  shape: readonly (number | null)[];
  /** Default: float32. */
  dtype?: InputType;
}

/** TensorFlow's number of an input's element type. */
export function inputDataType({ dtype = "float32" }: InputSpecification): number {
  return DataType[dtype];
}

function recordedType({ dtype = "float32" }: InputSpecification) {
  return dtype === "uint8" ? "int32" : dtype;
}

/** The number of the element type that the function is given. */
export function recordedDataType(specification: InputSpecification): number {
  return DataType[recordedType(specification)];
}

/** A function that a SavedModel serves. */
export interface ServedFunction {
  inputs: Readonly<Record<string, InputSpecification>>;
  /** Called with tensors without values, as `jit` does it. */
  run(
    parameters: Record<string, Tensor>,
    inputs: Record<string, Tensor>,
  ): Record<string, Tensor>;
}

/** A result of a recorded function. */
export interface RecordedOutput {
  /** As a node's input: "MatMul_3", or "Split_4:1". */
  from: string;
  dataType: number;
  shape: readonly number[];
}

/** A function as nodes. */
export interface RecordedFunction {
  graph: GraphDefinition;
  /** Placeholders' names by the names of parameters and inputs. */
  parameters: ReadonlyMap<string, string>;
  inputs: ReadonlyMap<string, string>;
  /** Tensors of the outside by their numbers, with other numbers that keep them alive. */
  captures: ReadonlyMap<number, { kept: number; placeholder: string }>;
  outputs: ReadonlyMap<string, RecordedOutput>;
}

/** A symbol as a node's input. */
function inputName({ output }: TraceSymbol): string {
  const view = new DataView(output.buffer);
  const operation = Deno.UnsafePointer.create(view.getBigUint64(0, true));
  const name = readCString(native.TF_OperationName(operation));
  const index = view.getInt32(8, true);
  return index === 0 ? name : `${name}:${index}`;
}

function outputsOf(
  signature: string,
  { structure, outputs }: TracedBody,
): Map<string, RecordedOutput> {
  const items = structure.kind === "record" ? structure.items : [];
  if (items.length === 0 || items.some(([, { kind }]) => kind !== "tensor")) {
    throw new Error(
      `The function of "${signature}" must return a record of tensors such as { logits }, ` +
        `it returned ${structure.kind === "tensor" ? "a tensor" : "something else"}`,
    );
  }
  return new Map(
    items.map(([name], index) => {
      const { shape, dataType } = outputs[index]!;
      return [name, { from: inputName(outputs[index]!), dataType, shape: shape! }];
    }),
  );
}

/**
 * Records a function for one size of the batch, in plain operations that need no XLA.
 *
 * @param batch stands for `null` in shapes.
 */
export function recordFunction(
  signature: string,
  { inputs, run }: ServedFunction,
  parameters: Readonly<Record<string, Tensor>>,
  batch: number,
): RecordedFunction {
  const examples = Object.fromEntries(
    Object.entries(inputs).map(([name, specification]) => {
      const shape = specification.shape.map((length) => length ?? batch);
      return [name, tf.zeros(shape, recordedType(specification))];
    }),
  );
  try {
    return traceBody(
      run as (...given: unknown[]) => unknown,
      flatten([parameters, examples], "arguments"),
      // "xla" is what records without islands of XLA's.
      { compiler: "xla", precision: "float32", name: signature },
      (traced) => {
        const { trace } = traced;
        const names = trace.inputs.map(inputName)[Symbol.iterator]();
        const named = (record: object): Map<string, string> =>
          new Map(Object.keys(record).map((name) => [name, names.next().value!]));
        return {
          graph: graphOfTrace(trace),
          parameters: named(parameters),
          inputs: named(inputs),
          captures: new Map(
            [...trace.captures].map(([id, { kept, symbol }]) => [
              id,
              { kept, placeholder: inputName(symbol) },
            ]),
          ),
          outputs: outputsOf(signature, traced),
        };
      },
    );
  } finally {
    Object.values(examples).forEach((example) => example.dispose());
  }
}
