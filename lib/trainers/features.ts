/**
 * Features of a whole data set by a frozen encoder.
 *
 * @module
 */
import { jit, type Tensor, tf } from "../engine/mod.ts";
import { evaluationBatches, type ImageDataset } from "../data/mod.ts";
import type { Interruption } from "./interrupt.ts";
import { Interrupted } from "./interrupt.ts";
import { noProgress, type StartProgress } from "./progress.ts";

/** Features `(N, D)` in the order of the data set. */
export interface Features {
  values: Float32Array;
  /** N */
  length: number;
  /** D */
  width: number;
}

/** Options of {@linkcode extractFeatures}. */
export interface ExtractOptions {
  /** Names the phase in the progress bar. */
  phase: string;
  /** Default: 500. */
  batchSize?: number;
  interruption?: Interruption;
  progress?: StartProgress;
}

/**
 * Pixels as bytes to pixels with mean 0 and deviation 1, on the device: `(B, H, W, C)`.
 *
 * @example
 * ```ts
 * import { normalizeImages } from "./features.ts";
 * import { tf } from "../engine/mod.ts";
 * const images = tf.fill([1, 2, 2, 1], 255);
 * console.log(normalizeImages(images, { mean: [0.5], std: [0.25] }).dataSync()[0]); // 2
 * ```
 */
export function normalizeImages(
  images: Tensor,
  { mean, std }: { mean: readonly number[]; std: readonly number[] },
): Tensor {
  const scale = std.map((deviation) => 1 / (255 * deviation));
  const shift = mean.map((value, channel) => -value / std[channel]!);
  return tf.cast(images, "float32").mul(tf.tensor1d(scale)).add(tf.tensor1d(shift));
}

/**
 * Runs an encoder over a data set.
 *
 * @param encode `(B, H, W, C)` normalised images → `(B, D)`; traced once.
 * @throws {Interrupted} when somebody asked to stop.
 */
export async function extractFeatures(
  dataset: ImageDataset,
  encode: (images: Tensor) => Tensor,
  { phase, batchSize = 500, interruption, progress: start = noProgress }: ExtractOptions,
): Promise<Features> {
  const compiled = jit((images: Tensor) => encode(normalizeImages(images, dataset)), {
    name: phase,
  });
  const total = Math.ceil(dataset.length / batchSize);
  const progress = start(phase, total, 0);
  let values = new Float32Array(0);
  let width = 0;
  let done = 0;
  try {
    for (const batch of evaluationBatches(dataset, { batchSize })) {
      const images = tf.tensor4d(
        Int32Array.from(batch.images),
        [...batch.shape],
        "int32",
      );
      const features = await compiled(images);
      if (features.shape.length !== 2) {
        throw new Error(
          `Features are (B, D), but the encoder of "${phase}" gives [${features.shape}]`,
        );
      }
      width = features.shape[1]!;
      if (values.length === 0) values = new Float32Array(dataset.length * width);
      const data = features.dataSync() as Float32Array;
      values.set(data.subarray(0, batch.count * width), done * batchSize * width);
      tf.dispose([images, features]);
      progress.update({ step: ++done });
      if (interruption?.requested) throw new Interrupted(`${phase} stopped`);
    }
  } finally {
    progress.stop();
    compiled.dispose();
  }
  return { values, length: dataset.length, width };
}
