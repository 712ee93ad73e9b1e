/**
 * Inputs on which TensorFlow 2.21 ends the process instead of returning an error (a failed CHECK in
 * a kernel or in shape inference), found by tests/engine/binding_fuzz.ts.
 *
 * @module
 */
import type { CheckedAttribute } from "./attributes.ts";

/** What a guard knows about an input. */
export interface GuardedInput {
  /** Undefined where a trace does not know it. */
  shape: readonly number[] | undefined;
  /** Its values, read when asked for; undefined where a trace has none yet. */
  values(): ArrayLike<number | bigint> | undefined;
}

/** What is wrong with a call, or undefined. */
export type Guard = (
  inputs: readonly GuardedInput[],
  attributes: readonly CheckedAttribute[],
) => string | undefined;

const unchecked =
  "its kernel does not check its inputs, so that a wrong one ends the process";

// Operations that nothing in masked image modelling needs.
const refused: readonly (readonly [RegExp, string])[] = [
  [/^Abort$/, "it ends the process"],
  [/^(LSTMBlockCell|BlockLSTM|GRUBlockCell|BoostedTrees|CustomAggregator$)/, unchecked],
  [/^(SparseCross|Conv$)/, unchecked],
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

/** A guard that looks at shapes, and lets pass what has none yet. */
function onShapes(
  problem: (
    shapes: readonly (readonly number[])[],
    attributes: readonly CheckedAttribute[],
  ) => string | undefined,
): Guard {
  return (inputs, attributes) => {
    const shapes = inputs.flatMap(({ shape }) => shape === undefined ? [] : [shape]);
    return shapes.length < inputs.length ? undefined : problem(shapes, attributes);
  };
}

const gather = onShapes(([x = [], indices = []], attributes) => {
  const batchDims = intAttribute(attributes, "batch_dims");
  const most = Math.min(x.length, indices.length);
  return Math.abs(batchDims) <= most
    ? undefined
    : `batch_dims is ${batchDims}, for inputs of ${x.length} and ${indices.length} axes`;
});

/** `updates` holds one slice of `tensor` for each row of `indices`. */
const scatterInto = onShapes(([tensor = [], indices = [], updates = []]) => {
  const depth = indices.at(-1);
  if (depth === undefined || depth > tensor.length) {
    return `the last axis of indices [${indices}] must be at most the axes of [${tensor}]`;
  }
  const wanted = [...indices.slice(0, -1), ...tensor.slice(depth)];
  return wanted.join() === updates.join()
    ? undefined
    : `updates must be of shape [${wanted}], got [${updates}]`;
});

/** `updates` holds one slice of a tensor of the given shape for each row of `indices`. */
const scatterNew = onShapes(([indices = [], updates = [], shape = []]) => {
  const depth = indices.at(-1);
  const axes = shape[0] ?? 0;
  if (depth === undefined || depth > axes) {
    return `the last axis of indices [${indices}] must be at most the ${axes} axes of the result`;
  }
  const rows = indices.slice(0, -1);
  const fits = updates.length === rows.length + axes - depth &&
    rows.every((length, axis) => length === updates[axis]);
  return fits ? undefined : `updates [${updates}] do not fit indices [${indices}]`;
});

/** The library behind Fourier transforms ends the process on an axis without elements. */
const realFourier: Guard = ([, lengths]) => {
  const values = lengths?.values();
  if (values === undefined) return "fft_length must be known when the call is traced";
  return Array.from(values).every((length) => length > 0)
    ? undefined
    : `fft_length must be above 0, got [${Array.from(values)}]`;
};

/** A number of axes, or a list of one size for each axis of the others. */
type AxesOfInput = number | "sizes";

/** The axes that each input must have; oneDNN's kernels look for them without a check. */
const axesOfInputs: Readonly<Record<string, readonly AxesOfInput[]>> = {
  AvgPool: [4],
  AvgPool3D: [5],
  AvgPool3DGrad: ["sizes", 5],
  AvgPoolGrad: ["sizes", 4],
  Conv2D: [4, 4],
  Conv2DBackpropFilter: [4, "sizes", 4],
  Conv2DBackpropInput: ["sizes", 4, 4],
  Conv3D: [5, 5],
  Conv3DBackpropFilterV2: [5, "sizes", 5],
  Conv3DBackpropInputV2: ["sizes", 5, 5],
  DepthwiseConv2dNative: [4, 4],
  DepthwiseConv2dNativeBackpropFilter: [4, "sizes", 4],
  DepthwiseConv2dNativeBackpropInput: ["sizes", 4, 4],
  FusedBatchNorm: [4, 1, 1, 1, 1],
  FusedBatchNormV2: [4, 1, 1, 1, 1],
  FusedBatchNormV3: [4, 1, 1, 1, 1],
  FusedBatchNormGrad: [4, 4, 1, 1, 1],
  FusedBatchNormGradV2: [4, 4, 1, 1, 1],
  FusedBatchNormGradV3: [4, 4, 1, 1, 1],
  LRN: [4],
  LRNGrad: [4, 4, 4],
  MaxPool: [4],
  MaxPool3D: [5],
  MaxPool3DGrad: [5, 5, 5],
  MaxPoolGrad: [4, 4, 4],
};

const perAxis = ["strides", "dilations", "ksize"];

function axesGuard(wanted: readonly AxesOfInput[]): Guard {
  const axes = Math.max(...wanted.filter((axes) => axes !== "sizes"));
  const fits = (shape: readonly number[], wanted: AxesOfInput | undefined): boolean =>
    wanted === "sizes"
      ? shape.length === 1 && shape[0] === axes
      : wanted === undefined || shape.length === wanted;
  return onShapes((shapes, attributes) => {
    const place = shapes.findIndex((shape, index) => !fits(shape, wanted[index]));
    if (place >= 0) {
      const what = wanted[place] === "sizes"
        ? `be a list of ${axes} sizes`
        : `have ${wanted[place]} axes`;
      return `input ${place} must ${what}, got [${shapes[place]}]`;
    }
    const short = attributes.find(({ name, kind, value }) =>
      kind === "list(int)" && perAxis.includes(name) && value.length !== axes
    );
    return short && `${short.name} must have ${axes} numbers`;
  });
}

const guards = new Map<string, Guard>([
  ...Object.entries(axesOfInputs).map(([name, axes]): [string, Guard] => [
    name,
    axesGuard(axes),
  ]),
  ["GatherV2", gather],
  ["ScatterNd", scatterNew],
]);
for (const change of ["Update", "Add", "Sub", "Min", "Max"]) {
  guards.set(`TensorScatter${change}`, scatterInto);
}
for (const axes of ["", "2D", "3D", "ND"]) {
  guards.set(`RFFT${axes}`, realFourier);
  guards.set(`IRFFT${axes}`, realFourier);
}

/** The guard of an operation, if it needs one. */
export function guardOf(operation: string): Guard | undefined {
  return guards.get(operation);
}
