/**
 * A TypeScript function as a graph: it runs once on tensors without values, and what it would have
 * computed is recorded.
 *
 * @module
 */
import { metadataOf } from "./binding.ts";
import { DataType } from "./dtypes.ts";
import { withFusedFunctions } from "./fused.ts";
import { deleteHandle, findHandle } from "./handles.ts";
import { withoutHostRandomness } from "./host_randomness.ts";
import { type Precision, withPrecision } from "./precision.ts";
import { dropTape } from "./tape.ts";
import { type Tensor, tensorFor, tensorIds, tf } from "./tensorflow.ts";
import {
  addInput,
  castSymbol,
  closeTrace,
  openTrace,
  type Symbol as TraceSymbol,
  symbolOf,
  type Trace,
} from "./trace.ts";
import { flatten, type Structure, unflatten } from "./tree.ts";

/** A recorded function, as long as its trace is open. */
export interface TracedBody {
  trace: Trace;
  /** Tensors of the outside that became inputs after the arguments; the owner deletes them. */
  captures: number[];
  outputs: TraceSymbol[];
  /** How the outputs make up the function's result. */
  structure: Structure;
}

function recordBody(
  trace: Trace,
  body: (...args: unknown[]) => unknown,
  args: { tensors: Tensor[]; structure: Structure },
  { compiler, precision, name }: {
    compiler: "xla" | "graph";
    precision: Precision;
    name: string;
  },
  argumentIds: readonly number[],
): { outputs: TraceSymbol[]; structure: Structure } {
  const inputs = argumentIds.map((id) => {
    const { shape, dataType } = findHandle(id)!;
    return tensorFor(metadataOf(trace, "input", addInput(trace, shape, dataType)));
  });
  const symbolic = unflatten(args.structure, inputs[Symbol.iterator]()) as unknown[];
  const result = withoutHostRandomness(() =>
    withPrecision(
      precision,
      () => withFusedFunctions(compiler === "graph", () => body(...symbolic)),
    )
  );
  if (result instanceof Promise) {
    result.catch(() => {}); // what it still does fails too, and only this error is of use
    throw new Error(
      `${name} is async: a traced function cannot wait; await before or after it`,
    );
  }
  const { tensors, structure } = flatten(result, "result");
  const outputs = tensorIds(tensors).map((id) => {
    const symbol = symbolOf(trace, id);
    return symbol.dataType === DataType.bfloat16
      ? castSymbol(trace, symbol, DataType.float32)
      : symbol;
  });
  return { outputs, structure };
}

/**
 * Records a function and gives the graph to `use`, after which the graph is gone.
 *
 * @param args the flattened arguments: real tensors, whose shapes and types count.
 */
export function traceBody<Result>(
  body: (...args: unknown[]) => unknown,
  args: { tensors: Tensor[]; structure: Structure },
  options: { compiler: "xla" | "graph"; precision: Precision; name: string },
  use: (traced: TracedBody) => Result,
): Result {
  const argumentIds = tensorIds(args.tensors);
  const trace = openTrace();
  const captures = (): number[] => [...trace.captures.values()].map(({ kept }) => kept);
  try {
    let recorded;
    tf.engine().startScope(options.name);
    try {
      recorded = recordBody(trace, body, args, options, argumentIds);
    } finally {
      tf.engine().endScope();
    }
    return use({ trace, captures: captures(), ...recorded });
  } catch (error) {
    captures().forEach(deleteHandle);
    dropTape();
    throw error;
  } finally {
    closeTrace(trace);
  }
}
