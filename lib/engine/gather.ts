/**
 * Picking tokens by number, with gradients of one operation each. (tfjs's own gather reads its
 * indices back to JavaScript, and its batched gradient makes an operation per example.)
 *
 * @module
 */
import { AttributeKind } from "./attributes.ts";
import { execute, type Tensor, tf } from "./tensorflow.ts";

function describe(tensor: Tensor): string {
  return `${tensor.dtype} [${tensor.shape}]`;
}

function requireIds(name: string, x: Tensor, ids: Tensor): void {
  if (ids.dtype !== "int32" || ids.rank !== 2) {
    throw new Error(`${name} takes int32 ids (B, K), got ${describe(ids)}`);
  }
  if (x.rank < 2 || x.shape[0] !== ids.shape[0]) {
    throw new Error(
      `${name} takes x (B, N, …) and ids (B, K), got ${describe(x)} and ${describe(ids)}`,
    );
  }
}

/** x[b, ids[b, k]], off the tape. */
function gatherRows(x: Tensor, ids: Tensor): Tensor {
  return tf.tidy(() => {
    const batch = { name: "batch_dims", type: AttributeKind.int, value: 1 };
    return execute("GatherV2", [x, ids, tf.scalar(1, "int32")], [batch])[0]!;
  });
}

/** Adds rows[b, k] into a zero tensor at [b, ids[b, k]], off the tape. */
function scatterRows(rows: Tensor, ids: Tensor, length: number): Tensor {
  const [batch, picked, ...rest] = rows.shape as [number, number, ...number[]];
  return tf.tidy(() => {
    const starts = tf.range(0, batch * length, length, "int32").expandDims(1);
    const flatIds = ids.add(starts).reshape([batch * picked, 1]);
    const shape = tf.tensor1d([batch * length, ...rest], "int32");
    const flat = rows.reshape([batch * picked, ...rest]);
    return execute("ScatterNd", [flatIds, flat, shape], [])[0]!.reshape([
      batch,
      length,
      ...rest,
    ]);
  });
}

/**
 * The tokens with the given numbers.
 *
 * @param x tokens (B, N, …), usually (B, N, D).
 * @param ids int32 (B, K), each from 0 to N - 1; a number may occur more than once. One out of range
 *   is an error of TensorFlow's on a CPU, and undefined under XLA.
 * @returns (B, K, …): `result[b, k] = x[b, ids[b, k]]`, differentiable in x.
 * @throws {Error} when shapes or element types do not fit.
 *
 * @example
 * ```ts
 * import { gatherTokens } from "./gather.ts";
 * import { tf } from "./tensorflow.ts";
 * const x = tf.tensor3d([[[1], [2], [3]]]);
 * const picked = gatherTokens(x, tf.tensor2d([[2, 0]], [1, 2], "int32"));
 * console.log(picked.dataSync()); // Float32Array(2) [ 3, 1 ]
 * ```
 */
export function gatherTokens(x: Tensor, ids: Tensor): Tensor {
  requireIds("gatherTokens", x, ids);
  const length = x.shape[1]!;
  const gather = tf.customGrad((...given) => {
    const [tokens, save] = given as unknown as [Tensor, (tensors: Tensor[]) => void];
    save([ids]);
    return {
      value: gatherRows(tokens, ids),
      gradFunc: (dy: Tensor, saved: Tensor[]) => scatterTokens(dy, saved[0]!, length),
    };
  });
  return gather(x);
}

/**
 * The reverse of `gatherTokens`, and its gradient: rows go to the places with the given numbers, where
 * those that share a place are added, and other places are zero.
 *
 * @param rows (B, K, …).
 * @param ids int32 (B, K), each from 0 to `length` - 1.
 * @returns (B, length, …), differentiable in rows.
 *
 * @example
 * ```ts
 * import { scatterTokens } from "./gather.ts";
 * import { tf } from "./tensorflow.ts";
 * const rows = tf.tensor3d([[[5], [7]]]);
 * const placed = scatterTokens(rows, tf.tensor2d([[2, 0]], [1, 2], "int32"), 3);
 * console.log(placed.dataSync()); // Float32Array(3) [ 7, 0, 5 ]
 * ```
 */
export function scatterTokens(rows: Tensor, ids: Tensor, length: number): Tensor {
  requireIds("scatterTokens", rows, ids);
  if (rows.shape[1] !== ids.shape[1]) {
    throw new Error(
      `scatterTokens takes a number for each row, got ${describe(rows)} and ${
        describe(ids)
      }`,
    );
  }
  const scatter = tf.customGrad((...given) => {
    const [tokens, save] = given as unknown as [Tensor, (tensors: Tensor[]) => void];
    save([ids]);
    return {
      value: scatterRows(tokens, ids, length),
      gradFunc: (dy: Tensor, saved: Tensor[]) => gatherTokens(dy, saved[0]!),
    };
  });
  return scatter(rows);
}

/**
 * Tokens in another order. Like `gatherTokens`, but as the inverse order is known, the gradient is a
 * gather too, several times faster than adding rows up.
 *
 * @param x tokens (B, N, …).
 * @param ids int32 (B, N), a permutation of 0 … N - 1 in each row.
 * @param inverse the inverse permutation (B, N). Default: `invertPermutation(ids)`.
 * @returns (B, N, …), differentiable in x.
 *
 * @example
 * ```ts
 * import { permuteTokens } from "./gather.ts";
 * import { tf } from "./tensorflow.ts";
 * const x = tf.tensor3d([[[1], [2], [3]]]);
 * const order = tf.tensor2d([[2, 0, 1]], [1, 3], "int32");
 * console.log(permuteTokens(x, order).dataSync()); // Float32Array(3) [ 3, 1, 2 ]
 * ```
 */
export function permuteTokens(
  x: Tensor,
  ids: Tensor,
  inverse: Tensor = invertPermutation(ids),
): Tensor {
  requireIds("permuteTokens", x, ids);
  requireIds("permuteTokens", x, inverse);
  if (ids.shape[1] !== x.shape[1] || inverse.shape[1] !== x.shape[1]) {
    throw new Error(
      `permuteTokens takes a whole permutation of ${
        x.shape[1]
      } tokens and its inverse, got ` +
        `${describe(ids)} and ${describe(inverse)}: use gatherTokens for a part`,
    );
  }
  const permute = tf.customGrad((...given) => {
    const [tokens, save] = given as unknown as [Tensor, (tensors: Tensor[]) => void];
    save([ids, inverse]);
    return {
      value: gatherRows(tokens, ids),
      gradFunc: (dy: Tensor, saved: Tensor[]) => permuteTokens(dy, saved[1]!, saved[0]!),
    };
  });
  return permute(x);
}

/**
 * The numbers that sort the last axis in ascending order; equal values keep their order.
 *
 * @param x (…, L), float32 or int32. Without a gradient, as the order has none.
 * @returns int32 (…, L).
 *
 * @example
 * ```ts
 * import { argsort } from "./gather.ts";
 * import { tf } from "./tensorflow.ts";
 * console.log(argsort(tf.tensor1d([3, 1, 2])).dataSync()); // Int32Array(3) [ 1, 2, 0 ]
 * ```
 */
export function argsort(x: Tensor): Tensor {
  if (x.rank < 1 || (x.dtype !== "float32" && x.dtype !== "int32")) {
    throw new Error(`argsort takes float32 or int32 (…, L), got ${describe(x)}`);
  }
  return tf.tidy(() => {
    // ~x = -x - 1 turns the order of all int32 round; -x would leave the least one as it is.
    const [descending] = x.dtype === "int32"
      ? execute("Invert", [x], [])
      : execute("Neg", [x], []);
    const length = tf.scalar(x.shape.at(-1)!, "int32");
    return execute("TopKV2", [descending!, length], [], 2)[1]!;
  });
}

/**
 * The inverse of permutations: `result[b, ids[b, k]] = k`.
 *
 * @param ids int32 (B, L), a permutation of 0 … L - 1 in each row.
 *
 * @example
 * ```ts
 * import { invertPermutation } from "./gather.ts";
 * import { tf } from "./tensorflow.ts";
 * const ids = tf.tensor2d([[2, 0, 1]], [1, 3], "int32");
 * console.log(invertPermutation(ids).dataSync()); // Int32Array(3) [ 1, 2, 0 ]
 * ```
 */
export function invertPermutation(ids: Tensor): Tensor {
  if (ids.dtype !== "int32" || ids.rank !== 2) {
    throw new Error(`invertPermutation takes int32 ids (B, L), got ${describe(ids)}`);
  }
  const [batch, length] = ids.shape as [number, number];
  return tf.tidy(() => {
    const places = tf.range(0, length, 1, "int32").expandDims(0).tile([batch, 1]);
    return scatterRows(places, ids, length);
  });
}
