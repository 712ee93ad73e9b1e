/**
 * A model of the zoo as a TensorFlow SavedModel, for TensorFlow Serving and for Python.
 *
 * @module
 */
import {
  type SavedModelContent,
  saveModel,
  type SaveModelOptions,
  type Tensor,
  tf,
} from "../engine/mod.ts";
import { scope } from "../nn/scope.ts";
import type { Model } from "./model.ts";

/** What is written of a model. */
export type ModelToExport = Pick<Model, "encode" | "parameters" | "preprocessing">;

// 255, the largest value of a byte, stands for 1.
const largestByte = 255;

/**
 * Writes a model's inference function, for batches of any size N of square images of its size S:
 *
 * - `serving_default`: `images` `(N, S, S, C)` float32, normalised as the model wants it;
 * - `pixels`: `images` `(N, S, S, C)` uint8, 0 … 255, which are normalised inside.
 *
 * Both give `features` `(N, D)` and, of a classifier, `logits` `(N, classes)`. Pictures are to be resized
 * and cut before, as `preprocessing` says.
 *
 * @param folder is made; TensorFlow Serving wants it to be called by a number: `models/vit/1`.
 * @throws {Error} when it cannot be written, or something is there.
 *
 * @example
 * ```ts
 * import { exportSavedModel } from "./saved_model.ts";
 * import { imagenetPreprocessing } from "./preprocessing.ts";
 * import { tf } from "../engine/mod.ts";
 * const { variables } = await exportSavedModel({
 *   parameters: { "head.weight": tf.ones([3, 10]) },
 *   preprocessing: imagenetPreprocessing({ imageSize: 8 }),
 *   encode: (scope, images) => {
 *     const features = images.mean([1, 2]);
 *     const weight = scope.at("head").parameter("weight", [3, 10], {
 *       initial: (_, shape) => tf.zeros(shape),
 *     });
 *     return { features, logits: features.matMul(weight) };
 *   },
 * }, `${await Deno.makeTempDir()}/1`);
 * console.log(variables); // [ "head.weight" ]
 * ```
 */
export function exportSavedModel(
  { encode, parameters, preprocessing }: ModelToExport,
  folder: string,
  options: SaveModelOptions = {},
): Promise<SavedModelContent> {
  const { imageSize, mean, std } = preprocessing;
  const shape = [null, imageSize, imageSize, mean.length];
  const run = (parameters: Record<string, Tensor>, images: Tensor) => {
    const { features, logits } = encode(scope(parameters), images);
    return logits === undefined ? { features } : { features, logits };
  };
  return saveModel(folder, {
    parameters,
    signatures: {
      serving_default: {
        inputs: { images: { shape } },
        run: (parameters, { images }) => run(parameters, images!),
      },
      pixels: {
        inputs: { images: { shape, dtype: "uint8" } },
        run: (parameters, { images }) => {
          const values = images!.toFloat().div(largestByte);
          return run(parameters, values.sub(tf.tensor1d([...mean])).div([...std]));
        },
      },
    },
  }, options);
}
