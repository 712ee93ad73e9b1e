/**
 * Axes of length 1 that one project's tensors have and another's do not.
 *
 * @module
 */
import type { KeyRule, ValueChange } from "./key_rules.ts";

/** `[out, in, 1, 1]` → `[out, in]` */
const squeezed: ValueChange = {
  shape(shape) {
    const [outputs, inputs, ...rest] = shape;
    const fits = outputs !== undefined && inputs !== undefined && rest.join() === "1,1";
    if (!fits) throw new Error(`a 1×1 convolution is [out, in, 1, 1], got [${shape}]`);
    return [outputs, inputs];
  },
  values: (tensor) => ({ ...tensor, shape: squeezed.shape(tensor.shape) }),
};

/** `[out, in]` → `[out, in, 1, 1]` */
const widened: ValueChange = {
  shape(shape) {
    if (shape.length === 2) return [...shape, 1, 1];
    throw new Error(`a linear layer's weight is [out, in], got [${shape}]`);
  },
  values: (tensor) => ({ ...tensor, shape: widened.shape(tensor.shape) }),
};

/** From a 1×1 convolution's weight to a linear layer's, which does the same. */
export function pointwiseAxes(from: string, to: string): KeyRule {
  return { kind: "change", from, to, apply: squeezed, undo: widened };
}
