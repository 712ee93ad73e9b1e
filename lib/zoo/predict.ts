/**
 * From pictures to the names of what is on them.
 *
 * @module
 */
import { drawsOf, openForCrop } from "../data/mod.ts";
import { reasonOf } from "../data/unreadable.ts";
import { jit, type Tensor, tf } from "../engine/mod.ts";
import { normalizeImages } from "../nn/normalize_images.ts";
import {
  getModel,
  type GetModelOptions,
  type Model,
  requireClassifier,
} from "./model.ts";
import { type Preprocessing, preprocessingTransform } from "./preprocessing.ts";

/** A picture: the path of a file, or the bytes of one (JPEG, PNG, WebP, …). */
export type PictureFile = string | URL | Uint8Array<ArrayBuffer>;

/** A class, and how sure the model is of it. */
export interface ClassScore {
  /** Its place among the logits. */
  label: number;
  name: string;
  /** Softmax of the logits, 0 … 1. */
  score: number;
}

/** What a classifier sees on a picture. */
export interface Prediction {
  /** The name of the most likely class. */
  predClass: string;
  /** Its place among the logits. */
  predLabel: number;
  /** Its softmax, 0 … 1. */
  predScore: number;
  /** The five most likely classes (or all, where there are fewer), the likeliest first. */
  top5: ClassScore[];
  /** Of every class. */
  scores: Float32Array;
}

/** Pictures that are run at once. */
const batchSize = 16;
/** So many pictures are classified before it is worth while to compile the network. */
const worthCompiling = 8;

/**
 * A picture as a model wants it: resized and cut, `(imageSize, imageSize, C)` bytes.
 *
 * @throws {Error} when it cannot be read, in one sentence that names it.
 *
 * @example
 * ```ts
 * import { readPicture } from "./predict.ts";
 * import { imagenetPreprocessing } from "./preprocessing.ts";
 * const file = new URL("../../data/emoji/noto.webp", import.meta.url);
 * console.log((await readPicture(file, imagenetPreprocessing())).length); // 150528
 * ```
 */
export async function readPicture(
  picture: PictureFile,
  preprocessing: Preprocessing,
): Promise<Uint8Array> {
  const name = picture instanceof Uint8Array ? "The picture" : `${picture}`;
  try {
    const encoded = picture instanceof Uint8Array
      ? picture
      : await Deno.readFile(picture);
    const transform = preprocessingTransform(preprocessing);
    // Transparent pixels lie on white.
    const background = preprocessing.mean.map(() => 255);
    const open = await openForCrop({ encoded }, { background });
    const nothingDrawn = drawsOf({ seed: 0, epoch: 0, index: 0 });
    return await open.cut(transform.crop(open.size, nothingDrawn), transform.size);
  } catch (error) {
    throw new Error(`${name} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * The likeliest classes, the first first; of equal scores the first class.
 *
 * @param names of the classes, where they have names.
 */
export function likeliest(
  scores: Float32Array,
  count: number,
  names?: readonly string[],
): ClassScore[] {
  return Array.from(scores, (score, label) => ({ score, label }))
    .sort((a, b) => b.score - a.score || a.label - b.label)
    .slice(0, count)
    .map(({ score, label }) => ({ label, name: names?.[label] ?? `${label}`, score }));
}

function predictionOf(scores: Float32Array, names?: readonly string[]): Prediction {
  const top5 = likeliest(scores, 5, names);
  const [first] = top5;
  return {
    predClass: first!.name,
    predLabel: first!.label,
    predScore: first!.score,
    top5,
    scores,
  };
}

/** Scores of pixels `(imageSize, imageSize, C)`, a batch at a time; `using` frees what it compiled. */
interface Scorer extends Disposable {
  scores(pixels: readonly Uint8Array[]): Promise<Float32Array[]>;
}

/** What comes of weights that training has lost, and of a file that was damaged on its way. */
function requireNumbers(scores: Float32Array, { name }: Model): void {
  if (scores.every(Number.isFinite)) return;
  throw new Error(
    `${name} gives no numbers (NaN): its weights are damaged, or of a training that went astray; ` +
      "take other weights",
  );
}

function scorerOf(model: Model, compile: boolean): Scorer {
  const { imageSize, preprocessing } = model;
  const channels = preprocessing.mean.length;
  const scoresOf = (images: Tensor): Tensor =>
    tf.softmax(model.logits(normalizeImages(images, preprocessing)));
  const compiled = compile ? jit(scoresOf, { name: "predict" }) : undefined;
  return {
    async scores(pixels) {
      // A compiled network takes batches of one size: the last is filled up.
      const count = compiled === undefined ? pixels.length : batchSize;
      const bytes = new Float32Array(count * imageSize * imageSize * channels);
      pixels.forEach((row, index) => bytes.set(row, index * row.length));
      const images = tf.tensor4d(bytes, [count, imageSize, imageSize, channels]);
      const scores = compiled === undefined
        ? tf.tidy(() => scoresOf(images))
        : await compiled(images);
      const values = await scores.data() as Float32Array;
      tf.dispose([images, scores]);
      requireNumbers(values, model);
      const classes = values.length / count;
      return pixels.map((_, row) => values.slice(row * classes, (row + 1) * classes));
    },
    [Symbol.dispose]: () => compiled?.dispose(),
  };
}

/** A picture with what the model sees on it, or with what is wrong with it. */
export type SeenPicture =
  | { picture: PictureFile; prediction: Prediction }
  | { picture: PictureFile; error: Error };

/**
 * What a model sees on pictures, in their order; one that cannot be read does not stop the others.
 *
 * @throws {Error} when the model has no classifier, or its scores are no numbers.
 *
 * @example
 * ```ts
 * import { predictEach } from "./predict.ts";
 * import { getModel } from "./model.ts";
 * using model = await getModel("resnet18-classifier"); // drawn anew: it knows nothing
 * const emoji = new URL("../../data/emoji/noto.webp", import.meta.url);
 * for await (const seen of predictEach(model, [emoji, "missing.jpg"])) {
 *   console.log("error" in seen ? seen.error.message : seen.prediction.top5.length);
 * } // 5, then: missing.jpg cannot be read: there is no such file
 * ```
 */
export async function* predictEach(
  model: Model,
  pictures: readonly PictureFile[],
): AsyncGenerator<SeenPicture> {
  using scorer = scorerOf(model, pictures.length > worthCompiling);
  for (let start = 0; start < pictures.length; start += batchSize) {
    const batch = pictures.slice(start, start + batchSize);
    const read = await Promise.all(
      batch.map((picture) =>
        readPicture(picture, model.preprocessing).catch((error: Error) => error)
      ),
    );
    const pixels = read.filter((row): row is Uint8Array => row instanceof Uint8Array);
    const scores = pixels.length > 0 ? await scorer.scores(pixels) : [];
    for (const [index, picture] of batch.entries()) {
      const row = read[index]!;
      yield row instanceof Uint8Array
        ? { picture, prediction: predictionOf(scores.shift()!, model.classNames) }
        : { picture, error: row };
    }
  }
}

/**
 * What a released model, or one that was made, sees on a picture.
 *
 * @param model a name, whose weights are fetched if need be, or what {@linkcode getModel} gave.
 *
 * @example
 * ```ts
 * import { inferenceModel } from "./predict.ts";
 * import { getModel } from "./model.ts";
 * using model = await getModel("resnet18-classifier"); // drawn anew: it knows nothing
 * const emoji = new URL("../../data/emoji/noto.webp", import.meta.url);
 * const { predClass, predScore, top5 } = await inferenceModel(model, emoji);
 * console.log(predClass === top5[0]!.name, predScore < 0.5); // true true
 * ```
 */
export async function inferenceModel(
  model: string | Model,
  picture: PictureFile,
  options: GetModelOptions = {},
): Promise<Prediction> {
  if (typeof model === "string") {
    requireClassifier(model);
    using found = await getModel(model, { pretrained: true, ...options });
    return await inferenceModel(found, picture);
  }
  const [seen] = await Array.fromAsync(predictEach(model, [picture]));
  if ("error" in seen!) throw seen.error;
  return seen!.prediction;
}
