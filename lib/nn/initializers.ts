/**
 * Initial values of parameters, as functions of a key and a shape.
 *
 * @module
 */
import { type Key, random, type Tensor, tf } from "../engine/mod.ts";

/** Draws a parameter's initial value. */
export type Initializer = (key: Key, shape: number[]) => Tensor;

/** All zeros. */
export const zeros: Initializer = (_, shape) => tf.zeros(shape);

/** All ones. */
export const ones: Initializer = (_, shape) => tf.ones(shape);

/** One value everywhere. */
export function constant(value: number): Initializer {
  return (_, shape) => tf.fill(shape, value);
}

/** A given table, such as sine-cosine position embeddings. */
export function table(values: () => Float32Array): Initializer {
  return (_, shape) => tf.tensor(values(), shape, "float32");
}

/** Normal with mean 0. */
export function normal(standardDeviation: number): Initializer {
  return (key, shape) => random.normal(key, shape, { standardDeviation });
}

/** Normal with mean 0, cut at ±2 (absolute, as timm's trunc_normal_). */
export function truncatedNormal(standardDeviation: number): Initializer {
  const bounds = { lowest: -2 / standardDeviation, highest: 2 / standardDeviation };
  return (key, shape) =>
    random.truncatedNormal(key, shape, { standardDeviation, ...bounds });
}

/** Uniform in ±1 / √inputs, PyTorch's default for linear layers and convolutions. */
export function uniformByInputs(inputs: number): Initializer {
  const limit = inputs ** -0.5;
  return (key, shape) => random.uniform(key, shape, { minimum: -limit, maximum: limit });
}

/**
 * Uniform in ±√(6 / (in + out)) (Glorot & Bengio 2010), with a weight of any rank taken as the
 * matrix `[everything but the last axis, last axis]`.
 */
export const xavierUniform: Initializer = (key, shape) => {
  const outputs = shape.at(-1) ?? 1;
  const inputs = shape.slice(0, -1).reduce((product, length) => product * length, 1);
  const limit = Math.sqrt(6 / (inputs + outputs));
  return random.uniform(key, shape, { minimum: -limit, maximum: limit });
};
