/**
 * Running a function on shapes alone: every operation is recorded and none is run, which tells
 * shapes, parameter names and operation counts at no cost.
 *
 * @module
 */
import { metadataOf } from "./binding.ts";
import { DataType } from "./dtypes.ts";
import { type Tensor, tensorFor, tf } from "./tensorflow.ts";
import {
  addInput,
  closeTrace,
  openTrace,
  type RecordedOperation,
  type Trace,
} from "./trace.ts";

/** A tensor of a given shape and element type, without values. */
export interface TensorSpecification {
  shape: number[];
  dtype?: "float32" | "int32" | "bool";
  /** What a watcher is told about it. Default: "input". */
  name?: string;
}

/** Makes symbolic tensors inside `abstractly`. */
export type Placeholder = (specification: TensorSpecification) => Tensor;

function placeholderIn(trace: Trace): Placeholder {
  return ({ shape, dtype = "float32", name = "input" }) => {
    const symbol = addInput(trace, shape, DataType[dtype]);
    trace.watch?.({
      ...{ name, kind: "input", attributes: new Map(), inputs: [], outputs: [symbol] },
    });
    return tensorFor(metadataOf(trace, name, symbol));
  };
}

/**
 * Runs `body` without computing anything; its tensors end with it.
 *
 * @param watch is told of every input and operation, in order.
 * @returns what `body` returns (no tensors: read their shapes inside), and how often each
 *   TensorFlow operation occurred.
 *
 * @example
 * ```ts
 * import { abstractly } from "./abstract.ts";
 * const { result } = abstractly((tensor) =>
 *   tensor({ shape: [8, 3] }).matMul(tensor({ shape: [3, 4] })).shape
 * );
 * console.log(result); // [ 8, 4 ]
 * ```
 */
export function abstractly<Result>(
  body: (placeholder: Placeholder) => Result,
  watch?: (operation: RecordedOperation) => void,
): { result: Result; operations: Map<string, number> } {
  const trace = openTrace(watch);
  try {
    tf.engine().startScope("abstractly");
    try {
      return { result: body(placeholderIn(trace)), operations: trace.operations };
    } finally {
      tf.engine().endScope();
    }
  } finally {
    closeTrace(trace);
  }
}
