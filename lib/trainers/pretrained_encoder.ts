/**
 * What a classifier takes over from pretraining.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import type { Parameters, ParameterSpecification } from "../nn/scope.ts";
import { isPositionTable, resizeTable, resizingOf } from "../zoo/resize_positions.ts";

type Specifications = ReadonlyMap<string, ParameterSpecification>;

/** Position embeddings or a table of relative positions for another grid of patches. */
function resized(name: string, table: Tensor, shape: readonly number[]): Tensor {
  const resizing = resizingOf(name, table.shape, shape);
  if (resizing !== undefined) return resizeTable(table, resizing);
  throw new Error(
    `The position embeddings "${name}" [${table.shape}] cannot be resized to [${shape}]: ` +
      "both must be of square grids, with or without a class token, and of the same width",
  );
}

/**
 * The parameters that a classifier starts from: all that the pretrained ones have under the same
 * name, or below `backbone` (SimMIM, A2MIM). The head is left out, and position embeddings and tables of
 * relative positions are resized where the images are of another size.
 *
 * @returns tensors that may be those of `pretrained`.
 * @throws {Error} when nothing fits, with a name as an example.
 *
 * @example
 * ```ts
 * import { startFrom } from "./pretrained_encoder.ts";
 * import { tf } from "../engine/mod.ts";
 * import { linear } from "../nn/linear.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   linear(scope.at("stem"), input({ shape: [1, 2] }), 2)
 * );
 * const start = startFrom({ "backbone.stem.bias": tf.zeros([2]) }, specifications, "test");
 * console.log(Object.keys(start)); // [ "stem.bias" ]
 * ```
 */
export function startFrom(
  pretrained: Parameters,
  specifications: Specifications,
  phase: string,
): Parameters {
  const taken = Object.entries(pretrained)
    .map(([name, value]) =>
      [specifications.has(name) ? name : name.replace(/^backbone\./, ""), value] as const
    )
    .filter(([name]) => specifications.has(name) && !name.startsWith("head."));
  if (taken.length === 0) {
    throw new Error(
      `${phase} finds none of its parameters among the pretrained ones, such as ` +
        `"${Object.keys(pretrained)[0]}": are they of this backbone?`,
    );
  }
  return tf.tidy(() =>
    Object.fromEntries(taken.map(([name, value]) => {
      const { shape } = specifications.get(name)!;
      const fits = value.shape.join() === shape.join();
      if (fits || !isPositionTable(name)) return [name, value];
      return [name, tf.keep(resized(name, value, shape))];
    }))
  );
}
