/**
 * Batches of pictures that are read while the device computes. What a batch holds depends on (seed,
 * epoch, sample) alone: the same with 1 or 8 readers, and from any step on.
 *
 * @module
 */
import type { JpegDecoder } from "./decode_crop.ts";
import { recentOrders } from "./order.ts";
import { prefetched, type PrefetchOptions, settled } from "./prefetch.ts";
import { readSample } from "./read_sample.ts";
import type { ImageSource } from "./source.ts";
import type { Transform } from "./transform.ts";
import { drawsOf } from "./transforms/draws.ts";
import { countUnreadable, type SkippedSample, TooManyUnreadable } from "./unreadable.ts";

/** How pictures are read. */
export interface ReadingOptions {
  /** Images per batch, B. */
  readonly batchSize: number;
  /** From a picture to the pixels of a batch. */
  readonly transform: Transform;
  /**
   * How many pictures are read and decoded at a time; 16 by default. Each is decoded on a thread and
   * resized on this one: with fewer on their way, one waits for the other.
   */
  readonly readers?: number;
  /** How many batches are prepared beyond the one in use, 1 or more; 2 by default. */
  readonly ahead?: number;
  /** Which share of the pictures may be unreadable before the run stops; 0.01 by default. */
  readonly maxBad?: number;
  /** Decodes JPEGs in place of sharp, to the same bytes; the engine's is the faster. */
  readonly decodeJpeg?: JpegDecoder | undefined;
  /** Ends the stream: the loop over it gets the signal's reason as an error. */
  readonly signal?: AbortSignal;
}

/** What decides the batches of {@linkcode loadBatches}. */
export interface LoadBatchesOptions extends ReadingOptions {
  readonly seed: number;
  /**
   * Repeated augmentation: how often an image comes in a row, each time drawn for anew; 1 by
   * default. An epoch then sees a part of the images ({@linkcode repeatedOrder}).
   */
  readonly repeats?: number;
  /** The first step to give; 0 by default, the step of the checkpoint on resume. */
  readonly startStep?: number;
}

/** What every batch holds; the arrays are new each time and belong to the caller. */
export interface LoadedImages {
  /** `(B)` which pictures of the source these are, replacements included. */
  readonly indices: Int32Array;
  /** `(B, height, width, channels)`, 0 … 255. */
  readonly images: Uint8Array;
  /** `[B, height, width, channels]`. */
  readonly shape: readonly [number, number, number, number];
  /** `(B)`, of the pictures that are really there; if the source has labels. */
  readonly labels?: Int32Array;
  /** What could not be read, and has been replaced or left out. */
  readonly skipped: readonly SkippedSample[];
  /** How long the consumer waited for this batch. */
  readonly waitedMilliseconds: number;
}

/** A batch for training. */
export interface LoadedBatch extends LoadedImages {
  readonly step: number;
  /** Of the batch's first image. */
  readonly epoch: number;
}

/** A batch for evaluation. */
export interface LoadedEvaluationBatch extends LoadedImages {
  /** How many rows are real; the rest repeat the last one to fill the batch. */
  readonly count: number;
}

/**
 * An endless stream of full batches, in which step k always holds the same samples. The epochs
 * follow each other without a gap, as with {@linkcode batches}, which is for data sets in memory.
 *
 * Batches are prepared ahead, at most `ahead` of them: a slow consumer makes the readers wait, not
 * the memory grow. Leaving the loop ends the readers; nothing goes on behind it.
 *
 * A picture that cannot be read is reported in `skipped` and replaced by the next of the order,
 * which then is there twice.
 *
 * @throws {RangeError} if an option is out of range, at once.
 * @throws {TooManyUnreadable} in the loop, beyond `maxBad`.
 *
 * @example
 * ```ts
 * import { fashionMnist, loadBatches, sourceOf, type Transform } from "./mod.ts";
 * const source = sourceOf(await fashionMnist({ split: "test" }));
 * const whole: Transform = {
 *   size: { height: 32, width: 32 },
 *   crop: (picture) => ({
 *     ...picture,
 *     ...{ top: 0, left: 0, mirrored: false, interpolation: "bicubic" },
 *   }),
 * };
 * const options = { batchSize: 8, seed: 0, transform: whole, startStep: 40 };
 * for await (const batch of loadBatches(source, options)) {
 *   console.log(batch.step, batch.shape); // 40 [8, 32, 32, 1]
 *   break;
 * }
 * ```
 */
export function loadBatches(
  source: ImageSource,
  options: LoadBatchesOptions,
): AsyncGenerator<LoadedBatch, void, void> {
  const { batchSize, seed, startStep = 0, repeats = 1, transform, decodeJpeg } = options;
  checkOptions(source, options);
  checkWhole("startStep", startStep, 0);
  checkWhole("repeats", repeats, 1);
  const orderOf = recentOrders(source.length, seed, repeats);
  const { length } = orderOf(0);
  const count = countUnreadable(source, options.maxBad ?? 0.01);

  async function readAt(position: number): Promise<ReadRow> {
    const skipped: SkippedSample[] = [];
    for (let at = position; at < position + repeats * source.length; at++) {
      const epoch = Math.floor(at / length);
      const place = at % length;
      const index = orderOf(epoch)[place]!;
      // Each repetition draws as an epoch of its own: no two look the same.
      const draws = drawsOf({ seed, epoch: epoch * repeats + place % repeats, index });
      const sample = await readSample(source, index, transform, draws, decodeJpeg);
      if ("values" in sample) return { index, values: sample.values, skipped };
      skipped.push(sample.skipped);
      count.add(sample.skipped);
    }
    throw new TooManyUnreadable(
      `None of the ${source.length} pictures of ${source.name} can be read (${
        skipped[0]!.path
      }: ${skipped[0]!.reason}): check the data set`,
    );
  }

  return prefetched(prefetchOf(options), startStep, Infinity, async (step, places) => {
    const first = step * batchSize;
    const batch = emptyBatch(source, options);
    const skipped: SkippedSample[] = [];
    const rows = Array.from({ length: batchSize }, (_, j) =>
      places.run(async () => {
        const row = await readAt(first + j);
        put(batch, j, row, source);
        return row.skipped;
      }));
    for (const found of await settled(rows)) skipped.push(...found);
    return { step, epoch: Math.floor(first / length), ...batch, skipped };
  });
}

/**
 * Every picture once, in the source's order, for an evaluation. All batches have the same shape;
 * only the first `count` rows of a batch count. A picture that cannot be read is reported in
 * `skipped` and left out: a replacement would count twice.
 *
 * @throws {RangeError} if an option is out of range, at once.
 * @throws {TooManyUnreadable} in the loop, beyond `maxBad`.
 *
 * @example
 * ```ts
 * import { fashionMnist, loadEvaluationBatches, sourceOf, type Transform } from "./mod.ts";
 * const source = sourceOf(await fashionMnist({ split: "test" }));
 * const whole: Transform = {
 *   size: { height: 28, width: 28 },
 *   crop: (picture) => ({
 *     ...picture,
 *     ...{ top: 0, left: 0, mirrored: false, interpolation: "bicubic" },
 *   }),
 * };
 * let seen = 0;
 * const options = { batchSize: 512, transform: whole };
 * for await (const batch of loadEvaluationBatches(source, options)) seen += batch.count;
 * console.log(seen); // 10000
 * ```
 */
export function loadEvaluationBatches(
  source: ImageSource,
  options: ReadingOptions,
): AsyncGenerator<LoadedEvaluationBatch, void, void> {
  const { batchSize, transform, decodeJpeg } = options;
  checkOptions(source, options);
  const bad = countUnreadable(source, options.maxBad ?? 0.01);
  const steps = Math.ceil(source.length / batchSize);
  return prefetched(prefetchOf(options), 0, steps, async (step, places) => {
    const first = step * batchSize;
    const batch = emptyBatch(source, options);
    const rows = Array.from(
      { length: Math.min(batchSize, source.length - first) },
      (_, j) =>
        places.run(() => {
          const index = first + j;
          // Evaluation transforms draw nothing; should one, it draws the same every time.
          const draws = drawsOf({ seed: 0, epoch: 0, index });
          return readSample(source, index, transform, draws, decodeJpeg);
        }),
    );
    const skipped: SkippedSample[] = [];
    let count = 0;
    for (const [j, sample] of (await settled(rows)).entries()) {
      if ("skipped" in sample) {
        skipped.push(sample.skipped);
        bad.add(sample.skipped);
      } else put(batch, count++, { index: first + j, values: sample.values }, source);
    }
    const size = batch.images.length / batchSize;
    for (let j = count; j < batchSize && count > 0; j++) {
      const values = batch.images.subarray((count - 1) * size, count * size);
      put(batch, j, { index: batch.indices[count - 1]!, values }, source);
    }
    return { count, ...batch, skipped };
  });
}

interface ReadRow {
  readonly index: number;
  readonly values: Uint8Array;
  readonly skipped: readonly SkippedSample[];
}

type Unfilled = Pick<LoadedImages, "indices" | "images" | "shape" | "labels">;

function emptyBatch(source: ImageSource, options: ReadingOptions): Unfilled {
  const { batchSize, transform: { size: { height, width } } } = options;
  const shape = [batchSize, height, width, source.channels] as const;
  return {
    indices: new Int32Array(batchSize),
    images: new Uint8Array(batchSize * height * width * source.channels),
    shape,
    ...(source.labels ? { labels: new Int32Array(batchSize) } : {}),
  };
}

function put(
  { indices, images, labels }: Unfilled,
  row: number,
  { index, values }: Omit<ReadRow, "skipped">,
  source: ImageSource,
): void {
  images.set(values, row * values.length);
  indices[row] = index;
  if (labels) labels[row] = source.labels![index]!;
}

function prefetchOf(
  { readers = 16, ahead = 2, signal }: ReadingOptions,
): PrefetchOptions {
  return { readers, ahead, signal };
}

function checkOptions(source: ImageSource, options: ReadingOptions): void {
  const { readers, ahead } = prefetchOf(options);
  checkWhole("batchSize", options.batchSize, 1);
  checkWhole("readers", readers, 1);
  checkWhole("ahead", ahead, 1);
  if (source.length === 0) {
    throw new RangeError(`${source.name} holds no pictures: check its folder`);
  }
}

function checkWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${name} is ${value}: use a whole number, ${least} or more`);
  }
}
