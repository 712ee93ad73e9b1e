/**
 * Batches of images on the device, for training jobs: from memory, or read while the device computes.
 *
 * @module
 */
import {
  type Batch,
  batches,
  type BatchOptions,
  type ImageDataset,
  type LabelledDataset,
  labelsAt,
} from "../data/mod.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { isStreamed, type StreamedImages, streamOf } from "./streamed_images.ts";
import { partSizes } from "./training_job.ts";

/** Images of one step, and where they lie in the data set. */
export interface ImageBatch {
  /** Bytes, `(B, H, W, C)` int32. */
  images: Tensor;
  /** `(B)` */
  indices: Int32Array;
  /** `(B)`, where the data set has labels. */
  labels?: Int32Array;
}

/** What decides the batches of {@linkcode imageBatches}. */
export interface ImageBatchOptions extends BatchOptions {
  /** Images of each part of a batch; the last has what remains. Default: all. */
  readonly microBatchSize?: number | undefined;
}

/** Batches by the number of step and part; steps in order are quickest. */
export interface ImageBatches<Result> {
  (step: number, part?: number): Result;
  /** Ends what reads ahead. */
  close(): Promise<void>;
}

/** A batch on the host. */
export interface HostBatch extends Pick<Batch, "images" | "shape" | "indices"> {
  readonly labels?: Int32Array;
}

/** Rows of a batch, on the device. */
export function toDevice(
  { images, shape, indices, labels }: HostBatch,
  from = 0,
  count = shape[0],
): ImageBatch {
  const [, ...rest] = shape;
  const size = rest.reduce((product, length) => product * length, 1);
  const bytes = images.subarray(from * size, (from + count) * size);
  return {
    images: tf.tensor4d(Int32Array.from(bytes), [count, ...rest], "int32"),
    indices: indices.subarray(from, from + count),
    ...(labels === undefined ? {} : { labels: labels.subarray(from, from + count) }),
  };
}

function batchesInMemory(
  dataset: ImageDataset | LabelledDataset,
  options: ImageBatchOptions,
): ImageBatches<ImageBatch> {
  const sizes = partSizes(options);
  let stream = batches(dataset, options);
  let next = 0;
  let current: HostBatch & { step: number } | undefined;
  const at = (step: number, part = 0): ImageBatch => {
    if (step !== current?.step) {
      if (step !== next) stream = batches(dataset, { ...options, startStep: step });
      next = step + 1;
      current = stream.next().value;
    }
    const rows = toDevice(current, part * sizes[0]!, sizes[part]!);
    if (part === sizes.length - 1) current = undefined; // nobody asks for it again
    // Asked for here and not before: pretraining is given data sets without labels.
    return "labels" in dataset
      ? { ...rows, labels: labelsAt(dataset, rows.indices) }
      : rows;
  };
  return Object.assign(at, { close: () => Promise.resolve() });
}

/** Batches as a loader reads them, the next ones while a step runs. */
function batchesRead(
  images: StreamedImages,
  options: ImageBatchOptions,
): ImageBatches<Promise<ImageBatch>> {
  const sizes = partSizes(options);
  // Parts of one size are what the loader's own batches would be; a remainder is cut from the whole.
  const even = sizes.every((size) => size === sizes[0]);
  const batchSize = even ? sizes[0]! : options.batchSize;
  const stream = streamOf(images, { batchSize, seed: options.seed });
  let current: Promise<{ step: number; batch: HostBatch }> | undefined;
  const at = async (step: number, part = 0): Promise<ImageBatch> => {
    if (even) return toDevice(await stream.at(step * sizes.length + part));
    if ((await current)?.step !== step) {
      current = stream.at(step).then((batch) => ({ step, batch }));
    }
    const { batch } = (await current)!;
    return toDevice(batch, part * sizes[0]!, sizes[part]!);
  };
  return Object.assign(at, { close: () => stream.close() });
}

/**
 * The images of a step, or of one part of it, from these numbers alone.
 *
 * @example
 * ```ts
 * import { imageBatches } from "./image_batches.ts";
 * import { fashionMnist } from "../data/mod.ts";
 * const batchOf = imageBatches(await fashionMnist({ split: "test" }), { batchSize: 8, seed: 0 });
 * console.log(batchOf(0).images.shape); // [ 8, 28, 28, 1 ]
 * ```
 */
export function imageBatches(
  dataset: ImageDataset,
  options: ImageBatchOptions,
): ImageBatches<ImageBatch>;
/** The same of images that are read: each batch is waited for. */
export function imageBatches(
  dataset: ImageDataset | StreamedImages,
  options: ImageBatchOptions,
): ImageBatches<ImageBatch | Promise<ImageBatch>>;
export function imageBatches(
  dataset: ImageDataset | StreamedImages,
  options: ImageBatchOptions,
): ImageBatches<ImageBatch | Promise<ImageBatch>> {
  return isStreamed(dataset)
    ? batchesRead(dataset, options)
    : batchesInMemory(dataset, options);
}
