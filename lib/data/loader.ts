/**
 * Batches for a trainer: an endless stream in which step k always holds the same samples, so that
 * a checkpoint needs only the step number. And one pass in order for evaluation.
 *
 * The epochs follow each other without a gap: sample position p = step · batchSize + j belongs to
 * epoch ⌊p / N⌋. No image is ever dropped, every batch is full (a compiled step needs one shape),
 * a batch may hold the end of one epoch and the start of the next, and N may be smaller than a batch.
 *
 * @module
 */
import type { Augmentation } from "./augmentation.ts";
import { copyImages, imageAt, type ImageDataset } from "./dataset.ts";
import { type OrderOfEpoch, recentOrders } from "./order.ts";

/** What decides the batches. */
export interface BatchOptions {
  /** Images per batch, B. */
  readonly batchSize: number;
  readonly seed: number;
  /** Applied to every image; none by default. */
  readonly augmentation?: Augmentation | undefined;
}

/** What decides the stream of batches. */
export interface BatchStreamOptions extends BatchOptions {
  /** The first step to give; 0 by default, the step of the checkpoint on resume. */
  readonly startStep?: number;
}

/** One batch; the arrays are new each time and belong to the caller. */
export interface Batch {
  readonly step: number;
  /** Of the batch's first image; fractions of a pass are `step * batchSize / length`. */
  readonly epoch: number;
  /** `(B)` indices into the data set: its labels, captions … are looked up with them. */
  readonly indices: Int32Array;
  /** `(B, height, width, channels)`, 0 … 255. */
  readonly images: Uint8Array;
  /** `[B, height, width, channels]`. */
  readonly shape: readonly [number, number, number, number];
}

/**
 * The batch of one step, from its number alone.
 *
 * @throws {RangeError} if the step or the batch size is not an integer in its range, or the data
 * set is empty.
 *
 * @example
 * ```ts
 * import { batchAt, fashionMnist } from "./mod.ts";
 * const test = await fashionMnist({ split: "test" });
 * console.log(batchAt(test, 12, { batchSize: 32, seed: 0 }).indices);
 * ```
 */
export function batchAt(
  dataset: ImageDataset,
  step: number,
  options: BatchOptions,
): Batch {
  checkBatchSize(options.batchSize);
  checkStep("step", step);
  return assemble(dataset, step, options, recentOrders(dataset.length, options.seed));
}

/**
 * An endless stream of batches, starting at `startStep`. Leave the loop when you have enough.
 *
 * @throws {RangeError} as {@linkcode batchAt}, at once and not at the first batch.
 *
 * @example
 * ```ts
 * import { batches, fashionMnist } from "./mod.ts";
 * const test = await fashionMnist({ split: "test" });
 * for (const batch of batches(test, { batchSize: 256, seed: 0, startStep: 40 })) {
 *   if (batch.step === 42) break;
 * }
 * ```
 */
export function batches(
  dataset: ImageDataset,
  options: BatchStreamOptions,
): Generator<Batch, never, void> {
  const { startStep = 0 } = options;
  checkBatchSize(options.batchSize);
  checkStep("startStep", startStep);
  return stream(dataset, startStep, options);
}

function* stream(
  dataset: ImageDataset,
  startStep: number,
  options: BatchOptions,
): Generator<Batch, never, void> {
  const orderOf = recentOrders(dataset.length, options.seed);
  for (let step = startStep;; step++) yield assemble(dataset, step, options, orderOf);
}

/** One batch of {@linkcode evaluationBatches}. */
export interface EvaluationBatch extends Omit<Batch, "step" | "epoch"> {
  /** How many of the images are real; the rest repeat the last one to fill the batch. */
  readonly count: number;
}

/**
 * Every image once, in the data set's order. The last batch is filled up with copies of the last
 * image, so that every batch has the same shape; only its first `count` results count.
 *
 * @throws {RangeError} if the batch size is not an integer ≥ 1.
 *
 * @example
 * ```ts
 * import { evaluationBatches, fashionMnist } from "./mod.ts";
 * const test = await fashionMnist({ split: "test" });
 * let seen = 0;
 * for (const batch of evaluationBatches(test, { batchSize: 512 })) seen += batch.count;
 * console.log(seen); // 10000
 * ```
 */
export function evaluationBatches(
  dataset: ImageDataset,
  { batchSize }: { readonly batchSize: number },
): Generator<EvaluationBatch, void, void> {
  checkBatchSize(batchSize);
  return inOrder(dataset, batchSize);
}

function* inOrder(
  dataset: ImageDataset,
  batchSize: number,
): Generator<EvaluationBatch, void, void> {
  const { length, height, width, channels } = dataset;
  for (let start = 0; start < length; start += batchSize) {
    const count = Math.min(batchSize, length - start);
    const indices = Int32Array.from(
      { length: batchSize },
      (_, j) => start + Math.min(j, count - 1),
    );
    yield {
      count,
      indices,
      images: copyImages(dataset, indices),
      shape: [batchSize, height, width, channels],
    };
  }
}

function assemble(
  dataset: ImageDataset,
  step: number,
  { batchSize, seed, augmentation }: BatchOptions,
  orderOf: OrderOfEpoch,
): Batch {
  const { length, height, width, channels } = dataset;
  const size = height * width * channels;
  const indices = new Int32Array(batchSize);
  const images = new Uint8Array(batchSize * size);
  const start = step * batchSize;
  for (let j = 0; j < batchSize; j++) {
    const epoch = Math.floor((start + j) / length);
    const index = orderOf(epoch)[(start + j) % length]!;
    const source = imageAt(dataset, index);
    const target = images.subarray(j * size, (j + 1) * size);
    indices[j] = index;
    if (augmentation) augmentation(source, target, dataset, { seed, epoch, index });
    else target.set(source);
  }
  const epoch = Math.floor(start / length);
  return { step, epoch, indices, images, shape: [batchSize, height, width, channels] };
}

function checkBatchSize(batchSize: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(
      `batchSize is ${batchSize}: use a whole number of images, 1 or more`,
    );
  }
}

function checkStep(name: "step" | "startStep", step: number): void {
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new RangeError(`${name} is ${step}: use a whole number, 0 or more`);
  }
}
