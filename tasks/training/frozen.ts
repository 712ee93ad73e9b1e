/**
 * Frozen encoders, and what can be measured of their features.
 *
 * @module
 */
import type { ClipConfiguration } from "../../lib/backbones/clip_variants.ts";
import { clipVision } from "../../lib/backbones/clip_vision.ts";
import { vit, type VitConfiguration } from "../../lib/backbones/vit.ts";
import type { LabelledDataset } from "../../lib/data/mod.ts";
import { type Tensor, tf } from "../../lib/engine/mod.ts";
import { layerNorm } from "../../lib/nn/layer_norm.ts";
import { type Parameters, scope } from "../../lib/nn/scope.ts";
import { extractFeatures, type LabelledFeatures } from "../../lib/trainers/features.ts";
import { linearProbeAccuracy } from "../../lib/trainers/linear_probe.ts";
import { knnAccuracy } from "../../lib/trainers/nearest_neighbours.ts";
import { terminalProgress } from "../../lib/trainers/progress.ts";
import type { TrainingSurroundings } from "../../lib/trainers/training_loop.ts";
import type { Evaluations } from "./evaluations.ts";

/** A frozen encoder: normalised images `(B, H, W, C)` to features `(B, D)`. */
export type Encode = (images: Tensor) => Tensor;

// Of a side, in pixels: a linear probe of more is slow and learns the training images by heart.
const thumbnail = { above: 32, to: 16 };

/** The pixels themselves; images of more than 32 pixels a side averaged down to 16. */
export const pixelFeatures: Encode = (images) => {
  const [batch, height, width, channels] = images.shape as [
    number,
    number,
    number,
    number,
  ];
  const factor = height > thumbnail.above ? Math.ceil(height / thumbnail.to) : 1;
  const pixels = factor === 1
    ? images
    : tf.avgPool(images.as4D(batch, height, width, channels), factor, factor, "same");
  return tf.reshape(pixels, [batch, -1]);
};

/** The mean of a pretrained encoder's normalised patch tokens. */
export function vitFeatures(parameters: Parameters, backbone: VitConfiguration): Encode {
  const frozen = scope(parameters);
  return (images) => {
    const { tokens } = vit(frozen, images, { positions: "fixed", ...backbone });
    return layerNorm(frozen.at("norm"), tokens, backbone.epsilon).slice([0, 1]).mean(1);
  };
}

/** A CLIP in training: its shape and its parameters. */
export interface TrainedClip {
  parameters: Parameters;
  configuration: ClipConfiguration;
}

/** A CLIP's image embeddings. */
export function clipFeatures(
  { parameters, configuration: { vision } }: {
    parameters: Parameters;
    configuration: Pick<ClipConfiguration, "vision">;
  },
): Encode {
  const visual = scope(parameters).at("visual");
  return (images) => clipVision(visual, images, vision).imageEmbeds;
}

/** A number in percent from the features of labelled images and of test images. */
export type Measure = (
  bank: LabelledFeatures,
  test: LabelledFeatures,
) => Promise<number>;

/** k-nearest neighbours and linear probe of the classes. */
export function classMeasures(
  classes: number,
  seed: number,
): Record<"knn" | "probe", Measure> {
  return {
    knn: (bank, test) => knnAccuracy(bank, test, classes),
    probe: (bank, test) => linearProbeAccuracy(bank, test, { classes, seed }),
  };
}

/** Where a row of measures is taken. */
export interface FrozenContext<Row extends string, Column extends string> {
  /** Images whose labels may be looked at. */
  bank: LabelledDataset;
  test: LabelledDataset;
  seed: number;
  surroundings: TrainingSurroundings;
  evaluations: Evaluations<Row, Column>;
}

/** Takes what is missing of a row's measures; features are computed only if something is. */
export async function evaluateFrozen<Row extends string, Column extends string>(
  row: Row,
  encode: Encode,
  measures: Partial<Record<Column, Measure>>,
  { bank, test, seed, surroundings, evaluations }: FrozenContext<Row, Column>,
): Promise<void> {
  const taken = Object.entries(measures) as [Column, Measure][];
  if (evaluations.has(row, taken.map(([column]) => column), seed)) return;
  const { interruption } = surroundings;
  const options = {
    ...{ phase: `features ${row}`, progress: surroundings.progress ?? terminalProgress },
    ...(interruption === undefined ? {} : { interruption }),
  };
  const featuresOf = async (dataset: LabelledDataset): Promise<LabelledFeatures> => ({
    features: await extractFeatures(dataset, encode, options),
    labels: dataset.labels,
  });
  const labelled = await featuresOf(bank);
  const tested = await featuresOf(test);
  for (const [column, measure] of taken) {
    await evaluations.once(row, column, seed, () => measure(labelled, tested));
  }
}
