/**
 * Images that are read and transformed while the device computes, as jobs and evaluations take them
 * in place of a data set in memory.
 *
 * @module
 */
import { evaluationBatches, type ImageDataset, labelsAt } from "../data/mod.ts";
import {
  loadBatches,
  type LoadedBatch,
  loadEvaluationBatches,
  type ReadingOptions,
} from "../data/load_batches.ts";
import type { ImageSource } from "../data/source.ts";
import { jpegPixels } from "../engine/mod.ts";
import type { HostBatch } from "./image_batches.ts";

/** A source of pictures, and what becomes of them on their way into a batch. */
export interface StreamedImages extends Omit<ReadingOptions, "batchSize"> {
  readonly source: ImageSource;
  /** Repeated augmentation, as in `loadBatches`; evaluation sees each image once. Default: 1. */
  readonly repeats?: number;
  /** Told of each picture that cannot be read. Default: stderr. */
  readonly say?: (sentence: string) => void;
}

/** What a model must know of its images. */
export interface ImageFormat {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Whether images are read, and not in memory. */
export function isStreamed(
  images: ImageDataset | StreamedImages,
): images is StreamedImages {
  return "source" in images;
}

/** The size of a data set's images, and what normalises them. */
export function imageFormatOf(images: ImageDataset | StreamedImages): ImageFormat {
  if (!isStreamed(images)) return images;
  const { source: { channels, mean, std }, transform: { size } } = images;
  return { height: size.height, width: size.width, channels, mean, std };
}

/** What has been said already, and to whom: a picture comes again in every epoch. */
const told = new WeakMap<(sentence: string) => void, Map<string, Set<string>>>();

/** Says which pictures cannot be read, each once, and how many they are by now. */
function report(
  { skipped }: Pick<LoadedBatch, "skipped">,
  { source, say = console.error }: StreamedImages,
  remedy: string,
): void {
  if (skipped.length === 0) return;
  const known = told.get(say) ?? new Map<string, Set<string>>();
  told.set(say, known);
  const purpose = `${source.name} ${remedy}`;
  const paths = known.get(purpose) ?? new Set<string>();
  known.set(purpose, paths);
  for (const { path, reason } of skipped) {
    if (paths.has(path)) continue;
    paths.add(path);
    const { size } = paths;
    const count = size === 1 ? "" : `; ${size} of ${source.name} by now`;
    say(`${path} cannot be read (${reason}): ${remedy}${count}`);
  }
}

/** Batches of a loader by their number. */
export interface BatchStream {
  /** The batch of a step; the next in order is quickest. */
  at(step: number): Promise<LoadedBatch>;
  close(): Promise<void>;
}

/** A loader's batches, begun again where they are not asked for in order. */
export function streamOf(
  images: StreamedImages,
  options: { batchSize: number; seed: number },
): BatchStream {
  let loader: AsyncGenerator<LoadedBatch, void, void> | undefined;
  let next = 0;
  const close = async (): Promise<void> => {
    const old = loader;
    loader = undefined;
    await old?.return();
  };
  return {
    async at(step) {
      if (loader === undefined || step !== next) {
        await close();
        const reading = { decodeJpeg: jpegPixels, ...images, ...options };
        loader = loadBatches(images.source, { ...reading, startStep: step });
      }
      next = step + 1;
      const { value } = await loader.next();
      if (value === undefined) throw new Error(`The loader ended before step ${step}`);
      report(value, images, "the next picture takes its place");
      return value;
    },
    close,
  };
}

/** A batch of an evaluation, on the host. */
export interface EvaluationPart extends HostBatch {
  /** How many rows count; the others repeat the last. */
  readonly count: number;
}

/** Every image once and in order, with its label where there are labels. */
export async function* evaluationPass(
  images: ImageDataset | StreamedImages,
  batchSize: number,
): AsyncGenerator<EvaluationPart, void, void> {
  if (isStreamed(images)) {
    const reading = { decodeJpeg: jpegPixels, ...images, batchSize };
    const loaded = loadEvaluationBatches(images.source, reading);
    for await (const batch of loaded) {
      report(batch, images, "it is left out");
      yield batch;
    }
    return;
  }
  const labelled = "labels" in images ? images as never : undefined;
  for (const batch of evaluationBatches(images, { batchSize })) {
    yield labelled === undefined
      ? batch
      : { ...batch, labels: labelsAt(labelled, batch.indices) };
  }
}

/** How many images there are to read, before any turns out unreadable. */
export function imageCountOf(images: ImageDataset | StreamedImages): number {
  return isStreamed(images) ? images.source.length : images.length;
}
