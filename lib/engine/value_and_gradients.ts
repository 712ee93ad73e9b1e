/**
 * Gradients with respect to a record of parameters.
 *
 * @module
 */
import { type Tensor, tf } from "./tensorflow.ts";

/** A loss with what else its computation gave, such as batch norm's running statistics. */
export interface LossWithAuxiliary<Auxiliary extends string = string> {
  loss: Tensor;
  auxiliary: Record<Auxiliary, Tensor>;
}

/** A tensor of the caller's scope in place of one kept through the end of a gradient computation. */
function handOut(kept: Tensor): Tensor {
  const tensor = kept.clone();
  kept.dispose();
  return tensor;
}

/**
 * The value of a scalar function of named tensors, and its gradient for each of them.
 *
 * @param body returns the scalar, or the scalar as `loss` and other tensors as `auxiliary`, which
 *   are handed through and not differentiated.
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
export function valueAndGradients<Name extends string, Auxiliary extends string = never>(
  parameters: Record<Name, Tensor>,
  body: (parameters: Record<Name, Tensor>) => Tensor | LossWithAuxiliary<Auxiliary>,
): {
  value: Tensor;
  gradients: Record<Name, Tensor>;
  auxiliary: Record<Auxiliary, Tensor>;
} {
  const names = Object.keys(parameters) as Name[];
  const toRecord = (tensors: Tensor[]) =>
    Object.fromEntries(
      names.map((name, index) => [name, tensors[index]!]),
    ) as Record<Name, Tensor>;
  let kept: [string, Tensor][] = [];
  const differentiate = tf.valueAndGrads((...tensors: Tensor[]) => {
    const result = body(toRecord(tensors));
    if (!("auxiliary" in result)) return result;
    kept = Object.entries<Tensor>(result.auxiliary)
      .map(([name, tensor]) => [name, tf.keep(tensor.clone())]);
    return result.loss;
  });
  const { value, grads } = differentiate(Object.values(parameters));
  return {
    value,
    gradients: toRecord(grads),
    auxiliary: Object.fromEntries(
      kept.map(([name, tensor]) => [name, handOut(tensor)]),
    ) as Record<Auxiliary, Tensor>,
  };
}
