/**
 * A recipe with labels as a job of the library.
 *
 * @module
 */
import { foldIn, type Key, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  type ClassifierConfiguration,
  classify,
} from "../../lib/methods/classification.ts";
import { truncatedNormal } from "../../lib/nn/initializers.ts";
import {
  describeParameters,
  type Parameters,
  type ParameterSpecification,
  scope,
} from "../../lib/nn/scope.ts";
import { backboneOf } from "../../lib/recipes/build_backbone.ts";
import { classifierOf } from "../../lib/recipes/build_classifier.ts";
import { optimizationOf } from "../../lib/recipes/build_optimization.ts";
import type { FinetuneRecipe, LinearRecipe } from "../../lib/recipes/recipe.ts";
import type { TensorTree } from "../../lib/trainers/checkpoint.ts";
import { type ClassificationLoss, finetuneJob } from "../../lib/trainers/finetune.ts";
import { addLighting } from "../../lib/trainers/lighting.ts";
import {
  type FrozenEncoder,
  linearProbeJob,
} from "../../lib/trainers/linear_probe_job.ts";
import { eraseImages } from "../../lib/trainers/random_erasing.ts";
import { imageFormatOf } from "../../lib/trainers/streamed_images.ts";
import type { TrainingJob } from "../../lib/trainers/training_job.ts";
import { type FrozenBackbone, frozenFeatures } from "../training/frozen_backbone.ts";
import { microBatches } from "../training/micro_batches.ts";
import type { TrainingImages } from "../training/recipe_images.ts";
import type { SupervisedRecipe } from "./adapt.ts";

/** What is trained on what. */
export interface SupervisedInput<Of extends SupervisedRecipe> {
  recipe: Of;
  images: TrainingImages;
  seed: number;
  classes: number;
  pretrained?: Parameters | undefined;
}

type Specifications = ReadonlyMap<string, ParameterSpecification>;

/** A job of any batch. */
export type AnyJob = TrainingJob<Record<string, Tensor>>;

function countOf({ dataset }: TrainingImages): number {
  return "source" in dataset ? dataset.source.length : dataset.length;
}

/** What happens to normalised images on the device: timm's erasing, AlexNet's lighting. */
export function deviceChange(
  { data: { transform } }: SupervisedRecipe,
  std: readonly number[],
): ((key: Key, images: Tensor) => Tensor) | undefined {
  const { erasing, lighting } = transform;
  const erases = erasing?.variant === "timm" && erasing.probability > 0;
  const lights = lighting !== undefined && lighting > 0;
  if (!erases && !lights) return undefined;
  return (key, images) => {
    const lit = lights
      ? addLighting(foldIn(key, "lighting"), images, { deviation: lighting, std })
      : images;
    return erases ? eraseImages(foldIn(key, "erasing"), lit, erasing) : lit;
  };
}

/** openmixup sums over the classes, timm takes their mean. */
function lossOf({ loss, groups }: SupervisedRecipe): ClassificationLoss {
  if (loss === "cross-entropy") return { kind: loss };
  return {
    kind: loss,
    reduction: groups.kind === "openmixup" ? "sum-classes" : "mean-classes",
  };
}

/** The job with a classifier that is drawn as the recipe says. */
function withDrawnHead<Job extends AnyJob>(
  job: Job,
  { model: { headDeviation } }: SupervisedRecipe,
): Job {
  const names = ["head.weight", "head.fc.weight", "head.1.weight"];
  const initial = (): TensorTree => {
    const state = job.initial();
    const key = foldIn(randomKey(job.seed), "head");
    for (const part of ["parameters", "ema"]) {
      const parameters = state[part] as Parameters | undefined;
      const name = names.find((name) => parameters?.[name] !== undefined);
      if (parameters === undefined || name === undefined) continue;
      const old = parameters[name]!;
      parameters[name] = tf.tidy(() =>
        headDeviation === 0
          ? tf.zeros(old.shape)
          : truncatedNormal(headDeviation)(key, old.shape)
      );
      old.dispose();
    }
    return state;
  };
  return { ...job, initial };
}

/** The parameters of a classifier. */
export function describeClassifier(
  model: ClassifierConfiguration,
  { imageSize, channels }: { imageSize: number; channels: number },
): ReturnType<typeof describeParameters> {
  const shape = [1, imageSize, imageSize, channels];
  return describeParameters((scope, input) =>
    classify(scope, input({ shape }), model).logits
  );
}

/** Fine-tuning, or training from scratch. */
export function prepareFinetuning(
  { recipe, images, seed, classes, pretrained }: SupervisedInput<FinetuneRecipe>,
): { job: AnyJob; model: ClassifierConfiguration; specifications: Specifications } {
  const { channels, std } = imageFormatOf(images.dataset);
  const model = classifierOf(recipe, { classes, channels });
  const { imageSize } = recipe.data;
  const specifications = describeClassifier(model, { imageSize, channels });
  const optimization = optimizationOf(recipe, {
    ...{ images: countOf(images), specifications, backbone: model.backbone },
  });
  const change = deviceChange(recipe, std);
  const { mixing, smoothing, precision, optimizer: { weightDecay } } = recipe;
  const job = finetuneJob({
    ...{ phase: "finetune", seed, model, ...images, precision },
    ...pretrained === undefined ? {} : { pretrained },
    ...mixing === undefined ? {} : { mixing },
    ...change === undefined ? {} : { change },
    ...{ labelSmoothing: smoothing, loss: lossOf(recipe) },
    optimization: {
      ...optimization,
      ...microBatches(recipe),
      weightDecay,
      layerDecay: 1,
    },
  });
  return { job: withDrawnHead(job as unknown as AnyJob, recipe), model, specifications };
}

/** What of a recipe the trainer of linear probes does not do, in sentences. */
export function probeLacks(recipe: LinearRecipe): string[] {
  const { model, mixing, smoothing, loss, data: { transform } } = recipe;
  const timmErasing = transform.erasing?.variant === "timm";
  return [
    ...model.normalizeFeatures ? [] : ["features are normalised all the same"],
    ...mixing === undefined ? [] : ["images are not mixed"],
    ...smoothing === 0 ? [] : ["labels are not smoothed"],
    ...loss === "cross-entropy" ? [] : ["the loss is cross entropy all the same"],
    ...transform.lighting === undefined && !timmErasing
      ? []
      : ["lighting and timm's erasing are left out"],
  ];
}

/** The frozen encoder of a probe. */
export function probeBackbone(
  { model, data }: LinearRecipe,
  channels: number,
  pretrained: Parameters,
): FrozenBackbone {
  const { imageSize } = data;
  return {
    backbone: backboneOf(model.backbone, { imageSize, channels }),
    nested: Object.keys(pretrained).some((name) => name.startsWith("backbone.")),
    pooling: model.pooling,
  };
}

/** Linear probing. */
export function prepareProbe(
  { recipe, images, seed, classes, pretrained }:
    & SupervisedInput<LinearRecipe>
    & { pretrained: Parameters },
): { job: AnyJob; encode: FrozenEncoder } {
  const { channels } = imageFormatOf(images.dataset);
  const backbone = probeBackbone(recipe, channels, pretrained);
  const frozen = scope(pretrained);
  const encode = (batch: Tensor): Tensor => frozenFeatures(frozen, batch, backbone);
  // Weight decay by number of axes: a probe has one matrix and one vector, whatever the project.
  const { groups: _, ...optimization } = optimizationOf(
    { ...recipe, groups: { kind: "mae" } },
    { images: countOf(images), specifications: new Map() },
  );
  const { precision, optimizer: { weightDecay } } = recipe;
  const job = linearProbeJob({
    ...{ phase: "linear", seed, classes, precision },
    data: { encode, ...images },
    optimization: { ...optimization, ...microBatches(recipe), weightDecay },
  });
  return { job: withDrawnHead(job as unknown as AnyJob, recipe), encode };
}
