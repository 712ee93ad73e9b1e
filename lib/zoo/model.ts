/**
 * Models that are ready to be used: released ones by name, architectures with weights from a file,
 * or a network of your own.
 *
 * @module
 */
import { disposeTree, randomKey, type Tensor } from "../engine/mod.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
  type ParameterSpecification,
  type Scope,
  scope,
} from "../nn/scope.ts";
import {
  type Architecture,
  architecture,
  architectures,
  type Encoding,
  forwardOf,
} from "./architectures/mod.ts";
import { type CheckpointOptions, openCheckpoint } from "./checkpoint_file.ts";
import type { TensorReader } from "./key_maps/map_reader.ts";
import { loadCheckpointInto } from "./load_checkpoint.ts";
import type { LoadReport } from "./load_parameters.ts";
import { kitReader } from "./namings.ts";
import { weightsFile, type WeightsFileOptions } from "./download/mod.ts";
import { imagenetClasses } from "./imagenet_classes.ts";
import {
  clipPreprocessing,
  imagenetPreprocessing,
  type Preprocessing,
} from "./preprocessing.ts";
import { isReleased, type ReleasedModel, releasedModel } from "./registry/mod.ts";
import { isRunFile, runReader } from "./run_checkpoint.ts";

/** What a {@linkcode Model} is made of. */
export interface ModelDefinition {
  name: string;
  /** What pictures go through before the network sees them. */
  preprocessing: Preprocessing;
  /** Of a classifier, in the order of its logits. */
  classNames?: readonly string[] | undefined;
  /** Under the names of the model's original repository, in the kit's layout. */
  parameters: Parameters;
  /** How the checkpoint and the model went together, where there was one. */
  report?: LoadReport | undefined;
  /** Normalised images `(B, H, W, 3)` to features `(B, D)` and a classifier's logits. */
  encode: (scope: Scope, images: Tensor) => Encoding;
}

/** A model with its weights; `using` frees them. */
export interface Model extends ModelDefinition, Disposable {
  /** Pixels of a side of its images. */
  readonly imageSize: number;
  /** One feature of each normalised image: `(B, H, W, 3)` → `(B, D)`. */
  features(images: Tensor): Tensor;
  /**
   * Of each class: `(B, H, W, 3)` → `(B, classes)`.
   *
   * @throws {Error} when the model has no classifier.
   */
  logits(images: Tensor): Tensor;
}

/**
 * A model of its parts, as {@linkcode getModel} gives it: for networks of your own.
 *
 * @example
 * ```ts
 * import { modelOf } from "./model.ts";
 * import { imagenetPreprocessing } from "./preprocessing.ts";
 * import { tf } from "../engine/mod.ts";
 * using model = modelOf({
 *   name: "mean colour",
 *   preprocessing: imagenetPreprocessing({ imageSize: 8 }),
 *   parameters: {},
 *   encode: (_, images) => ({ features: images.mean([1, 2]) }),
 * });
 * console.log(model.features(tf.zeros([2, 8, 8, 3])).shape); // [ 2, 3 ]
 * ```
 */
export function modelOf(definition: ModelDefinition): Model {
  const { name, parameters, encode, preprocessing } = definition;
  const run = (images: Tensor): Encoding => encode(scope(parameters), images);
  return {
    ...definition,
    imageSize: preprocessing.imageSize,
    features: (images) => run(images).features,
    logits: (images) => {
      const { logits } = run(images);
      if (logits !== undefined) return logits;
      throw noClassifier(name);
    },
    [Symbol.dispose]: () => disposeTree(parameters),
  };
}

/** Options of {@linkcode getModel}. */
export interface GetModelOptions extends CheckpointOptions, WeightsFileOptions {
  /** Whether it has the released weights, fetched if need be. Default: false, drawn anew. */
  pretrained?: boolean;
  /** A file of weights to take instead, of any format and project that the kit reads, or of a run. */
  weights?: string;
  /** Pixels of a side of the images; position embeddings are resized. Default: as published. */
  imageSize?: number;
  /** False loads what fits and reports the rest. Default: true. */
  strict?: boolean;
  /** Of weights that are drawn anew. Default: 0. */
  seed?: number;
}

type Specifications = Map<string, ParameterSpecification>;

/** What of an architecture is run on whole images. */
interface Encoder {
  specifications: Specifications;
  /** Whether it gives logits. */
  classifies: boolean;
}

function encoderOf({ imageSize, encode }: Architecture): Encoder {
  let classifies = false;
  const specifications = describeParameters((scope, input) => {
    const encoding = encode(scope, input({ shape: [1, imageSize, imageSize, 3] }));
    classifies = encoding.logits !== undefined;
    return encoding;
  });
  return { specifications, classifies };
}

/** What is known of a model before it has weights. */
type KnownModel =
  & Pick<ReleasedModel, "name" | "architecture" | "preprocessing">
  & Partial<Pick<ReleasedModel, "weights">>;

/** A released model, or an architecture that nobody has released under this name. */
function knownModel(name: string): KnownModel {
  if (!Object.hasOwn(architectures, name)) return releasedModel(name);
  const { imageSize } = architectures[name]!;
  const preprocessing = name.startsWith("clip-")
    ? { ...clipPreprocessing, imageSize, resize: imageSize }
    : atImageSize(imagenetPreprocessing(), imageSize);
  return { name, architecture: name, preprocessing };
}

/**
 * Throws when a model of the zoo has no classifier: before its weights are fetched.
 *
 * @throws {Error} that says so.
 */
export function requireClassifier(name: string): void {
  if (Object.hasOwn(architectures, name)) {
    if (!encoderOf(architecture(name)).classifies) throw noClassifier(name);
  } else if (isReleased(name)) {
    const { classes } = releasedModel(name);
    if (classes === undefined) throw noClassifier(name);
  }
}

function noClassifier(name: string): Error {
  const way = "take its features (deno task features)";
  if (Object.hasOwn(architectures, name)) {
    return new Error(`${name} has no classifier: ${way}`);
  }
  const isTeacher = isReleased(name) && releasedModel(name).use === "teacher";
  return new Error(
    isTeacher
      ? `${name} is a teacher and has no classifier: ${way}`
      : `${name} was pretrained and has no classifier: ${way}, or fine-tune it (deno task ` +
        `finetune --from ${name})`,
  );
}

/** The same share of a picture at another size. */
function atImageSize(preprocessing: Preprocessing, imageSize: number): Preprocessing {
  const resize = Math.round(preprocessing.resize * imageSize / preprocessing.imageSize);
  return { ...preprocessing, imageSize, resize };
}

async function releasedFile(
  { name, weights }: KnownModel,
  options: WeightsFileOptions,
): Promise<string> {
  if (weights !== undefined) return await weightsFile({ name, weights }, options);
  throw new Error(
    `${name} is an architecture of which no weights were released: give a file of weights ` +
      "(--weights FILE; in code { weights }, or no { pretrained: true } for one drawn anew)",
  );
}

/** What the checkpoint holds, without what only pretraining had a use for: decoders, mask tokens. */
function withoutUnused(
  reader: TensorReader,
  wanted: Specifications,
  model: Architecture,
): TensorReader {
  if ([...reader.entries.keys()].every((name) => wanted.has(name))) return reader;
  const known = describeParameters(forwardOf(model));
  const entries = new Map(
    [...reader.entries].filter(([name]) => wanted.has(name) || !known.has(name)),
  );
  return { entries, read: (name, take) => reader.read(name, take) };
}

async function loadFile(
  path: string,
  { model, wanted }: { model: Architecture; wanted: Specifications },
  { strict = true, seed = 0, ...options }: GetModelOptions,
): Promise<{ parameters: Parameters; report: LoadReport }> {
  const ofRun = await isRunFile(path);
  using file = await openCheckpoint(path, ofRun ? {} : options);
  try {
    const stored = ofRun ? runReader(file, options.which) : file;
    const used = withoutUnused(kitReader(stored).reader, wanted, model);
    const { parameters, report } = await loadCheckpointInto(wanted, used, { strict });
    // Without strict, what the file lacks is as it was before training.
    const missing = new Map([...wanted].filter(([name]) => !(name in parameters)));
    const drawn = initializeParameters(missing, randomKey(seed));
    return { parameters: { ...parameters, ...drawn }, report };
  } catch (error) {
    const { message } = error as Error;
    if (message.startsWith(path)) throw error;
    throw new Error(`${path}: ${message}`, { cause: error });
  }
}

/**
 * A model by name: one that was released (`deno task models` lists them), or one of the
 * architectures, whose classes are those of ImageNet-1k. What pretraining alone has a use for, a
 * decoder for instance, is left out.
 *
 * @throws {Error} on an unknown name, with the nearest; when the weights cannot be fetched, with
 *   their address and where to put them; when they do not fit.
 *
 * @example
 * ```ts
 * import { getModel } from "./model.ts";
 * import { tf } from "../engine/mod.ts";
 * using model = await getModel("mixmim-base_3rdparty_in1k"); // { pretrained: true } fetches weights
 * const images = tf.zeros([1, 224, 224, 3]);
 * console.log(model.logits(images).shape, model.features(images).shape); // [ 1, 1000 ] [ 1, 1024 ]
 * ```
 */
export async function getModel(
  name: string,
  options: GetModelOptions = {},
): Promise<Model> {
  const known = knownModel(name);
  const { pretrained = false, weights, seed = 0 } = options;
  const published = architecture(known.architecture);
  const { imageSize = known.preprocessing.imageSize } = options;
  const model = imageSize === published.imageSize
    ? published
    : published.atSize(imageSize);
  const { specifications, classifies } = encoderOf(model);
  const path = weights ?? (pretrained ? await releasedFile(known, options) : undefined);
  const { parameters, report } = path === undefined
    ? {
      parameters: initializeParameters(specifications, randomKey(seed)),
      report: undefined,
    }
    : await loadFile(path, { model, wanted: specifications }, options);
  return modelOf({
    ...{ name, parameters, encode: model.encode, report },
    classNames: classifies ? imagenetClasses.map(({ name }) => name) : undefined,
    preprocessing: atImageSize(known.preprocessing, imageSize),
  });
}
