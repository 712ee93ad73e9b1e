/**
 * Gradients of operations that pick and place elements: each is the opposite operation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { AttributeKind } from "../attributes.ts";
import { scatterTokens } from "../gather.ts";
import { execute } from "../tensorflow.ts";
import { addGradient, noGradient, single } from "./gradient.ts";

interface StridedSliceAttributes {
  begin: number[];
  end: number[];
  strides: number[];
  beginMask: number;
  endMask: number;
  ellipsisMask: number;
  newAxisMask: number;
  shrinkAxisMask: number;
}

function stridedSliceGradient(
  dy: tf.Tensor,
  shape: number[],
  given: StridedSliceAttributes,
): tf.Tensor {
  const inputs = [shape, given.begin, given.end, given.strides].map((values) =>
    tf.tensor1d(values, "int32")
  );
  const masks = {
    begin_mask: given.beginMask,
    end_mask: given.endMask,
    ellipsis_mask: given.ellipsisMask,
    new_axis_mask: given.newAxisMask,
    shrink_axis_mask: given.shrinkAxisMask,
  };
  const attributes = Object.entries(masks).map(([name, value]) => ({
    name,
    type: AttributeKind.int,
    value,
  }));
  return execute("StridedSliceGrad", [...inputs, dy], attributes)[0]!;
}

/** Registers them. */
export function registerIndexingGradients(): void {
  addGradient<{ dtype: string }>(tf.GatherNd, {
    inputsToSave: ["params", "indices"],
    compute: (dy, [params, indices]) => ({
      params: () =>
        tf.scatterND(
          indices as tf.Tensor,
          single(dy),
          params!.shape as tf.ShapeMap[tf.Rank],
        ),
      indices: noGradient(indices!),
    }),
  });
  addGradient(tf.ScatterNd, {
    inputsToSave: ["indices"],
    compute: (dy, [indices]) => ({
      indices: noGradient(indices!),
      updates: () => tf.gatherND(single(dy), indices!),
    }),
  });
  addGradient(tf.TensorScatterUpdate, {
    inputsToSave: ["indices", "updates"],
    compute: (dy, [indices, updates]) => ({
      tensor: () =>
        tf.tensorScatterUpdate(
          single(dy),
          indices!,
          tf.zeros(updates!.shape) as tf.Tensor,
        ),
      indices: noGradient(indices!),
      updates: () => tf.gatherND(single(dy), indices!),
    }),
  });
  addGradient<{ k: number }>(tf.TopK, {
    inputsToSave: ["x"],
    outputsToSave: [false, true],
    compute: (dy, [x, indices], { k }) => ({
      x: () => {
        const length = x!.shape.at(-1)!;
        const rows = single(dy).reshape([-1, k]);
        return scatterTokens(rows, indices!.reshape([-1, k]), length).reshape(x!.shape);
      },
    }),
  });
  addGradient<StridedSliceAttributes>(tf.StridedSlice, {
    inputsToSave: ["x"],
    compute: (dy, [x], attributes) => ({
      x: () => stridedSliceGradient(single(dy), x!.shape, attributes),
    }),
  });
  addGradient<{ blockSize: number; dataFormat: string }>(tf.DepthToSpace, {
    compute: (dy, _, { blockSize, dataFormat }) => ({
      x: () =>
        execute("SpaceToDepth", [single(dy)], [
          { name: "block_size", type: AttributeKind.int, value: blockSize },
          { name: "data_format", type: AttributeKind.string, value: dataFormat },
        ])[0]!,
    }),
  });
  addGradient<{ axis: number; exclusive: boolean; reverse: boolean }>(tf.Cumprod, {
    inputsToSave: ["x"],
    outputsToSave: [true],
    // As TensorFlow does it: undefined (NaN) where x is zero.
    compute: (dy, [x, y], { axis, exclusive, reverse }) => ({
      x: () => tf.cumsum(tf.mul(single(dy), y!), axis, exclusive, !reverse).div(x!),
    }),
  });
}
