/**
 * Inputs on which TensorFlow 2.21 ends the process instead of returning an error (a failed CHECK in
 * a kernel or in shape inference), found by tests/engine/binding_fuzz.ts.
 *
 * @module
 */
import type { CheckedAttribute } from "./attributes.ts";

/** A shape, or undefined where a trace does not know it. */
export type KnownShape = readonly number[] | undefined;

/** What is wrong with a call, or undefined. */
export type Guard = (
  shapes: readonly KnownShape[],
  attributes: readonly CheckedAttribute[],
) => string | undefined;

const unchecked =
  "its kernel does not check its inputs, so that a wrong one ends the process";

// Operations that nothing in masked image modelling needs.
const refused: readonly (readonly [RegExp, string])[] = [
  [/^Abort$/, "it ends the process"],
  [/^(LSTMBlockCell|BlockLSTM|GRUBlockCell|BoostedTrees|CustomAggregator$)/, unchecked],
  [
    /^(AudioSpectrogram$|FakeQuantWithMinMaxVarsPerChannel|QuantizeAndDequantizeV)/,
    unchecked,
  ],
];

/** Why an operation is never run, or undefined. */
export function refusalOf(operation: string): string | undefined {
  return refused.find(([names]) => names.test(operation))?.[1];
}

function intAttribute(attributes: readonly CheckedAttribute[], name: string): number {
  const found = attributes.find((attribute) => attribute.name === name);
  return found?.kind === "int" ? Number(found.value) : 0;
}

const gather: Guard = ([x, indices], attributes) => {
  if (x === undefined || indices === undefined) return undefined;
  const batchDims = intAttribute(attributes, "batch_dims");
  const most = Math.min(x.length, indices.length);
  return Math.abs(batchDims) <= most
    ? undefined
    : `batch_dims is ${batchDims}, for inputs of ${x.length} and ${indices.length} axes`;
};

/** `updates` holds one slice of `tensor` for each row of `indices`. */
const scatterInto: Guard = ([tensor, indices, updates]) => {
  if (tensor === undefined || indices === undefined || updates === undefined) {
    return undefined;
  }
  const depth = indices.at(-1);
  if (depth === undefined || depth > tensor.length) {
    return `the last axis of indices [${indices}] must be at most the axes of [${tensor}]`;
  }
  const wanted = [...indices.slice(0, -1), ...tensor.slice(depth)];
  return wanted.join() === updates.join()
    ? undefined
    : `updates must be of shape [${wanted}], got [${updates}]`;
};

/** `updates` holds one slice of a tensor of the given shape for each row of `indices`. */
const scatterNew: Guard = ([indices, updates, shape]) => {
  if (indices === undefined || updates === undefined || shape === undefined) {
    return undefined;
  }
  const depth = indices.at(-1);
  const axes = shape[0] ?? 0;
  if (depth === undefined || depth > axes) {
    return `the last axis of indices [${indices}] must be at most the ${axes} axes of the result`;
  }
  const rows = indices.slice(0, -1);
  const fits = updates.length === rows.length + axes - depth &&
    rows.every((length, axis) => length === updates[axis]);
  return fits ? undefined : `updates [${updates}] do not fit indices [${indices}]`;
};

const guards = new Map<string, Guard>([
  ["GatherV2", gather],
  ["ScatterNd", scatterNew],
  ["TensorScatterUpdate", scatterInto],
  ["TensorScatterAdd", scatterInto],
  ["TensorScatterSub", scatterInto],
  ["TensorScatterMin", scatterInto],
  ["TensorScatterMax", scatterInto],
]);

/** The guard of an operation, if it needs one. */
export function guardOf(operation: string): Guard | undefined {
  return guards.get(operation);
}
