/**
 * Random numbers on the device as pure functions of an explicit key: the same key gives the same
 * bits eagerly, in graph functions and under XLA, so that a run can be resumed exactly. An element's
 * value depends on the key and on its position alone.
 *
 * @module
 */
import {
  fixedPointUnit,
  gumbelDistribution,
  normalDistribution,
  quantilesOf,
  type QuantileTable,
  tabulate,
} from "./quantile.ts";
import { affine, draw } from "./random_draw.ts";
import type { Key } from "./random_key.ts";
import { convert, type Raw, rawWithNumber, reinterpret } from "./raw_operations.ts";
import { type Tensor, tf } from "./tensorflow.ts";

/** Bounds of a uniform distribution. */
export interface UniformOptions {
  /** The least value. Default: 0. */
  minimum?: number;
  /** All values are below it. Default: 1. */
  maximum?: number;
}

/** Mean and spread of a normal distribution. */
export interface NormalOptions {
  /** Default: 0. */
  mean?: number;
  /** Default: 1. */
  standardDeviation?: number;
}

/** A normal distribution without its tails. */
export interface TruncatedNormalOptions extends NormalOptions {
  /** The lowest value, in standard deviations from the mean. Default: -2. */
  lowest?: number;
  /** The highest value, in standard deviations from the mean. Default: 2. */
  highest?: number;
}

function largestBelow(value: number): number {
  const below = new Float32Array([value]);
  const bits = new Int32Array(below.buffer);
  if (below[0]! < value) return below[0]!;
  if (below[0] === 0) return -(2 ** -149);
  bits[0]! += below[0]! > 0 ? -1 : 1;
  return below[0]!;
}

/**
 * Uniform numbers in [minimum, maximum), with 24 random bits.
 *
 * @example
 * ```ts
 * import { randomKey } from "./random_key.ts";
 * import { uniform } from "./random.ts";
 * const x = uniform(randomKey(0), [2, 3], { minimum: -1, maximum: 1 });
 * console.log(x.shape); // [ 2, 3 ]
 * ```
 */
export function uniform(
  key: Key,
  shape: number[],
  { minimum = 0, maximum = 1 }: UniformOptions = {},
): Tensor {
  if (!(minimum < maximum && Number.isFinite(maximum - minimum))) {
    throw new Error(`uniform needs minimum < maximum, got ${minimum} and ${maximum}`);
  }
  const finish = (bits: Raw): Raw => {
    const whole = reinterpret(rawWithNumber("RightShift", bits, "uint32", 8), "int32");
    const unit = rawWithNumber("Mul", convert(whole, "float32"), "float32", 2 ** -24);
    if (minimum === 0 && maximum === 1) return unit;
    const scaled = affine(unit, maximum - minimum, minimum);
    // Rounding may reach the upper bound.
    return rawWithNumber("Minimum", scaled, "float32", largestBelow(maximum));
  };
  return draw(key, shape, {
    name: `uniform ${minimum} ${maximum}`,
    dtype: "float32",
    finish,
  });
}

const tables = new Map<string, QuantileTable>();

function tableOf(name: string, make: () => QuantileTable): QuantileTable {
  let table = tables.get(name);
  if (table === undefined) tables.set(name, table = make());
  return table;
}

function requireNormal({ mean = 0, standardDeviation = 1 }: NormalOptions): void {
  if (
    !Number.isFinite(mean) || !Number.isFinite(standardDeviation) || standardDeviation < 0
  ) {
    throw new Error(
      "A normal distribution needs a finite mean and a standard deviation of at least 0, " +
        `got ${mean} and ${standardDeviation}`,
    );
  }
}

/**
 * Normal numbers.
 *
 * @example
 * ```ts
 * import { randomKey } from "./random_key.ts";
 * import { normal } from "./random.ts";
 * const weight = normal(randomKey(0), [4, 4], { standardDeviation: 0.02 });
 * console.log(weight.shape); // [ 4, 4 ]
 * ```
 */
export function normal(key: Key, shape: number[], options: NormalOptions = {}): Tensor {
  return truncatedNormal(key, shape, {
    ...options,
    lowest: -Infinity,
    highest: Infinity,
  });
}

/**
 * Normal numbers without those outside of [lowest, highest], both in standard deviations: the
 * quantile function of the remaining distribution, as in PyTorch's `trunc_normal_`. Its bounds are
 * absolute there, and ±2 with a standard deviation of 0.02 cuts nothing; `{ lowest: -Infinity,
 * highest: Infinity }` has that effect.
 *
 * @example
 * ```ts
 * import { randomKey } from "./random_key.ts";
 * import { truncatedNormal } from "./random.ts";
 * const x = truncatedNormal(randomKey(0), [1000], { standardDeviation: 0.02 });
 * console.log(x.abs().max().dataSync()[0]! <= 0.04); // true
 * ```
 */
export function truncatedNormal(
  key: Key,
  shape: number[],
  options: TruncatedNormalOptions = {},
): Tensor {
  const { mean = 0, standardDeviation = 1, lowest = -2, highest = 2 } = options;
  requireNormal(options);
  if (!(lowest < highest)) {
    throw new Error(
      `truncatedNormal needs lowest < highest, got ${lowest} and ${highest}`,
    );
  }
  const distribution = `normal from ${lowest} to ${highest}`;
  const table = tableOf(
    distribution,
    () => tabulate(normalDistribution(lowest, highest)),
  );
  const finish = (bits: Raw): Raw =>
    affine(quantilesOf(bits, table), standardDeviation * fixedPointUnit, mean);
  const name = `${distribution} ${mean} ${standardDeviation}`;
  return draw(key, shape, { name, dtype: "float32", finish });
}

/**
 * Gumbel noise, never infinite: the K largest of `logits + gumbel` are a sample of K without
 * replacement (Gumbel top-k, Kool et al. 2019).
 *
 * @example
 * ```ts
 * import { randomKey } from "./random_key.ts";
 * import { gumbel } from "./random.ts";
 * console.log(gumbel(randomKey(0), [64, 196]).shape); // [ 64, 196 ]
 * ```
 */
export function gumbel(key: Key, shape: number[]): Tensor {
  const table = tableOf("gumbel", () => tabulate(gumbelDistribution));
  const finish = (bits: Raw): Raw => affine(quantilesOf(bits, table), fixedPointUnit, 0);
  return draw(key, shape, { name: "gumbel", dtype: "float32", finish });
}

/**
 * True with the given probability, else false.
 *
 * @example
 * ```ts
 * import { randomKey } from "./random_key.ts";
 * import { bernoulli } from "./random.ts";
 * console.log(bernoulli(randomKey(0), 0.5, [3]).dtype); // "bool"
 * ```
 */
export function bernoulli(key: Key, probability: number, shape: number[]): Tensor {
  if (!(probability >= 0 && probability <= 1)) {
    throw new Error(`bernoulli needs a probability from 0 to 1, got ${probability}`);
  }
  const finish = (bits: Raw): Raw => {
    const whole = reinterpret(rawWithNumber("RightShift", bits, "uint32", 8), "int32");
    return rawWithNumber("Less", whole, "int32", Math.round(probability * 2 ** 24));
  };
  return draw(key, shape, { name: `bernoulli ${probability}`, dtype: "bool", finish });
}

/**
 * For each of `batch` rows, a random order of 0 … length - 1: int32 (B, L).
 *
 * @example
 * ```ts
 * import { randomKey } from "./random_key.ts";
 * import { permutation } from "./random.ts";
 * console.log(permutation(randomKey(0), 1, 5).dataSync().toSorted()); // [ 0, 1, 2, 3, 4 ]
 * ```
 */
export function permutation(key: Key, batch: number, length: number): Tensor {
  return tf.tidy(() => {
    const finish = (bits: Raw): Raw =>
      reinterpret(rawWithNumber("RightShift", bits, "uint32", 1), "int32");
    const draws = draw(key, [batch, length], {
      name: "permutation",
      dtype: "int32",
      finish,
    });
    return tf.topk(draws, length).indices;
  });
}

/**
 * All draws under one name.
 *
 * @example
 * ```ts
 * import { random } from "./random.ts";
 * import { randomKey } from "./random_key.ts";
 * console.log(random.uniform(randomKey(0), [2, 3]).shape); // [ 2, 3 ]
 * ```
 */
export const random: {
  readonly uniform: typeof uniform;
  readonly normal: typeof normal;
  readonly truncatedNormal: typeof truncatedNormal;
  readonly gumbel: typeof gumbel;
  readonly bernoulli: typeof bernoulli;
  readonly permutation: typeof permutation;
} = { uniform, normal, truncatedNormal, gumbel, bernoulli, permutation };
