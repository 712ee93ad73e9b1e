/**
 * Images as a recipe wants them: augmented for training, resized for evaluation.
 *
 * @module
 */
import {
  type Augmentation,
  copyImages,
  drawsOf,
  evaluationTransform,
  type ImageDataset,
  type ImageSource,
  type LabelledDataset,
  randomFlipShift,
  readSample,
  sourceOf,
  sourceWithoutLabels,
  subsetOf,
  trainTransform,
  type Transform,
  withoutLabels,
} from "../../lib/data/mod.ts";
import type { DataSection } from "../../lib/recipes/data.ts";
import type { Recipe } from "../../lib/recipes/recipe.ts";
import type { StreamedImages } from "../../lib/trainers/streamed_images.ts";
import type { Images } from "./choose_images.ts";

/** How pictures are read; flags of the tasks. */
export interface Reading {
  readers: number;
  /** Share of the pictures. */
  maxBad: number;
}

/** Images for a job: in memory with their augmentation, or read with their transform. */
export interface TrainingImages {
  dataset: LabelledDataset | StreamedImages;
  augmentation?: Augmentation;
}

/** Whether images lie in memory. */
export function inMemory(images: Images): images is LabelledDataset {
  return "images" in images;
}

/** Images that are normalised as the recipe says, where it says so for as many channels. */
function normalizedAs<Of extends Images>(
  images: Of,
  { normalization }: DataSection,
): Of {
  return normalization?.mean.length === images.mean.length
    ? { ...images, ...normalization }
    : images;
}

/** The change that costs next to nothing on the host, if it is all that a recipe wants. */
function quickAugmentation(
  { height, width }: LabelledDataset,
  { transform, imageSize, repeats }: DataSection,
): Augmentation | undefined {
  const { crop, flip, ...others } = transform;
  const isQuick = crop.kind === "shift" && (flip === 0 || flip === 0.5) &&
    repeats === 1 &&
    height === imageSize && width === imageSize &&
    Object.values(others).every((change) => change === undefined);
  return isQuick ? randomFlipShift({ maxShift: crop.pixels, flip: flip > 0 }) : undefined;
}

function streamed(
  images: Images,
  transform: Transform,
  { readers, maxBad }: Reading,
): StreamedImages {
  const source = inMemory(images) ? sourceOf(images) : images;
  return { source, transform, readers, maxBad };
}

/** Says so when a batch holds images more than once. */
export function sayIfFew(
  { name, length }: Images,
  { batch: { total } }: Pick<Recipe, "batch">,
  say: (sentence: string) => void = console.error,
): void {
  if (length >= total) return;
  const images = length === 1 ? "1 image" : `${length} images`;
  say(
    `${name} has ${images} to learn from, fewer than a batch of ${total}: each comes several ` +
      "times in it; --batch.total makes batches smaller",
  );
}

/** Images for training. */
export function trainingImages(
  images: Images,
  data: DataSection,
  reading: Reading,
): TrainingImages {
  const normalized = normalizedAs(images, data);
  if (inMemory(normalized)) {
    const augmentation = quickAugmentation(normalized, data);
    if (augmentation !== undefined) return { dataset: normalized, augmentation };
  }
  const transform = trainTransform(data.transform, {
    size: data.imageSize,
    mean: normalized.mean,
  });
  const { repeats } = data;
  return { dataset: { ...streamed(normalized, transform, reading), repeats } };
}

/** The same images, and nothing that pretraining must not see. */
export function unlabelled(
  { dataset, augmentation }: TrainingImages,
): { dataset: ImageDataset | StreamedImages; augmentation?: Augmentation } {
  return {
    dataset: "source" in dataset
      ? { ...dataset, source: sourceWithoutLabels(dataset.source) }
      : withoutLabels(dataset),
    ...augmentation === undefined ? {} : { augmentation },
  };
}

/** Images for evaluation, in order. */
export function evaluationImages(
  images: Images,
  data: DataSection,
  reading: Reading,
): LabelledDataset | StreamedImages {
  const { resize, crop } = data.evaluation;
  const normalized = normalizedAs(images, data);
  const fits = inMemory(normalized) && resize === crop && normalized.height === crop &&
    normalized.width === crop;
  return fits
    ? normalized
    : streamed(normalized, evaluationTransform(data.evaluation), reading);
}

/** At most so many images, evenly from the whole. */
export function someOf(images: Images, most: number, part: string): Images {
  const count = Math.min(most, images.length);
  if (count === images.length) return images;
  const indices = Int32Array.from(
    { length: count },
    (_, k) => Math.floor(k * images.length / count),
  );
  if (!inMemory(images)) return subsetOf(images, indices, part);
  return {
    ...images,
    ...{ name: `${images.name}/${part}`, length: count },
    images: copyImages(images, indices),
    labels: Uint8Array.from(indices, (index) => images.labels[index]!),
    fingerprint: `${images.fingerprint}/${part}-${count}`,
  };
}

/**
 * A few images in memory, as training sees them without chance: for pictures, and to learn by heart.
 * One that cannot be read is replaced by the next; there are fewer if that is none of them.
 *
 * @throws {Error} when none can be read.
 */
export async function fewImages(
  images: Images,
  data: DataSection,
  count: number,
): Promise<LabelledDataset> {
  const all = normalizedAs(images, data);
  const side = data.imageSize;
  if (inMemory(all) && all.height === side && all.width === side) {
    return someOf(all, count, "few") as LabelledDataset;
  }
  const source = inMemory(all) ? sourceOf(all) : all;
  const transform = evaluationTransform({ ...data.evaluation, crop: side });
  const parts = Math.min(count, source.length);
  const found: { index: number; values: Uint8Array }[] = [];
  let reason = "";
  for (let part = 0; part < parts; part++) {
    const end = Math.floor((part + 1) * source.length / parts);
    for (let index = Math.floor(part * source.length / parts); index < end; index++) {
      const draws = drawsOf({ seed: 0, epoch: 0, index });
      const sample = await readSample(source, index, transform, draws);
      if ("values" in sample) {
        found.push({ index, values: sample.values });
        break;
      }
      reason = `${sample.skipped.path}: ${sample.skipped.reason}`;
    }
  }
  if (found.length === 0) {
    throw new Error(
      `None of the ${source.length} pictures of ${source.name} can be read (${reason}): check ` +
        "the data set",
    );
  }
  const pixels = new Uint8Array(found.length * side * side * source.channels);
  found.forEach(({ values }, row) => pixels.set(values, row * values.length));
  return datasetOf(
    subsetOf(source, found.map(({ index }) => index), "few"),
    pixels,
    side,
  );
}

function datasetOf(
  source: ImageSource,
  images: Uint8Array,
  side: number,
): LabelledDataset {
  const { name, length, channels, mean, std, background, fingerprint } = source;
  return {
    ...{ name, length, channels, mean, std, background, fingerprint, images },
    ...{ height: side, width: side },
    labels: Uint8Array.from(source.labels ?? new Uint8Array(length)),
    classNames: source.classNames ?? [],
  };
}
