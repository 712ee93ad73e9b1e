/**
 * What a gradient of the engine's own looks like: one that tfjs lacks.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** Gradients by input name; only those asked for are computed. */
export type GradientMap = Record<string, () => tf.Tensor>;

/** A kernel's gradient: of what to keep, and how to compute it. */
export interface Gradient<Attributes> {
  inputsToSave?: string[];
  saveAllInputs?: boolean;
  outputsToSave?: boolean[];
  compute(
    dy: tf.Tensor | tf.Tensor[],
    saved: tf.Tensor[],
    attributes: Attributes,
  ): GradientMap;
}

/** Registers a gradient for a kernel, unless tfjs has one. */
export function addGradient<Attributes = unknown>(
  kernelName: string,
  { compute, ...keep }: Gradient<Attributes>,
): void {
  if (tf.getGradient(kernelName) != null) return;
  tf.registerGradient({
    ...keep,
    kernelName,
    gradFunc: (dy, saved, attributes) =>
      compute(dy, saved, attributes as unknown as Attributes),
  });
}

/** The only upstream gradient of a kernel with one output. */
export function single(dy: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return Array.isArray(dy) ? dy[0]! : dy;
}

/** Zeros for an input that has no influence; tfjs wants float32 whatever the input is. */
export function noGradient(input: tf.Tensor): () => tf.Tensor {
  return () => tf.zeros(input.shape);
}
