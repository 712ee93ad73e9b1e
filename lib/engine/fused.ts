/**
 * Fused functions: small pieces of element-wise work (layer norm, bias + GELU, softmax, an optimiser
 * update) that run as one XLA-compiled island inside a graph function, forward and backward. Their
 * gradient is found by automatic differentiation inside the island, so no backward is written out.
 *
 * @module
 */
import { metadataOf } from "./binding.ts";
import { eagerContext } from "./context.ts";
import { DataType } from "./dtypes.ts";
import { check, cString, native, type Pointer, status } from "./native.ts";
import { precision, withPrecision } from "./precision.ts";
import { gradientsOf, runCustomOperation } from "./tape.ts";
import { type Tensor, tensorFor, tensorIds, tf } from "./tensorflow.ts";
import { functionOf, recordCall } from "./recording.ts";
import {
  activeTrace,
  addInput,
  castSymbol,
  closeTrace,
  openTrace,
  type Symbol as TraceSymbol,
  symbolOf,
  type Trace,
} from "./trace.ts";

interface Island {
  name: string;
  pointer: Pointer;
  outputs: { shape: number[]; dataType: number }[];
}

/** How a fused function writes its results under the bfloat16 policy. */
export type ResultPrecision = "activation" | "float32";

let islandsWanted = false;
const islands = new Map<string, Island>();

/** Runs `body` with fused functions as islands, or as plain operations. */
export function withFusedFunctions<Result>(wanted: boolean, body: () => Result): Result {
  const before = islandsWanted;
  islandsWanted = wanted;
  try {
    return body();
  } finally {
    islandsWanted = before;
  }
}

/** Whether what is being recorded is for XLA as a whole, and not for a graph function. */
export function isForXla(): boolean {
  return activeTrace() !== undefined && !islandsWanted;
}

type Body = (inputs: Tensor[]) => Tensor[];

// AttrValue { b: true } (tensorflow/core/framework/attr_value.proto, field 5).
const attributeTrue = new Uint8Array([0x28, 1]);

function wrap(symbol: TraceSymbol): Tensor {
  return tensorFor(metadataOf(activeTrace()!, "fused", symbol));
}

/** Compiles a body for inputs of these shapes and types. */
function buildIsland(
  key: string,
  inputs: readonly TraceSymbol[],
  body: Body,
  resultType: (index: number) => number,
): Island {
  const trace = openTrace();
  let pointer: Pointer;
  try {
    tf.engine().startScope(key);
    try {
      const given = inputs.map(({ shape, dataType }) => {
        const symbol = addInput(trace, shape!, dataType);
        return wrap(
          dataType === DataType.bfloat16
            ? castSymbol(trace, symbol, DataType.float32)
            : symbol,
        );
      });
      const results = withFusedFunctions(
        false,
        () => withPrecision("float32", () => body(given)),
      );
      const outputs = tensorIds(results).map((id, index) => {
        const symbol = symbolOf(trace, id);
        return symbol.dataType === DataType.float32
          ? castSymbol(trace, symbol, resultType(index))
          : symbol;
      });
      const name = `fused_${key.split("|")[0]!.replace(/\W+/g, "_")}_${islands.size}`;
      pointer = functionOf(trace, name, outputs);
      native.TF_FunctionSetAttrValueProto(
        ...[pointer, cString("_XlaMustCompile"), attributeTrue, 2n, status] as const,
      );
      check(name);
      native.TFE_ContextAddFunction(eagerContext(), pointer, status);
      check(name);
      return {
        name,
        pointer,
        outputs: outputs.map(({ shape, dataType }) => ({ shape: shape!, dataType })),
      };
    } finally {
      tf.engine().endScope();
    }
  } finally {
    closeTrace(trace);
  }
}

function callIsland(
  name: string,
  inputs: readonly Tensor[],
  body: Body,
  resultType: (index: number) => number,
): TraceSymbol[] {
  const trace = activeTrace()!;
  const symbols = tensorIds(inputs).map((id) => symbolOf(trace, id));
  const key = `${name}|${
    symbols.map((symbol) => `${symbol.dataType}[${symbol.shape}]`).join()
  }`;
  let island = islands.get(key);
  if (island === undefined) {
    island = buildIsland(key, symbols, body, resultType);
    islands.set(key, island);
  }
  return recordCall(trace, island, symbols, true);
}

function tellOfFused(
  trace: Trace,
  name: string,
  inputs: readonly Tensor[],
  results: readonly Tensor[],
): void {
  const symbols = (tensors: readonly Tensor[]): TraceSymbol[] =>
    tensorIds(tensors).map((id) => symbolOf(trace, id));
  trace.watch?.({
    name,
    kind: "fused",
    attributes: new Map(),
    inputs: symbols(inputs),
    outputs: symbols(results),
  });
}

/**
 * Marks a piece of element-wise work as one to fuse. Eagerly, and under the XLA compiler (which
 * fuses everything anyway), it runs as it is; in a graph function it becomes an XLA island, and so
 * does its gradient. Under the bfloat16 policy an island reads and writes bfloat16 and computes in
 * float32.
 *
 * @param name names the function and everything that it depends on besides its inputs: two calls
 *   with the same name must compute the same.
 * @param body a function of its inputs alone, each differentiable or integer.
 * @param result `"float32"` for results that must keep full precision (a residual stream, a loss).
 *
 * @example
 * ```ts
 * import { fused } from "./fused.ts";
 * import { tf } from "./tensorflow.ts";
 * const square = (x: ReturnType<typeof tf.tensor>) =>
 *   fused("square", ([x]) => [tf.square(x!)], [x])[0]!;
 * console.log(square(tf.tensor1d([3])).dataSync()[0]); // 9
 * ```
 */
export function fused(
  name: string,
  body: Body,
  inputs: readonly Tensor[],
  result: ResultPrecision | readonly ResultPrecision[] = "activation",
): Tensor[] {
  const trace = activeTrace();
  if (!islandsWanted || trace === undefined) {
    const results = body([...inputs]);
    if (trace?.watch !== undefined) tellOfFused(trace, name, inputs, results);
    return results;
  }
  const reduced = precision() === "bfloat16";
  const resultType = (index: number): number => {
    const wanted = typeof result === "string" ? result : result[index] ?? "activation";
    return reduced && wanted === "activation" ? DataType.bfloat16 : DataType.float32;
  };
  const policy = reduced ? `bf16(${result})` : "f32";
  const differentiable = inputs.map((input) => input.dtype === "float32");
  return runCustomOperation({
    inputs: Object.fromEntries(inputs.map((input, index) => [`x${index}`, input])),
    forwardFunc: (_, save) => {
      save([...inputs]);
      return callIsland(`${name} ${policy}`, inputs, body, resultType).map(wrap);
    },
    backwardsFunc: (dy, saved) => {
      const dys = Array.isArray(dy) ? dy : [dy];
      // tfjs asks for one gradient at a time and disposes what else was made meanwhile: symbols
      // outlive that, tensors would not.
      let gradients: TraceSymbol[] | undefined;
      const all = (): TraceSymbol[] =>
        gradients ??= callIsland(
          `${name} gradient ${policy}`,
          [...saved, ...dys],
          (given) => backward(body, given, differentiable),
          gradientType(saved),
        );
      const floats = inputs.flatMap((_, index) => differentiable[index] ? [index] : []);
      return Object.fromEntries(floats.map((index, position) => [
        `x${index}`,
        () => wrap(all()[position]!),
      ]));
    },
  });
}

/** Gradients with respect to the float inputs among `given`, whose tail is the upstream ones. */
function backward(body: Body, given: Tensor[], differentiable: boolean[]): Tensor[] {
  const inputs = given.slice(0, differentiable.length);
  const dys = given.slice(differentiable.length);
  const floats = inputs.filter((_, index) => differentiable[index]);
  const restore = (some: Tensor[]): Tensor[] => {
    const values = some[Symbol.iterator]();
    return inputs.map((input, index) =>
      differentiable[index] ? values.next().value! : input
    );
  };
  return gradientsOf((some) => body(restore(some)), floats, dys);
}

/** A gradient is as precise as the value it belongs to. */
function gradientType(inputs: readonly Tensor[]): (index: number) => number {
  const trace = activeTrace()!;
  const types = tensorIds(inputs.filter((input) => input.dtype === "float32"))
    .map((id) => symbolOf(trace, id).dataType);
  return (index) => types[index]!;
}
