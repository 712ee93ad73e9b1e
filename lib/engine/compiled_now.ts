/**
 * A piece of eager work compiled by XLA and run at once, on the JavaScript thread: a chain of a
 * hundred element-wise operations reads and writes memory once instead of a hundred times.
 *
 * @module
 */
import { metadataOf } from "./binding.ts";
import { eagerContext } from "./context.ts";
import { adoptResult, findHandle } from "./handles.ts";
import { check, cString, native, status } from "./native.ts";
import { type Tensor, tensorFor, tensorIds, tf } from "./tensorflow.ts";
import { functionOf } from "./recording.ts";
import { addInput, closeTrace, openTrace, symbolOf } from "./trace.ts";

const compiled = new Map<string, string>();

function compile(key: string, ids: number[], body: (inputs: Tensor[]) => Tensor): string {
  const trace = openTrace();
  try {
    tf.engine().startScope(key);
    try {
      const inputs = ids.map((id) => {
        const { shape, dataType } = findHandle(id)!;
        return tensorFor(metadataOf(trace, "input", addInput(trace, shape, dataType)));
      });
      const outputs = tensorIds([body(inputs)]).map((id) => symbolOf(trace, id));
      const name = `compiled_${key.replace(/\W+/g, "_")}_${compiled.size}`;
      const pointer = functionOf(trace, name, outputs);
      native.TFE_ContextAddFunction(eagerContext(), pointer, status);
      native.TF_DeleteFunction(pointer);
      check(name);
      return name;
    } finally {
      tf.engine().endScope();
    }
  } finally {
    closeTrace(trace);
  }
}

/**
 * Runs a function of tensors as one XLA-compiled function, outside of traced functions.
 *
 * @param name names the function and everything that it depends on besides its inputs.
 * @param body a function of its inputs alone, with one result; it has no gradient.
 *
 * @example
 * ```ts
 * import { compiledNow } from "./compiled_now.ts";
 * import { tf } from "./tensorflow.ts";
 * const sum = compiledNow("sum of squares", [tf.tensor1d([3, 4])], ([x]) => x!.square().sum());
 * console.log(sum.dataSync()[0]); // 25
 * ```
 */
export function compiledNow(
  name: string,
  inputs: readonly Tensor[],
  body: (inputs: Tensor[]) => Tensor,
): Tensor {
  const ids = tensorIds(inputs);
  const signature = inputs.map((input) => `${input.dtype}[${input.shape}]`).join();
  const key = `${name}|${signature}`;
  let functionName = compiled.get(key);
  if (functionName === undefined) {
    functionName = compile(name, ids, body);
    compiled.set(key, functionName);
  }
  const op = native.TFE_NewOp(eagerContext(), cString(functionName), status);
  check(name);
  try {
    for (const id of ids) native.TFE_OpAddInput(op, findHandle(id)!.pointer, status);
    native.TFE_OpSetAttrBool(op, cString("_XlaMustCompile"), 1);
    const results = new BigUint64Array(1);
    native.TFE_Execute(op, results, new Int32Array([1]), status);
    check(name);
    return tensorFor(adoptResult(Deno.UnsafePointer.create(results[0]!)));
  } finally {
    native.TFE_DeleteOp(op);
  }
}
