/**
 * What a classifier takes over from pretraining.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { resizePositionEmbedding } from "../nn/position_embedding.ts";
import type { Parameters, ParameterSpecification } from "../nn/scope.ts";

type Specifications = ReadonlyMap<string, ParameterSpecification>;

/** The side of a square grid of `length` patches after as few extra tokens as possible. */
function gridSide(length: number): number {
  return Math.floor(Math.sqrt(length));
}

/**
 * Position embeddings `(1, E + N, D)` for another number of patches. Grids are square, and a class
 * token is there when the number of tokens is one above a square.
 */
function resized(name: string, embedding: Tensor, shape: readonly number[]): Tensor {
  const [length, wanted] = [embedding.shape.at(-2)!, shape.at(-2)!];
  const [side, newSide] = [gridSide(length), gridSide(wanted)];
  const extra = length - side ** 2;
  const fits = extra <= 1 && extra === wanted - newSide ** 2 &&
    embedding.shape.at(-1) === shape.at(-1);
  if (!fits) {
    throw new Error(
      `The position embeddings "${name}" [${embedding.shape}] cannot be resized to [${shape}]: ` +
        "both must be of square grids, with or without a class token, and of the same width",
    );
  }
  const grids = { grid: [side, side], newGrid: [newSide, newSide] } as const;
  return resizePositionEmbedding(embedding, grids);
}

/**
 * The parameters that a classifier starts from: all that the pretrained ones have under the same
 * name, or below `backbone` (SimMIM, A2MIM). The head is left out, and position embeddings are resized
 * where the images are of another size.
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
      const isPositions = /(^|\.)(absolute_)?pos_embed$/.test(name);
      if (!isPositions || value.shape.join() === shape.join()) return [name, value];
      return [name, tf.keep(resized(name, value, shape))];
    }))
  );
}
