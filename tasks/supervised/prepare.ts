/**
 * A recipe with labels as a job of the library.
 *
 * @module
 */
import type { Tensor } from "../../lib/engine/mod.ts";
import {
  type ClassifierConfiguration,
  classify,
} from "../../lib/methods/classification.ts";
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
import { finetuneJob } from "../../lib/trainers/finetune.ts";
import {
  describeProbe,
  type FrozenEncoder,
  linearProbeJob,
} from "../../lib/trainers/linear_probe_job.ts";
import { imageFormatOf } from "../../lib/trainers/streamed_images.ts";
import type { ClassificationLoss, Supervision } from "../../lib/trainers/supervision.ts";
import type { TrainingJob } from "../../lib/trainers/training_job.ts";
import { deviceChange } from "../training/device_change.ts";
import {
  type FrozenBackbone,
  frozenFeatures,
} from "../../lib/methods/frozen_features.ts";
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

/** openmixup sums over the classes, timm takes their mean. */
function lossOf({ loss, groups }: SupervisedRecipe): ClassificationLoss {
  if (loss === "cross-entropy") return { kind: loss };
  return {
    kind: loss,
    reduction: groups.kind === "openmixup" ? "sum-classes" : "mean-classes",
  };
}

/** What a recipe says of images and targets, for fine-tuning and probing alike. */
function supervisionOf(
  recipe: SupervisedRecipe,
  std: readonly number[],
): Supervision & { headDeviation: number } {
  const change = deviceChange(recipe, std);
  const { mixing, smoothing, model: { headDeviation } } = recipe;
  return {
    ...mixing === undefined ? {} : { mixing },
    ...change === undefined ? {} : { change },
    ...{ labelSmoothing: smoothing, loss: lossOf(recipe), headDeviation },
  };
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
  if (recipe.model.normalizeFeatures) {
    throw new Error(
      `${recipe.name} trains the whole network, and only a linear probe has a batch norm before ` +
        "its classifier: add --model.normalizeFeatures false",
    );
  }
  const { channels, std } = imageFormatOf(images.dataset);
  const model = classifierOf(recipe, { classes, channels });
  const { imageSize } = recipe.data;
  const specifications = describeClassifier(model, { imageSize, channels });
  const optimization = optimizationOf(recipe, {
    ...{ images: countOf(images), specifications, backbone: model.backbone },
  });
  const { precision, optimizer: { weightDecay }, model: { backbone } } = recipe;
  const job = finetuneJob({
    ...{ phase: "finetune", seed, model, ...images, precision },
    ...pretrained === undefined ? {} : { pretrained },
    ...{ ...supervisionOf(recipe, std), rematerialize: backbone.rematerialize ?? false },
    optimization: {
      ...optimization,
      ...microBatches(recipe),
      weightDecay,
      layerDecay: 1,
    },
  });
  return { job: job as unknown as AnyJob, model, specifications };
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

/** The parameters of a probe's frozen encoder, under the names that a classifier has them. */
export function describeProbed(
  recipe: LinearRecipe,
  channels: number,
): ReturnType<typeof describeParameters> {
  const { imageSize } = recipe.data;
  const backbone = probeBackbone(recipe, channels, {});
  return describeParameters((scope, input) =>
    frozenFeatures(scope, input({ shape: [1, imageSize, imageSize, channels] }), backbone)
  );
}

/** What makes no sense of a network that is not trained. */
function requireFrozen({ name, model, groups }: LinearRecipe): void {
  if (model.backbone.rematerialize) {
    throw new Error(
      `${name} trains a linear layer on a frozen network, which keeps nothing for a gradient: ` +
        "leave --model.backbone.rematerialize out",
    );
  }
  if (groups.layerDecay !== undefined) {
    throw new Error(
      `${name} trains a linear layer alone, which has no layers below it: add ` +
        "--groups.layerDecay none",
    );
  }
}

/** Linear probing. */
export function prepareProbe(
  { recipe, images, seed, classes, pretrained }:
    & SupervisedInput<LinearRecipe>
    & { pretrained: Parameters },
): { job: AnyJob; encode: FrozenEncoder } {
  requireFrozen(recipe);
  const { channels, std } = imageFormatOf(images.dataset);
  classifierOf(recipe, { classes, channels }); // says whether they go together
  const backbone = probeBackbone(recipe, channels, pretrained);
  const frozen = scope(pretrained);
  const encode = (batch: Tensor): Tensor => frozenFeatures(frozen, batch, backbone);
  const { precision, optimizer: { weightDecay }, model: { normalizeFeatures } } = recipe;
  const probe = {
    ...{ phase: "linear", seed, classes, precision, normalizeFeatures },
    ...{ data: { encode, ...images }, ...supervisionOf(recipe, std) },
  };
  const optimization = optimizationOf(recipe, {
    ...{ images: countOf(images), specifications: describeProbe(probe) },
  });
  const job = linearProbeJob({
    ...probe,
    optimization: { ...optimization, ...microBatches(recipe), weightDecay },
  });
  return { job: job as unknown as AnyJob, encode };
}
