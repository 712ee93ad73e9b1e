/**
 * Linear probing as the papers train it (MAE, appendix A.1): batch norm without affine and a linear
 * layer on frozen features, with LARS, momentum and no weight decay. On features that were computed
 * once, or through the frozen encoder with augmentation. openmixup's probes have no norm, and mix
 * images as in fine-tuning.
 *
 * @module
 */
import { normalizeImages } from "../nn/normalize_images.ts";
import { type Batch, batches, type ImageDataset } from "../data/mod.ts";
import type { Augmentation, LabelledDataset } from "../data/mod.ts";
import { abstractly, type Key, type Precision, type Tensor, tf } from "../engine/mod.ts";
import { linearProbe } from "../heads/linear_probe.ts";
import { softTargets } from "../losses/cross_entropy.ts";
import { describeParameters, type Parameters, scope } from "../nn/scope.ts";
import { withDrawnHead } from "./drawn_head.ts";
import {
  type ClassificationReport,
  classificationTally,
  evaluateLogits,
} from "./evaluate.ts";
import { type ExtractOptions, type LabelledFeatures, requireLabels } from "./features.ts";
import { gradientJob, type Optimization } from "./gradient_job.ts";
import { imageBatches } from "./image_batches.ts";
import { weightDecayGroups } from "./parameter_groups/mod.ts";
import { imageFormatOf, type StreamedImages } from "./streamed_images.ts";
import { classificationLoss, supervisedImages, type Supervision } from "./supervision.ts";
import { partSizes, type TrainingJob } from "./training_job.ts";

/** A frozen encoder: normalised images `(B, H, W, C)` → features `(B, D)`. */
export type FrozenEncoder = (images: Tensor) => Tensor;

/** Images that go through a frozen encoder. */
export interface EncodedImages {
  encode: FrozenEncoder;
  /** In memory, or read while the device computes. */
  dataset: LabelledDataset | StreamedImages;
  /** Of images in memory; what is read has its transform. */
  augmentation?: Augmentation;
}

/** What a probe is trained on. */
export type ProbeData = { features: LabelledFeatures } | EncodedImages;

/** How a probe is trained; images are changed and mixed before the encoder sees them. */
export interface LinearProbeJobOptions extends Supervision {
  phase: string;
  seed: number;
  classes: number;
  data: ProbeData;
  /** Batch normalisation without affine before the linear layer. Default: true. */
  normalizeFeatures?: boolean;
  /** Of the targets. Default: 0. */
  labelSmoothing?: number;
  /** Deviation of the linear layer's first weights; 0 for zeros. Default: 0.01 (MAE). */
  headDeviation?: number;
  /**
   * Default optimiser: LARS as MAE writes it. MAE's recipe: batches of 16384, 90 epochs, 10 of them
   * warm-up, a learning rate of 0.1 · batch / 256, no weight decay.
   */
  optimization: Omit<Optimization, "groups"> & Partial<Pick<Optimization, "groups">> & {
    weightDecay?: number;
  };
  /** Of the frozen encoder's matrix products. Default: float32. */
  precision?: Precision;
}

/** Features or images, with the classes. */
export interface ProbeBatch extends Record<string, Tensor> {
  inputs: Tensor;
  labels: Tensor;
}

const headScope = "head";
const headWeight = `${headScope}.1.weight`;

/** The logits of a trained probe, which has a norm or none. */
function probeLogits(parameters: Parameters, features: Tensor, classes: number): Tensor {
  const normalize = parameters[`${headScope}.0.running_mean`] !== undefined;
  return linearProbe(scope(parameters).at(headScope), features, { classes, normalize });
}

/** Rows of features in the order in which images of a data set would come. */
function featureBatches(
  { features, labels }: LabelledFeatures,
  options: { batchSize: number; microBatchSize?: number | undefined; seed: number },
): (step: number, part?: number) => ProbeBatch {
  const { length, width } = features;
  const sizes = partSizes(options);
  // One byte an image: only the order is asked for.
  const order: ImageDataset = {
    ...{ name: "features", length, height: 1, width: 1, channels: 1 },
    ...{ images: new Uint8Array(length), mean: [0], std: [1], background: [0] },
    fingerprint: "",
  };
  let stream = batches(order, options);
  let next = 0;
  let current: Batch | undefined;
  return (step, part = 0) => {
    if (current?.step !== step) {
      if (step !== next) stream = batches(order, { ...options, startStep: step });
      next = step + 1;
      current = stream.next().value;
    }
    const from = part * sizes[0]!;
    const chosen = current.indices.subarray(from, from + sizes[part]!);
    const rows = new Float32Array(chosen.length * width);
    chosen.forEach((index, row) =>
      rows.set(features.values.subarray(index * width, (index + 1) * width), row * width)
    );
    const classes = Int32Array.from(chosen, (index) => labels[index]!);
    return {
      inputs: tf.tensor2d(rows, [chosen.length, width]),
      labels: tf.tensor1d(classes, "int32"),
    };
  };
}

interface ProbeInputs {
  batch(step: number, part?: number): ProbeBatch | Promise<ProbeBatch>;
  close?(): Promise<void>;
  /** A batch as features and targets; the encoder is frozen. */
  shown(batch: ProbeBatch, key: Key): { features: Tensor; targets: Tensor };
}

/** Features that were computed once: it is too late to change their images. */
function cachedInputs(
  features: LabelledFeatures,
  { phase, classes, optimization, seed, ...supervision }: LinearProbeJobOptions,
): ProbeInputs {
  const { change, mixing, labelSmoothing } = supervision;
  if (change !== undefined || mixing !== undefined) {
    throw new Error(
      `${phase} cannot ${
        change === undefined ? "mix" : "change"
      } images that are features ` +
        "already: give it the encoder and the images",
    );
  }
  const { batchSize, microBatchSize } = optimization;
  return {
    batch: featureBatches(features, { batchSize, microBatchSize, seed }),
    shown: ({ inputs, labels }) => ({
      features: inputs,
      targets: softTargets(labels, classes, labelSmoothing),
    }),
  };
}

function encodedInputs(
  { encode, dataset, augmentation }: EncodedImages,
  options: LinearProbeJobOptions,
): ProbeInputs {
  const { phase, seed, classes, optimization: { batchSize, microBatchSize } } = options;
  requireLabels(dataset, phase);
  const format = imageFormatOf(dataset);
  const batchOf = imageBatches(dataset, {
    ...{ batchSize, microBatchSize, seed, augmentation },
  });
  return {
    batch: async (step, part) => {
      const { images, labels } = await batchOf(step, part);
      return { inputs: images, labels: tf.tensor1d(labels!, "int32") };
    },
    close: batchOf.close,
    shown: ({ inputs, labels }, key) => {
      const batch = { images: normalizeImages(inputs, format), labels };
      const { images, targets } = supervisedImages(batch, key, classes, options);
      return { features: encode(images), targets };
    },
  };
}

/** How wide features are. */
function widthOf(data: ProbeData): number {
  if ("features" in data) return data.features.features.width;
  const { height, width, channels } = imageFormatOf(data.dataset);
  const { result } = abstractly((placeholder) =>
    data.encode(placeholder({ shape: [2, height, width, channels] })).shape
  );
  return result.at(-1)!;
}

/** The parameters of a probe, with their first values: `head.0` (batch norm, if any) and `head.1`. */
export function describeProbe(
  options: Omit<LinearProbeJobOptions, "optimization">,
): ReturnType<typeof describeParameters> {
  const { classes, seed, data, headDeviation: deviation } = options;
  const { normalizeFeatures: normalize = true } = options;
  const shape = [2, widthOf(data)];
  const specifications = describeParameters((scope, input) =>
    linearProbe(scope.at(headScope), input({ shape }), { classes, normalize })
  );
  if (deviation === undefined) return specifications;
  return withDrawnHead(specifications, { weight: headWeight, deviation, seed });
}

/**
 * The job of a linear probe, for `train`; its parameters are `head.0` (batch norm, where features are
 * normalised) and `head.1`.
 *
 * @throws {Error} when there are no labels, or images are to be mixed that are features already.
 *
 * @example
 * ```ts
 * import { linearProbeJob, probeReport } from "./linear_probe_job.ts";
 * import { parametersOf } from "./gradient_job.ts";
 * import { noProgress } from "./progress.ts";
 * import { train } from "./training_loop.ts";
 * const values = Float32Array.of(1, 2, -1, -2);
 * const labelled = { features: { values, length: 4, width: 1 }, labels: Int32Array.of(0, 0, 1, 1) };
 * const job = linearProbeJob({
 *   ...{ phase: "probe", seed: 0, classes: 2, data: { features: labelled } },
 *   optimization: { steps: 50, batchSize: 4, learningRate: 0.5 },
 * });
 * const parameters = parametersOf(await train(job, { progress: noProgress }));
 * console.log(probeReport(parameters, labelled, 2).top1); // 100
 * ```
 */
export function linearProbeJob(options: LinearProbeJobOptions): TrainingJob<ProbeBatch> {
  const { phase, seed, classes, data, optimization, precision = "float32" } = options;
  const { batch, close, shown } = "features" in data
    ? cachedInputs(data.features, options)
    : encodedInputs(data, options);
  const { normalizeFeatures: normalize = true } = options;
  const specifications = describeProbe(options);
  return gradientJob<ProbeBatch>({
    ...{ phase, seed, specifications, precision, batch },
    ...(close === undefined ? {} : { close }),
    optimization: {
      optimizer: { kind: "lars" },
      ...optimization,
      groups: optimization.groups ??
        weightDecayGroups(specifications, optimization.weightDecay ?? 0),
    },
    loss: (scope, batch, key) => {
      const { features, targets } = shown(batch, key);
      const logits = linearProbe(scope.at(headScope), features, { classes, normalize });
      return classificationLoss(logits, targets, options.loss);
    },
  });
}

// Rows at a time: a million features need not be on the device at once.
const rowsAtOnce = 4096;

/** How good a trained probe is on features. */
export function probeReport(
  parameters: Parameters,
  { features: { values, length, width }, labels }: LabelledFeatures,
  classes: number,
): ClassificationReport {
  const tally = classificationTally(classes);
  for (let start = 0; start < length; start += rowsAtOnce) {
    const end = Math.min(length, start + rowsAtOnce);
    const logits = tf.tidy(() => {
      const rows = values.subarray(start * width, end * width);
      const features = tf.tensor2d(rows, [end - start, width]);
      return probeLogits(parameters, features, classes).dataSync() as Float32Array;
    });
    tally.add(logits, labels.subarray(start, end));
  }
  return tally.report();
}

/** How good a trained probe is on images, through the frozen encoder. */
export function evaluateProbe(
  parameters: Parameters,
  encode: FrozenEncoder,
  dataset: ImageDataset | StreamedImages,
  options: ExtractOptions & { classes: number },
): Promise<ClassificationReport> {
  const { classes } = options;
  const logitsOf = (images: Tensor) => probeLogits(parameters, encode(images), classes);
  return evaluateLogits(logitsOf, dataset, classes, options);
}
