/**
 * Keys of random numbers: every draw names its key, and keys are derived from keys, so that no
 * draw depends on the order of others.
 *
 * @module
 */
import { AttributeKind } from "./attributes.ts";
import { binding } from "./binding.ts";
import { DataType } from "./dtypes.ts";
import { fused } from "./fused.ts";
import { drop, type Raw, raw, rawConstant, reinterpret } from "./raw_operations.ts";
import { type Tensor, tensorFor, tensorIds, tf } from "./tensorflow.ts";
import { textHash } from "./text_hash.ts";
import { threefry, type Words } from "./threefry.ts";

/** An int32 tensor of shape (2): 64 bits that a draw or a derived key is a function of. */
export type Key = Tensor;

/**
 * What a counter is used for, its second word: Threefry is a bijection of counters, so a key's
 * numbers, the keys folded from it and those split from it never coincide.
 */
export const CounterPurpose = { draw: 0, foldNumber: 1, foldText: 2, split: 3 } as const;

/** Refuses what is no key. */
export function requireKey(key: Key, doing: string): void {
  if (!(key instanceof tf.Tensor) || key.dtype !== "int32" || `${key.shape}` !== "2") {
    const given = key instanceof tf.Tensor
      ? `${key.dtype} [${key.shape}]`
      : Deno.inspect(key, { depth: 0 });
    throw new Error(
      `${doing} takes a key, an int32 tensor [2], got ${given}: make one with randomKey(seed)`,
    );
  }
}

/** The key's two words as uint32 scalars, which the caller drops. */
export function keyWords(key: Key): Words {
  const both = reinterpret(raw("Identity", tensorIds([key])), "uint32");
  const attributes = [{ name: "num", type: AttributeKind.int, value: 2 }];
  const [first, second] = binding.executeOp("Unpack", attributes, [both], 2);
  drop(both);
  return [first!.id, second!.id];
}

/** Threefry's results for (counters, purpose), each of the counters' shape. */
export function encrypt(key: Key, counters: Raw, purpose: number): Words {
  const words = keyWords(key);
  const second = rawConstant("uint32", [], [purpose]);
  const result = threefry(words, [counters, second]);
  drop(...words, second);
  return result;
}

/**
 * A key from a seed.
 *
 * @param seed a whole number from 0 to 2^53 - 1.
 *
 * @example
 * ```ts
 * import { randomKey } from "./random_key.ts";
 * console.log(randomKey(42).dataSync()); // Int32Array(2) [ 0, 42 ]
 * ```
 */
export function randomKey(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new Error(`A seed must be a whole number from 0 to 2^53 - 1, got ${seed}`);
  }
  return tf.tensor1d([Math.floor(seed / 2 ** 32) | 0, seed | 0], "int32");
}

/** New keys from counters, (n, 2) or (2): TensorFlow's number of rows decides. */
function deriveKeys(name: string, key: Key, counters: Tensor, purpose: number): Tensor {
  const body = ([from, at]: Tensor[]): Tensor[] => {
    const given = reinterpret(raw("Identity", tensorIds([at!])), "uint32");
    const words = encrypt(from!, given, purpose);
    const both = raw("Pack", words, [
      { name: "T", type: AttributeKind.type, value: DataType.uint32 },
      { name: "N", type: AttributeKind.int, value: words.length },
      { name: "axis", type: AttributeKind.int, value: -1 },
    ]);
    drop(given, ...words);
    const shape = [...at!.shape, 2];
    return [tensorFor({ id: reinterpret(both, "int32"), shape, dtype: DataType.int32 })];
  };
  return fused(name, body, [key, counters])[0]!;
}

/**
 * A key that depends on `key` and on what it is for: a step, a block's index, a purpose.
 *
 * @param data a whole number from 0 to 2^32 - 1, a text, or an int32 scalar (a step inside `jit`).
 *
 * @example
 * ```ts
 * import { foldIn, randomKey } from "./random_key.ts";
 * const maskKey = foldIn(foldIn(randomKey(0), "mask"), 17);
 * console.log(maskKey.shape); // [ 2 ]
 * ```
 */
export function foldIn(key: Key, data: number | string | Tensor): Key {
  requireKey(key, "foldIn");
  if (typeof data === "string") {
    return withScalar(
      textHash(data),
      (at) => deriveKeys("fold text into key", key, at, CounterPurpose.foldText),
    );
  }
  if (typeof data === "number") {
    if (!Number.isInteger(data) || data < 0 || data >= 2 ** 32) {
      throw new Error(`foldIn takes a whole number from 0 to 2^32 - 1, got ${data}`);
    }
    return withScalar(
      data | 0,
      (at) => deriveKeys("fold number into key", key, at, CounterPurpose.foldNumber),
    );
  }
  if (data.dtype !== "int32" || data.shape.length !== 0) {
    throw new Error(`foldIn takes an int32 scalar, got ${data.dtype} [${data.shape}]`);
  }
  return deriveKeys("fold number into key", key, data, CounterPurpose.foldNumber);
}

function withScalar(value: number, use: (scalar: Tensor) => Tensor): Tensor {
  const scalar = tf.scalar(value, "int32");
  try {
    return use(scalar);
  } finally {
    scalar.dispose();
  }
}

/**
 * Independent keys from one.
 *
 * @example
 * ```ts
 * import { randomKey, splitKey } from "./random_key.ts";
 * const [first, second, third] = splitKey(randomKey(0), 3);
 * console.log(first!.shape, second!.shape, third!.shape); // [ 2 ] [ 2 ] [ 2 ]
 * ```
 */
export function splitKey(key: Key, count = 2): Key[] {
  requireKey(key, "splitKey");
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new Error(`splitKey needs a number of keys of at least 1, got ${count}`);
  }
  return tf.tidy(() => {
    const counters = tf.range(0, count, 1, "int32");
    return tf.unstack(deriveKeys("split key", key, counters, CounterPurpose.split));
  });
}
