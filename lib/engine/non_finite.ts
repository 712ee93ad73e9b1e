/**
 * Where numbers stop being finite: a function is run eagerly, and every operation's results are looked
 * at.
 *
 * @module
 */
import { binding } from "./binding.ts";
import { DataType } from "./dtypes.ts";
import { findHandle, readHandle } from "./handles.ts";
import { type Tensor, tensorIds } from "./tensorflow.ts";

/** The first result that is not finite. */
export interface NonFiniteResult {
  /** TensorFlow's name of the operation, such as "Exp". */
  operation: string;
  /** Among the named tensors, the one that an operation took last. */
  after?: string;
  value: number;
}

/** The first number that is NaN or infinite. */
export function firstNonFinite(values: Float32Array): number | undefined {
  // A sum that is finite has finite terms; a look at the terms is only for one that is not.
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  return Number.isFinite(sum)
    ? undefined
    : values.find((value) => !Number.isFinite(value));
}

/**
 * Runs a function eagerly and finds the first operation with a result that is not finite.
 *
 * @param named tensors that the function uses, such as parameters: they tell how far it came.
 *
 * @example
 * ```ts
 * import { firstNonFiniteResult } from "./non_finite.ts";
 * import { tf } from "./tensorflow.ts";
 * const weight = tf.scalar(1000);
 * const found = firstNonFiniteResult(() => tf.exp(weight.mul(2)), { weight });
 * console.log(found); // { operation: "Exp", after: "weight", value: Infinity }
 * ```
 */
export function firstNonFiniteResult(
  body: () => unknown,
  named: Record<string, Tensor>,
): NonFiniteResult | undefined {
  const ids = tensorIds(Object.values(named));
  const names = new Map(Object.keys(named).map((name, index) => [ids[index]!, name]));
  let after: string | undefined;
  let found: NonFiniteResult | undefined;
  const { executeOp } = binding;
  binding.executeOp = (operation, attributes, inputs, outputCount) => {
    const results = executeOp(operation, attributes, inputs, outputCount);
    if (found !== undefined) return results;
    for (const id of inputs) after = names.get(id) ?? after;
    for (const { id, dtype } of results) {
      if (dtype !== DataType.float32) continue;
      const value = firstNonFinite(readHandle(findHandle(id)!) as Float32Array);
      if (value === undefined) continue;
      found = { operation, value, ...(after === undefined ? {} : { after }) };
      break;
    }
    return results;
  };
  try {
    body();
  } finally {
    binding.executeOp = executeOp;
  }
  return found;
}
