/**
 * `jit`: runs a TypeScript function once to record it, then runs the recording as one TensorFlow
 * function, off the JavaScript thread. tf.function and jit_compile for TypeScript.
 *
 * @module
 */
import { eagerContext } from "./context.ts";
import { adoptHandle, deleteHandle, findHandle } from "./handles.ts";
import { check, cString, native, newStatus, status } from "./native.ts";
import type { Precision } from "./precision.ts";
import { isTapeOn } from "./tape.ts";
import { type Tensor, tensorFor, tensorIds } from "./tensorflow.ts";
import { functionOf } from "./recording.ts";
import { activeTrace } from "./trace.ts";
import { traceBody } from "./trace_body.ts";
import { flatten, type Structure, structureKey, unflatten } from "./tree.ts";

/** Which compiler runs a traced function. */
export type Compiler = "xla" | "graph" | "auto";

/** How `jit` compiles. */
export interface JitOptions {
  /**
   * `"xla"`: one fused machine program; fastest for float32 transformers.
   * `"graph"`: TensorFlow's own kernels, with fused functions as XLA islands; fastest for bfloat16
   * and convolutions on a CPU. `"auto"` (default) chooses by that rule.
   */
  compiler?: Compiler;
  /** The element type of matrix products. Default: float32. */
  precision?: Precision;
  /** A name for profiles and errors. Default: the function's own. */
  name?: string;
}

/** A compiled function: call it like the original, and await the result. */
export interface Jitted<Arguments extends unknown[], Result> {
  (...args: Arguments): Promise<Result>;
  /** The function as it was given, to be run eagerly or inside another traced function. */
  readonly original: (...args: Arguments) => Result;
  /** How often each TensorFlow operation occurs in the newest recording. */
  operations(): Map<string, number>;
  /** The compiler of the newest recording. */
  compiler(): "xla" | "graph" | undefined;
  /** Frees all recordings. */
  dispose(): void;
}

interface Recording {
  name: string;
  compiler: "xla" | "graph";
  captures: number[];
  outputs: { shape: number[]; dataType: number }[];
  structure: Structure;
  operations: Map<string, number>;
}

let functionCount = 0;
let aliveFunctions = 0;

/** Number of recordings alive. */
export function recordingCount(): number {
  return aliveFunctions;
}

const convolutions = /^(Conv|DepthwiseConv|FusedBatchNorm)/;

/** Whether any recorded operation is one that XLA's CPU compiler runs slower than TensorFlow. */
function prefersGraph(operations: Map<string, number>): boolean {
  return [...operations.keys()].some((operation) => convolutions.test(operation));
}

function record(
  body: (...args: unknown[]) => unknown,
  args: { tensors: Tensor[]; structure: Structure },
  compiler: "xla" | "graph",
  options: { precision: Precision; name: string },
): Recording {
  return traceBody(body, args, { ...options, compiler }, (traced) => {
    const { trace, outputs, structure } = traced;
    const name = `${options.name.replace(/\W+/g, "_") || "function"}_${functionCount++}`;
    const pointer = functionOf(trace, name, outputs);
    try {
      native.TFE_ContextAddFunction(eagerContext(), pointer, status);
      check(`Adding the function ${name}`);
    } finally {
      native.TF_DeleteFunction(pointer);
    }
    aliveFunctions++;
    return {
      name,
      compiler,
      captures: traced.captures,
      outputs: outputs.map(({ shape, dataType }) => ({ shape: shape!, dataType })),
      structure,
      operations: trace.operations,
    };
  });
}

function release(recording: Recording): void {
  recording.captures.forEach(deleteHandle);
  native.TFE_ContextRemoveFunction(eagerContext(), cString(recording.name), status);
  aliveFunctions--;
}

async function run(recording: Recording, argumentIds: number[]): Promise<Tensor[]> {
  const { name, outputs } = recording;
  const ownStatus = newStatus(); // a shared one would be a race: this call leaves the thread
  const op = native.TFE_NewOp(eagerContext(), cString(name), status);
  try {
    check(name);
    for (const id of [...argumentIds, ...recording.captures]) {
      native.TFE_OpAddInput(op, findHandle(id)!.pointer, status);
      check(name);
    }
    if (recording.compiler === "xla") {
      native.TFE_OpSetAttrBool(op, cString("_XlaMustCompile"), 1);
    }
    const results = new BigUint64Array(outputs.length);
    const count = new Int32Array([outputs.length]);
    await native.executeInBackground(op, results, count, ownStatus);
    check(name, ownStatus);
    return outputs.map(({ shape, dataType }, index) => {
      const id = adoptHandle(Deno.UnsafePointer.create(results[index]!), shape, dataType);
      return tensorFor({ id, shape, dtype: dataType });
    });
  } finally {
    if (op !== null) native.TFE_DeleteOp(op);
    native.TF_DeleteStatus(ownStatus);
  }
}

/**
 * Compiles a function of tensors. The first call with a new signature (shapes, element types,
 * structure, plain values) records it; further calls run the recording, off the JavaScript thread,
 * so that the event loop stays free.
 *
 * Tensors of the outside that the function uses become constants of the recording. Gradients belong
 * inside: `jit((w, x) => tf.grads(loss)([w, x]))`.
 *
 * @param body a synchronous function of tensors, plain values, and records and arrays of them.
 *   Inside it, reading values, `Math.random` and tfjs's random functions, and results whose shape
 *   depends on values are errors that say what to do instead.
 * @returns the compiled function. Its results are new tensors that the caller disposes.
 *
 * @example
 * ```ts
 * import { jit } from "./jit.ts";
 * import { tf } from "./tensorflow.ts";
 * const norm = jit((x: ReturnType<typeof tf.tensor>) => x.square().sum().sqrt());
 * const length = await norm(tf.tensor1d([3, 4]));
 * console.log(length.dataSync()[0]); // 5
 * ```
 */
export function jit<Arguments extends unknown[], Result>(
  body: (...args: Arguments) => Result,
  options: JitOptions = {},
): Jitted<Arguments, Result> {
  const name = options.name ?? (body.name || "function");
  const precision = options.precision ?? "float32";
  const wanted = options.compiler ?? "auto";
  const recordings = new Map<string, Recording>();
  let newest: Recording | undefined;

  function recordAs(
    compiler: "xla" | "graph",
    args: { tensors: Tensor[]; structure: Structure },
  ) {
    return record(body as (...args: unknown[]) => unknown, args, compiler, {
      precision,
      name,
    });
  }

  function recordBest(args: { tensors: Tensor[]; structure: Structure }): Recording {
    if (wanted !== "auto") return recordAs(wanted, args);
    if (precision === "bfloat16") return recordAs("graph", args);
    const recording = recordAs("xla", args);
    if (!prefersGraph(recording.operations)) return recording;
    release(recording);
    return recordAs("graph", args);
  }

  async function call(...args: Arguments): Promise<Result> {
    if (activeTrace() !== undefined) {
      throw new Error(
        `${name} is jitted: inside a traced function call ${name}.original instead`,
      );
    }
    if (isTapeOn()) {
      throw new Error(
        `${name} is jitted and has no gradient: take the gradient inside, jit(() => tf.grad(…))`,
      );
    }
    const flat = flatten(args, "arguments");
    const key = structureKey(flat.structure) + "|" +
      flat.tensors.map((tensor) => `${tensor.dtype}[${tensor.shape}]`).join();
    let recording = recordings.get(key);
    if (recording === undefined) {
      recording = recordBest(flat);
      recordings.set(key, recording);
    }
    newest = recording;
    const results = await run(recording, tensorIds(flat.tensors));
    return unflatten(recording.structure, results[Symbol.iterator]()) as Result;
  }

  return Object.assign(call, {
    original: body,
    operations: () => newest?.operations ?? new Map<string, number>(),
    compiler: () => newest?.compiler,
    dispose: () => {
      for (const recording of recordings.values()) release(recording);
      recordings.clear();
    },
  });
}
