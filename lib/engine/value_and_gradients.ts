/**
 * Gradients with respect to a record of parameters.
 *
 * @module
 */
import { type Tensor, tf } from "./tensorflow.ts";

/**
 * The value of a scalar function of named tensors, and its gradient for each of them.
 *
 * @throws {Error} when the value does not depend on one of them.
 *
 * @example
 * ```ts
 * import { valueAndGradients } from "./value_and_gradients.ts";
 * import { tf } from "./tensorflow.ts";
 * const { value, gradients } = valueAndGradients(
 *   { w: tf.scalar(3) },
 *   ({ w }) => tf.square(w),
 * );
 * console.log(value.dataSync()[0], gradients.w.dataSync()[0]); // 9 6
 * ```
 */
export function valueAndGradients<Name extends string>(
  parameters: Record<Name, Tensor>,
  loss: (parameters: Record<Name, Tensor>) => Tensor,
): { value: Tensor; gradients: Record<Name, Tensor> } {
  const names = Object.keys(parameters) as Name[];
  const toRecord = (tensors: Tensor[]) =>
    Object.fromEntries(
      names.map((name, index) => [name, tensors[index]!]),
    ) as Record<Name, Tensor>;
  const differentiate = tf.valueAndGrads((...tensors: Tensor[]) =>
    loss(toRecord(tensors))
  );
  const { value, grads } = differentiate(Object.values(parameters));
  return { value, gradients: toRecord(grads) };
}
