/**
 * The few captioned images from which a tiny CLIP learns. Fashion-MNIST has labels only, so the
 * captions are sentences around the class names; and because everything that is said about
 * "pretraining without labels" would be void if a label slipped through, the captioned images are
 * copied out: the object made here holds nothing of the images that it leaves out.
 *
 * @module
 */
import { type CaptionedDataset, copyImages, type LabelledDataset } from "./dataset.ts";
import { fashionMnistClassNames } from "./fashion_mnist.ts";
import { hashWords, integerStream, shuffle } from "./random.ts";

/** A captioned choice of images; `images` and `labels` are copies. */
export interface CaptionedSubset extends CaptionedDataset {
  /** `(N)` where the images lie in the data set that they were chosen from, ascending. */
  readonly indices: Int32Array;
}

/** A labelled choice of images; `images` and `labels` are copies. */
export interface LabelledSubset extends LabelledDataset {
  /** `(N)` where the images lie in the original data set, ascending. */
  readonly indices: Int32Array;
}

/** How many images to choose, and by which draw. */
export interface SubsetOptions {
  readonly count: number;
  readonly seed: number;
}

/** Fashion-MNIST's classes as one says them in a sentence, in the order of the labels. */
const spokenNames: ReadonlyMap<string, string> = new Map(
  [
    "a t-shirt or top",
    "a pair of trousers",
    "a pullover",
    "a dress",
    "a coat",
    "a sandal",
    "a shirt",
    "a sneaker",
    "a bag",
    "an ankle boot",
  ].map((spoken, label) => [fashionMnistClassNames[label]!, spoken]),
);

/**
 * Sentences about Fashion-MNIST; `{}` stands for the class with its article. Every image draws one
 * of them.
 */
export const captionTemplates: readonly string[] = [
  "{}",
  "a photo of {}",
  "a small grey photo of {}",
  "a picture that shows {}",
  "{} on a black background",
  "{} from a clothes shop",
  "this is {}",
  "here you see {}",
];

/** A class name as one says it: class folders are called `red_fox` or `red-fox`. */
function spokenName(className: string): string {
  const name = className.toLowerCase().replaceAll(/[\s_-]+/g, " ").trim();
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
}

/**
 * All captions of one class, which are the prompts of a zero-shot classifier: of Fashion-MNIST's
 * classes one per template, of any other "a photo of" it.
 *
 * @param className Underscores and hyphens become spaces, and "a" or "an" is put before it.
 *
 * @example
 * ```ts
 * import { classCaptions } from "./captions.ts";
 * console.log(classCaptions("Sneaker")[0]); // "a sneaker"
 * console.log(classCaptions("red_fox")); // ["a photo of a red fox"]
 * ```
 */
export function classCaptions(className: string): string[] {
  const spoken = spokenNames.get(className);
  return spoken === undefined
    ? [`a photo of ${spokenName(className)}`]
    : captionTemplates.map((template) => template.replace("{}", spoken));
}

/**
 * A number for each caption, equal where the captions are.
 *
 * @example
 * ```ts
 * import { equalCaptions } from "./captions.ts";
 * console.log(equalCaptions(["a cat", "a dog", "a cat"])); // Int32Array [0, 1, 0]
 * ```
 */
export function equalCaptions(captions: readonly string[]): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(captions, (caption) => {
    const known = numbers.get(caption) ?? numbers.size;
    numbers.set(caption, known);
    return known;
  });
}

/**
 * A class-balanced, seeded choice of images, each with a caption. In every class the images are
 * shuffled by a stream keyed by (seed, class) and the first `count / classes` taken, so that a
 * larger count keeps the images of a smaller one; where the classes do not divide the count, the
 * first classes give one more. The caption's template is drawn from (seed, index of the image).
 *
 * The labels are read here, to balance the classes and to write the captions; of the other
 * images neither pixels nor labels can be reached through the result.
 *
 * @throws {RangeError} if a class has too few images, or count or seed is out of range.
 *
 * @example
 * ```ts
 * import { captionedSubset, fashionMnist } from "./mod.ts";
 * const train = await fashionMnist({ split: "train" });
 * const captioned = captionedSubset(train, { count: 6000, seed: 0 });
 * console.log(captioned.captions[0], captioned.length);
 * ```
 */
export function captionedSubset(
  dataset: LabelledDataset,
  { count, seed }: SubsetOptions,
): CaptionedSubset {
  const chosen = balancedChoice(dataset, { count, seed });
  const template = integerStream(seed, "caption");
  const captions = Array.from(chosen, (index) => {
    const sentences = classCaptions(dataset.classNames[dataset.labels[index]!]!);
    return sentences[template(index, sentences.length)]!;
  });
  return {
    ...copyOut(dataset, chosen, `captioned-${count}`, seed),
    captions,
    indices: chosen,
  };
}

/**
 * A class-balanced, seeded choice of labelled images from within the captioned ones, so that
 * fine-tuning sees no label that the teacher has not seen. 600 of 60,000 are the usual 1 %.
 *
 * @throws {RangeError} if a class has too few images, or count or seed is out of range.
 *
 * @example
 * ```ts
 * import { captionedSubset, fashionMnist, labelledSubset } from "./mod.ts";
 * const train = await fashionMnist({ split: "train" });
 * const captioned = captionedSubset(train, { count: 6000, seed: 0 });
 * console.log(labelledSubset(captioned, { count: 600, seed: 0 }).length); // 600
 * ```
 */
export function labelledSubset(
  captioned: CaptionedSubset,
  { count, seed }: SubsetOptions,
): LabelledSubset {
  const chosen = balancedChoice(captioned, { count, seed });
  const indices = chosen.map((index) => captioned.indices[index]!);
  return { ...copyOut(captioned, chosen, `labelled-${count}`, seed), indices };
}

function balancedChoice(
  dataset: LabelledDataset,
  { count, seed }: SubsetOptions,
): Int32Array {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`count is ${count}: use a whole number of images, 1 or more`);
  }
  const members: number[][] = dataset.classNames.map(() => []);
  for (let index = 0; index < dataset.length; index++) {
    members[dataset.labels[index]!]!.push(index);
  }
  const chosen: number[] = [];
  members.forEach((indices, label) => {
    const share = Math.floor(count / members.length) +
      (label < count % members.length ? 1 : 0);
    if (share > indices.length) {
      throw new RangeError(
        `${count} images in equal classes need ${share} of "${
          dataset.classNames[label]
        }", ` +
          `but ${dataset.name} has ${indices.length}: choose a smaller count`,
      );
    }
    const shuffled = shuffle(
      Int32Array.from(indices),
      integerStream(seed, "subset", label),
    );
    chosen.push(...shuffled.subarray(0, share));
  });
  return Int32Array.from(chosen).sort();
}

function copyOut(
  dataset: LabelledDataset,
  chosen: Int32Array,
  part: string,
  seed: number,
): LabelledDataset {
  const digest = hashWords([...chosen]).toString(16).padStart(8, "0");
  const { height, width, channels, classNames, mean, std, background } = dataset;
  return {
    name: `${dataset.name}/${part}`,
    length: chosen.length,
    height,
    width,
    channels,
    images: copyImages(dataset, chosen),
    labels: Uint8Array.from(chosen, (index) => dataset.labels[index]!),
    classNames,
    mean,
    std,
    background,
    fingerprint: `${dataset.fingerprint}/${part}-seed-${seed}:${digest}`,
  };
}
