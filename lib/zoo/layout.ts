/**
 * Between PyTorch's order of a weight's axes and the kit's. This is the only place that knows both.
 *
 * @module
 */
import type { Layout } from "../nn/scope.ts";

/** Values with their shape, axes in row-major order. */
export interface Shaped {
  values: Float32Array<ArrayBuffer>;
  shape: number[];
}

/**
 * The axes of PyTorch's weight in the kit's order, for `tf.transpose`; undefined where they are the
 * same.
 *
 * @throws {Error} when the layout does not go with that many axes.
 */
export function kitAxes(layout: Layout, rank: number): number[] | undefined {
  const axes = {
    plain: undefined,
    linear: [1, 0],
    convolution: [2, 3, 1, 0],
    depthwise: [2, 3, 0, 1],
    map: [0, 2, 3, 1],
  }[layout];
  if (axes !== undefined && axes.length !== rank) {
    throw new Error(`A ${layout} weight has ${axes.length} axes, not ${rank}`);
  }
  return axes;
}

/** The axes of the kit's weight in PyTorch's order: the inverse of {@linkcode kitAxes}. */
export function referenceAxes(layout: Layout, rank: number): number[] | undefined {
  const axes = kitAxes(layout, rank);
  return axes?.map((_, axis) => axes.indexOf(axis));
}

/** Moves axes: axis `i` of the result is axis `axes[i]` of the values. */
function transpose({ values, shape }: Shaped, axes: number[] | undefined): Shaped {
  if (axes === undefined) return { values, shape };
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  }
  const moved = axes.map((axis) => shape[axis]!);
  const steps = axes.map((axis) => strides[axis]!);
  const result = new Float32Array(values.length);
  const position = new Array<number>(moved.length).fill(0);
  let source = 0;
  for (let target = 0; target < result.length; target++) {
    result[target] = values[source]!;
    // Counts up in the result's order, the last axis first, and follows in the source.
    for (let axis = moved.length - 1; axis >= 0; axis--) {
      source += steps[axis]!;
      if (++position[axis]! < moved[axis]!) break;
      source -= steps[axis]! * moved[axis]!;
      position[axis] = 0;
    }
  }
  return { values: result, shape: moved };
}

/**
 * A weight in PyTorch's layout as the kit has it: linear `[out, in]` → `[in, out]`, convolution
 * OIHW → HWIO, and so on (see `Layout`).
 *
 * @example
 * ```ts
 * import { toKit } from "./layout.ts";
 * console.log(toKit(new Float32Array([1, 2, 3, 4, 5, 6]), [2, 3], "linear"));
 * // { values: Float32Array [ 1, 4, 2, 5, 3, 6 ], shape: [ 3, 2 ] }
 * ```
 */
export function toKit(
  values: Float32Array<ArrayBuffer>,
  shape: number[],
  layout: Layout,
): Shaped {
  return transpose({ values, shape }, kitAxes(layout, shape.length));
}

/** A weight of the kit in PyTorch's layout: the inverse of {@linkcode toKit}. */
export function fromKit(
  values: Float32Array<ArrayBuffer>,
  shape: number[],
  layout: Layout,
): Shaped {
  return transpose({ values, shape }, referenceAxes(layout, shape.length));
}

/** The shape that PyTorch gives a weight of the kit. */
export function referenceShape(shape: number[], layout: Layout): number[] {
  return referenceAxes(layout, shape.length)?.map((axis) => shape[axis]!) ?? shape;
}
