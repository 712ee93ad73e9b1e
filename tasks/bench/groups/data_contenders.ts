/**
 * This library's side of the group `data`: the loader as training uses it.
 *
 * @module
 */
import process from "node:process";
import {
  type ImageSource,
  loadBatches,
  trainTransform,
  type Transform,
} from "../../../lib/data/mod.ts";
import { disposeTree, jit, jpegPixels, type Tensor } from "../../../lib/engine/mod.ts";
import { normalizeImages } from "../../../lib/nn/normalize_images.ts";
import { toDevice } from "../../../lib/trainers/image_batches.ts";
import type { Contender } from "../group.ts";

/** Pixels of a side. */
export const imageSize = 224;
/** Photographs of a batch. */
export const batchSize = 32;
/** Photographs that are read at a time, as many as in the tasks. */
export const readers = 16;
/** Processes of the DataLoader: as many as there are cores. */
export const workers = 2;

/**
 * Batches of a round. Those before take what had been prepared while the others were measured; those
 * after keep everybody busy to the end.
 */
export const batchesOfRound = { before: 5, timed: 24, after: 5 } as const;

/** RandomResizedCrop and a flip, as all methods here pretrain with. */
export const photographTransform: Transform = trainTransform({
  crop: {
    kind: "random-resized",
    ...{ scale: [0.2, 1], ratio: [3 / 4, 4 / 3], interpolation: "bicubic" },
  },
  flip: 0.5,
}, { size: imageSize });

/** One who is measured in the group `data`. */
export interface DataContender extends Contender {
  /** Milliseconds of processors per photograph, of each round: other programs count less in them. */
  processor: number[];
}

/** What a round gives. */
export interface DataRound {
  /** Milliseconds per photograph, from the arrival of a batch to that of a later one. */
  milliseconds: number;
  /** The same, of processors; null where nobody tells. */
  processor: number | null;
}

/** A contender that keeps what its rounds took of the processors. */
export function dataContender(
  name: string,
  time: () => Promise<DataRound>,
): DataContender {
  const processor: number[] = [];
  return {
    name,
    processor,
    async round() {
      const round = await time();
      if (round.processor !== null) processor.push(round.processor);
      return round.milliseconds;
    },
  };
}

async function timeRound(take: () => Promise<void>): Promise<DataRound> {
  for (let batch = 0; batch <= batchesOfRound.before; batch++) await take();
  const started = performance.now();
  const before = process.cpuUsage();
  for (let batch = 0; batch < batchesOfRound.timed; batch++) await take();
  const milliseconds = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  for (let batch = 1; batch < batchesOfRound.after; batch++) await take();
  const pictures = batchesOfRound.timed * batchSize;
  return {
    milliseconds: milliseconds / pictures,
    processor: (user + system) / 1000 / pictures,
  };
}

/** Two contenders, one that ends on the device and one with batches of bytes, and their end. */
export function ourContenders(
  source: ImageSource,
  [normalized, bytes]: readonly [string, string],
): { contenders: DataContender[]; close: () => Promise<void> } {
  const options = { batchSize, readers, transform: photographTransform };
  const open = (seed: number) =>
    loadBatches(source, { ...options, seed, decodeJpeg: jpegPixels });
  const [first, second] = [open(0), open(1)];
  const normalize = jit((images: Tensor) => normalizeImages(images, source), {
    name: "normalise",
  });
  const next = async (loader: typeof first) => (await loader.next()).value!;
  return {
    contenders: [
      dataContender(normalized, () =>
        timeRound(async () => {
          const { images } = toDevice(await next(first));
          disposeTree([images, await normalize(images)]);
        })),
      dataContender(bytes, () => timeRound(async () => void await next(second))),
    ],
    async close() {
      await Promise.all([first.return(), second.return()]);
      normalize.dispose();
    },
  };
}
