/**
 * `deno task features` from pictures to a file.
 *
 * @module
 */
import type { ImageFolder, ImageSource } from "../../lib/data/mod.ts";
import type { Precision } from "../../lib/engine/mod.ts";
import { encodeAll } from "../../lib/trainers/features.ts";
import { terminalProgress } from "../../lib/trainers/progress.ts";
import type { Model } from "../../lib/zoo/model.ts";
import { preprocessingTransform } from "../../lib/zoo/preprocessing.ts";
import { type StoredTensor, writeSafetensors } from "../../lib/zoo/safetensors.ts";
import { openPart } from "../training/open_part.ts";
import { requireWritable } from "./features_file.ts";
import type { ModelChoice } from "./model_flags.ts";
import { openModel } from "./open_model.ts";

/** What `deno task features` is asked for. */
export interface FeaturesTask extends ModelChoice {
  model: string;
  /** A folder, or shards. */
  images: string;
  out: string;
  force: boolean;
  batch: number;
  precision: string;
  readers: number;
  "max-bad": number;
}

/** The pictures in as many channels, and as bright, as the model has learned from. */
function asModelSees(source: ImageSource, { preprocessing }: Model): ImageSource {
  const { mean, std } = preprocessing;
  const channels = mean.length === 1 ? 1 : 3;
  return { ...source, channels, mean, std, background: mean.map(() => 255) };
}

function pathOf(source: ImageSource, index: number): string {
  const { paths } = source as Partial<ImageFolder>;
  return paths?.[index] ?? source.describe(index);
}

/** What comes of weights that training has lost, and of a file that was damaged on its way. */
function requireNumbers(values: Float32Array, model: string): void {
  if (values.every(Number.isFinite)) return;
  throw new Error(
    `The features of ${model} are no numbers (NaN): its weights are damaged, or of a training ` +
      "that went astray; take other weights",
  );
}

/** Writes the features; returns the exit status. */
export async function writeFeatures(task: FeaturesTask): Promise<number> {
  const { out, batch, readers, "max-bad": maxBad } = task;
  await requireWritable(out, task.force);
  const found = await openPart(task.images, console.error);
  using model = await openModel(task.model, task);
  const source = asModelSees(found, model);
  const transform = preprocessingTransform(model.preprocessing);
  const indices = new Int32Array(source.length);
  let values = new Float32Array(0);
  let count = 0;
  let width = 0;
  await encodeAll(
    { source, transform, readers, maxBad },
    (images) => model.features(images),
    {
      ...{ phase: "features", progress: terminalProgress },
      batchSize: Math.min(batch, source.length),
      precision: task.precision as Precision,
    },
    (rows) => {
      width = rows.width;
      if (values.length === 0) values = new Float32Array(source.length * width);
      requireNumbers(rows.values, task.model);
      values.set(rows.values, count * width);
      indices.set(rows.indices, count);
      count += rows.count;
    },
  );
  const kept = indices.subarray(0, count);
  const { labels, classNames } = source;
  const tensors: Record<string, StoredTensor> = {
    features: {
      ...{ shape: [count, width], dtype: "F32" },
      data: values.subarray(0, count * width),
    },
    ...labels && {
      labels: {
        ...{ shape: [count], dtype: "I64" },
        data: BigInt64Array.from(kept, (index) => BigInt(labels[index]!)),
      },
    },
  };
  await writeSafetensors(out, tensors, {
    ...{ model: task.model, images: task.images },
    paths: JSON.stringify(Array.from(kept, (index) => pathOf(source, index))),
    ...classNames && { classNames: JSON.stringify(classNames) },
  });
  const classes = classNames === undefined ? "" : ` of ${classNames.length} classes`;
  console.log(`${out}: ${count} features of ${width} numbers, of pictures${classes}`);
  return 0;
}
