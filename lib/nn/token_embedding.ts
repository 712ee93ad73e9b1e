/**
 * Token embeddings of a text tower, and the bias that hides later tokens from earlier ones.
 *
 * @module
 */
import { execute, type Tensor, tf } from "../engine/mod.ts";
import { type Initializer, normal } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/** Added to the logits of hidden tokens: exp of it is 0, and unlike -∞ it never makes NaN. */
const hidden = -1e9;

/**
 * Rows of a table: `(V, D)` and ids `(…)` int32 → `(…, D)`, with a gradient for the table.
 *
 * Gather forward and scatter backward cost the same for any vocabulary; a one-hot product is no
 * faster at 20 words and 10 times slower at 1,500.
 *
 * @example
 * ```ts
 * import { lookUp } from "./token_embedding.ts";
 * import { tf } from "../engine/mod.ts";
 * const rows = lookUp(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor1d([1, 0], "int32"));
 * console.log(rows.arraySync()); // [ [ 3, 4 ], [ 1, 2 ] ]
 * ```
 */
export function lookUp(table: Tensor, ids: Tensor): Tensor {
  const [rows, width] = table.shape as [number, number];
  const gather = tf.customGrad((...given) => {
    const [table, save] = given as [Tensor, (tensors: Tensor[]) => void];
    save([ids]);
    const value = execute("GatherV2", [table, ids, tf.scalar(0, "int32")], [])[0]!;
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor =>
      execute("UnsortedSegmentSum", [
        dy.reshape([-1, width]),
        saved[0]!.reshape([-1]),
        tf.scalar(rows, "int32"),
      ], [])[0]!;
    return { value, gradFunc };
  });
  return gather(table);
}

/** Options of {@linkcode tokenEmbedding}. */
export interface TokenEmbeddingOptions {
  /** Number of different ids, V. */
  vocabularySize: number;
  /** D */
  width: number;
  initial?: Initializer;
}

/**
 * Embeds token ids: `(B, N)` int32 → `(B, N, D)`.
 *
 * @param scope holds `weight` `[V, D]`.
 * @param ids in [0, V): of others TensorFlow makes an error, XLA the nearest row.
 *
 * @example
 * ```ts
 * import { tokenEmbedding } from "./token_embedding.ts";
 * import { scope } from "./scope.ts";
 * import { tf } from "../engine/mod.ts";
 * const layer = scope({ weight: tf.eye(3) });
 * const ids = tf.tensor2d([[2, 0]], [1, 2], "int32");
 * const embedded = tokenEmbedding(layer, ids, { vocabularySize: 3, width: 3 });
 * console.log(embedded.arraySync()); // [ [ [ 0, 0, 1 ], [ 1, 0, 0 ] ] ]
 * ```
 */
export function tokenEmbedding(
  scope: Scope,
  ids: Tensor,
  { vocabularySize, width, initial = normal(0.02) }: TokenEmbeddingOptions,
): Tensor {
  return lookUp(scope.parameter("weight", [vocabularySize, width], { initial }), ids);
}

/**
 * The attention bias `(N, N)` with which a token sees itself and those before it.
 *
 * @example
 * ```ts
 * import { causalBias } from "./token_embedding.ts";
 * console.log(causalBias(2).arraySync()); // [ [ 0, -1000000000 ], [ 0, 0 ] ]
 * ```
 */
export function causalBias(length: number): Tensor {
  const bias = new Float32Array(length * length);
  for (let row = 0; row < length; row++) {
    bias.fill(hidden, row * length + row + 1, (row + 1) * length);
  }
  return tf.tensor2d(bias, [length, length]);
}
