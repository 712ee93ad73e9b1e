/**
 * Gradient checkpointing (Chen et al. 2016, "Training deep nets with sublinear memory cost"): a
 * function that keeps its inputs only, and runs once more when its gradient is asked for.
 *
 * @module
 */
import { DataType } from "./dtypes.ts";
import {
  convert,
  drop,
  raw,
  rawInPlaceOf,
  rawWithNumber,
  reinterpret,
} from "./raw_operations.ts";
import { gradientsOf, runCustomOperation } from "./tape.ts";
import { type Tensor, tensorFor, tensorIds, tf } from "./tensorflow.ts";
import { activeTrace } from "./trace.ts";

/**
 * Zero, computed from `tensor` in a way that no compiler sees through: z²(z² - 1) is a multiple of 4
 * for every whole z, so that its bit 1 is never set.
 */
function hiddenZero(tensor: Tensor): Tensor {
  const [first] = tensorIds([tensor.flatten().slice([0], [1])]);
  const z = reinterpret(raw("Identity", [first!]), "uint32");
  const square = rawInPlaceOf("Mul", z, [z]);
  const less = rawWithNumber("Sub", raw("Identity", [square]), "uint32", 1);
  const bit = rawWithNumber(
    "BitwiseAnd",
    rawInPlaceOf("Mul", less, [square]),
    "uint32",
    2,
  );
  drop(square);
  const id = convert(reinterpret(bit, "int32"), "float32");
  return tensorFor({ id, shape: [1], dtype: DataType.float32 });
}

/**
 * In a traced function the second run would be merged with the first one as equal to it: so it starts
 * from an input that differs for a compiler, and that is not there before the upstream gradient is.
 * (XLA's own barrier operation does not keep its CPU compiler from merging.)
 */
function heldBack(inputs: Tensor[], dy: Tensor): Tensor[] {
  const first = inputs.findIndex((input) => input.dtype === "float32");
  if (activeTrace() === undefined || first < 0 || dy.size === 0) return inputs;
  return inputs.with(first, tf.add(inputs[first]!, tf.reshape(hiddenZero(dy), [])));
}

/** Gradients for the float inputs, by the names of all. */
function recomputed<Result extends Tensor | Tensor[]>(
  body: (...inputs: Tensor[]) => Result,
  inputs: Tensor[],
  dys: Tensor[],
): Record<string, () => Tensor> {
  const given = heldBack(inputs, dys[0]!);
  const isFloat = given.map((input) => input.dtype === "float32");
  const gradients = gradientsOf(
    (some) => {
      const floats = some[Symbol.iterator]();
      const all = given.map((input, index) =>
        isFloat[index] ? floats.next().value! : input
      );
      return [body(...all)].flat() as Tensor[];
    },
    given.filter((_, index) => isFloat[index]),
    dys,
  )[Symbol.iterator]();
  return Object.fromEntries(given.flatMap((_, index) => {
    if (!isFloat[index]) return [];
    const gradient = gradients.next().value!;
    return [[`x${index}`, () => gradient]];
  }));
}

/**
 * Makes a function that trades time for memory: of its forward pass only the inputs are kept, and the
 * rest is computed again for the gradient, eagerly and in traced functions. Around each block of a
 * transformer it makes memory grow with one block's activations instead of with all.
 *
 * @param body a function of its arguments alone. **What it uses besides them gets no gradient**: pass
 *   parameters as arguments. The first float argument should be the one that the work depends on
 *   (the activations). All results are float32. Random draws repeat, as their key does.
 * @returns the same function; it has a first derivative only.
 * @throws {Error} when a gradient is asked for and the result does not depend on a float argument.
 *
 * @example
 * ```ts
 * import { rematerialize } from "./rematerialize.ts";
 * import { tf } from "./tensorflow.ts";
 * const block = rematerialize((x, w) => tf.tanh(tf.matMul(x!, w!)));
 * const [dw] = tf.grads((w) => tf.sum(block(tf.ones([4, 4]), w!)))([tf.ones([4, 4])]);
 * console.log(dw!.shape); // [ 4, 4 ]
 * ```
 */
export function rematerialize<Result extends Tensor | Tensor[]>(
  body: (...inputs: Tensor[]) => Result,
): (...inputs: Tensor[]) => Result {
  return (...inputs) => {
    let isList = false;
    const results = runCustomOperation({
      inputs: Object.fromEntries(inputs.map((input, index) => [`x${index}`, input])),
      forwardFunc: (_, save) => {
        save(inputs);
        const result = body(...inputs);
        isList = Array.isArray(result);
        return [result].flat() as Tensor[];
      },
      backwardsFunc: (dy, saved) => recomputed(body, saved, [dy].flat()),
    });
    return (isList ? results : results[0]!) as Result;
  };
}
