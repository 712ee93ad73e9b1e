/**
 * Linear probing as the papers train it (MAE, appendix A.1): batch norm without affine and a linear
 * layer on frozen features, with LARS, momentum and no weight decay. On features that were computed
 * once, or through the frozen encoder with augmentation.
 *
 * @module
 */
import { type Batch, batches, type ImageDataset } from "../data/mod.ts";
import type { Augmentation, LabelledDataset } from "../data/mod.ts";
import { type Precision, type Tensor, tf } from "../engine/mod.ts";
import { linearProbe } from "../heads/linear_probe.ts";
import { crossEntropy, softTargets } from "../losses/cross_entropy.ts";
import { describeParameters, type Parameters, scope } from "../nn/scope.ts";
import {
  type ClassificationReport,
  classificationTally,
  evaluateLogits,
} from "./evaluate.ts";
import {
  type ExtractOptions,
  type LabelledFeatures,
  normalizeImages,
  requireLabels,
} from "./features.ts";
import { gradientJob, type Optimization } from "./gradient_job.ts";
import { imageBatches } from "./image_batches.ts";
import { weightDecayGroups } from "./parameter_groups/mod.ts";
import { imageFormatOf, type StreamedImages } from "./streamed_images.ts";
import { partSizes, type TrainingJob } from "./training_job.ts";

/** A frozen encoder: normalised images `(B, H, W, C)` → features `(B, D)`. */
export type FrozenEncoder = (images: Tensor) => Tensor;

/** What a probe is trained on. */
export type ProbeData =
  | { features: LabelledFeatures }
  | {
    encode: FrozenEncoder;
    /** In memory, or read while the device computes. */
    dataset: LabelledDataset | StreamedImages;
    /** Of images in memory; what is read has its transform. */
    augmentation?: Augmentation;
  };

/** How a probe is trained. */
export interface LinearProbeJobOptions {
  phase: string;
  seed: number;
  classes: number;
  data: ProbeData;
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

/** A probe's logits; the scope decides whether batch norm trains. */
function probeLogits(parameters: Parameters, features: Tensor, classes: number): Tensor {
  return linearProbe(scope(parameters).at(headScope), features, { classes });
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
  /** What a batch holds → features; the encoder is frozen. */
  featuresOf(inputs: Tensor): Tensor;
  /** Of a batch's inputs, but for the first axis. */
  shape: number[];
}

function inputsOf(
  { data, optimization, seed, phase }: LinearProbeJobOptions,
): ProbeInputs {
  const { batchSize, microBatchSize } = optimization;
  const options = { batchSize, microBatchSize, seed };
  if ("features" in data) {
    return {
      batch: featureBatches(data.features, options),
      featuresOf: (features) => features,
      shape: [data.features.features.width],
    };
  }
  const { encode, dataset, augmentation } = data;
  requireLabels(dataset, phase);
  const format = imageFormatOf(dataset);
  const batchOf = imageBatches(dataset, { ...options, augmentation });
  return {
    batch: async (step, part) => {
      const { images, labels } = await batchOf(step, part);
      return { inputs: images, labels: tf.tensor1d(labels!, "int32") };
    },
    close: batchOf.close,
    featuresOf: (images) => encode(normalizeImages(images, format)),
    shape: [format.height, format.width, format.channels],
  };
}

/**
 * The job of a linear probe, for `train`; its parameters are `head.0` (batch norm) and `head.1`.
 *
 * @throws {Error} when there are no labels.
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
  const { phase, seed, classes, optimization, precision = "float32" } = options;
  const { batch, close, featuresOf, shape } = inputsOf(options);
  const specifications = describeParameters((scope, input) =>
    linearProbe(scope.at(headScope), featuresOf(input({ shape: [2, ...shape] })), {
      classes,
    })
  );
  return gradientJob<ProbeBatch>({
    ...{ phase, seed, specifications, precision, batch },
    ...(close === undefined ? {} : { close }),
    optimization: {
      optimizer: { kind: "lars" },
      ...optimization,
      groups: optimization.groups ??
        weightDecayGroups(specifications, optimization.weightDecay ?? 0),
    },
    loss: (scope, { inputs, labels }) => {
      const logits = linearProbe(scope.at(headScope), featuresOf(inputs), { classes });
      return crossEntropy(logits, softTargets(labels, classes));
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
