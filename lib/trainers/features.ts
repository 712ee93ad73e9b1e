/**
 * Features of a whole data set by a frozen encoder.
 *
 * @module
 */
import { jit, type Precision, type Tensor, tf } from "../engine/mod.ts";
import type { ImageDataset } from "../data/mod.ts";
import { normalizeImages } from "../nn/normalize_images.ts";
import { toDevice } from "./image_batches.ts";
import type { Interruption } from "./interrupt.ts";
import { Interrupted, unlessStopped, waitToEnd } from "./interrupt.ts";
import { noProgress, type StartProgress } from "./progress.ts";
import {
  evaluationPass,
  imageCountOf,
  imageFormatOf,
  type StreamedImages,
} from "./streamed_images.ts";

/** Features `(N, D)` in the order of the data set. */
export interface Features {
  values: Float32Array;
  /** N */
  length: number;
  /** D */
  width: number;
}

/** Features with the class of each image. */
export interface LabelledFeatures {
  features: Features;
  /** `(N)` */
  labels: Uint8Array | Int32Array;
}

/** Options of {@linkcode extractFeatures}. */
export interface ExtractOptions {
  /** Names the phase in the progress bar. */
  phase: string;
  /** Default: 500. */
  batchSize?: number;
  interruption?: Interruption;
  progress?: StartProgress;
  /** Of matrix products. Default: float32. */
  precision?: Precision;
}

/** Rows of results, as a pass over a data set gives them. */
export interface EncodedRows {
  /** `(count, D)`; only valid until the next. */
  values: Float32Array;
  count: number;
  width: number;
  /** `(count)`, where in the data set each row is: pictures that cannot be read are missing. */
  indices: Int32Array;
  /** `(count)`, where there are labels. */
  labels?: Int32Array;
}

/**
 * Runs an encoder over a data set, a batch at a time.
 *
 * @param encode `(B, H, W, C)` normalised images → `(B, D)`; traced once.
 * @throws {Interrupted} when somebody asked to stop.
 */
export async function encodeAll(
  dataset: ImageDataset | StreamedImages,
  encode: (images: Tensor) => Tensor,
  options: ExtractOptions,
  visit: (rows: EncodedRows) => void,
): Promise<void> {
  const { phase, batchSize = 500, interruption, progress: start = noProgress } = options;
  const format = imageFormatOf(dataset);
  const compiled = jit((images: Tensor) => encode(normalizeImages(images, format)), {
    ...{ name: phase, precision: options.precision ?? "float32" },
  });
  const total = Math.ceil(imageCountOf(dataset) / batchSize);
  const progress = start(phase, total, 0);
  let done = 0;
  const pass = evaluationPass(dataset, batchSize);
  const next = () =>
    interruption === undefined
      ? pass.next()
      : unlessStopped(pass.next(), interruption, phase);
  try {
    for (let batch; (batch = (await next()).value) !== undefined;) {
      const { images } = toDevice(batch);
      const features = await compiled(images);
      if (features.shape.length !== 2) {
        throw new Error(
          `Features are (B, D), but the encoder of "${phase}" gives [${features.shape}]`,
        );
      }
      const width = features.shape[1]!;
      const data = features.dataSync() as Float32Array;
      tf.dispose([images, features]);
      visit({
        ...{ count: batch.count, width, values: data.subarray(0, batch.count * width) },
        indices: batch.indices.subarray(0, batch.count),
        ...(batch.labels === undefined
          ? {}
          : { labels: batch.labels.subarray(0, batch.count) }),
      });
      progress.update({ step: ++done });
      if (interruption?.requested) {
        throw new Interrupted(`${phase} stopped`, interruption.signal);
      }
    }
  } finally {
    await waitToEnd(pass.return(), interruption);
    await progress.stop();
    compiled.dispose();
  }
}

/** All rows in one array, and their labels as far as there are any. */
async function collect(
  dataset: ImageDataset | StreamedImages,
  encode: (images: Tensor) => Tensor,
  options: ExtractOptions,
): Promise<{ features: Features; labels: Int32Array }> {
  const most = imageCountOf(dataset);
  let values = new Float32Array(0);
  const labels = new Int32Array(most);
  let width = 0;
  let length = 0;
  await encodeAll(dataset, encode, options, (rows) => {
    width = rows.width;
    if (values.length === 0) values = new Float32Array(most * width);
    values.set(rows.values, length * width);
    if (rows.labels !== undefined) labels.set(rows.labels, length);
    length += rows.count;
  });
  const features = { values: values.subarray(0, length * width), length, width };
  return { features, labels: labels.subarray(0, length) };
}

/**
 * Features of every image, in order; those that cannot be read are left out.
 *
 * @param encode `(B, H, W, C)` normalised images → `(B, D)`; traced once.
 * @throws {Interrupted} when somebody asked to stop.
 */
export async function extractFeatures(
  dataset: ImageDataset | StreamedImages,
  encode: (images: Tensor) => Tensor,
  options: ExtractOptions,
): Promise<Features> {
  return (await collect(dataset, encode, options)).features;
}

/**
 * Features of every image with its class.
 *
 * @throws {Error} when the data set has no labels.
 * @throws {Interrupted} when somebody asked to stop.
 */
export function extractLabelledFeatures(
  dataset: ImageDataset | StreamedImages,
  encode: (images: Tensor) => Tensor,
  options: ExtractOptions,
): Promise<LabelledFeatures> {
  requireLabels(dataset, options.phase);
  return collect(dataset, encode, options);
}

/** Throws unless there are labels. */
export function requireLabels(
  images: ImageDataset | StreamedImages,
  phase: string,
): void {
  const labelled = "source" in images ? images.source : images;
  if (!("labels" in labelled) || labelled.labels === undefined) {
    throw new Error(
      `${phase} needs labels, and ${labelled.name} has none: put the images into one folder ` +
        "for each class",
    );
  }
}
