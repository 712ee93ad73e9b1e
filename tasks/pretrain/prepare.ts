/**
 * A recipe for pretraining on images, as a job of the library.
 *
 * @module
 */
import type { Tensor } from "../../lib/engine/mod.ts";
import type { Teacher } from "../../lib/methods/teacher.ts";
import { backboneOf } from "../../lib/recipes/build_backbone.ts";
import { optimizationOf } from "../../lib/recipes/build_optimization.ts";
import { pretextOf } from "../../lib/recipes/build_pretext.ts";
import type { PretrainRecipe } from "../../lib/recipes/recipe.ts";
import type { Optimization } from "../../lib/trainers/optimization.ts";
import type { Pretext } from "../../lib/trainers/pretext.ts";
import { describePretext, pretrainJob } from "../../lib/trainers/pretrain.ts";
import { imageFormatOf } from "../../lib/trainers/streamed_images.ts";
import type { TrainingJob } from "../../lib/trainers/training_job.ts";
import { deviceChange } from "../training/device_change.ts";
import type { FrozenBackbone } from "../../lib/methods/frozen_features.ts";
import { microBatches } from "../training/micro_batches.ts";
import { type TrainingImages, unlabelled } from "../training/recipe_images.ts";

/** What is pretrained, on what. */
export interface PretrainInput {
  recipe: PretrainRecipe;
  images: TrainingImages;
  seed: number;
  teacher?: Teacher | undefined;
}

/** A job and what it is made of. */
export interface Pretraining {
  job: TrainingJob<{ images: Tensor }>;
  pretext: Pretext;
  specifications: ReturnType<typeof describePretext>;
  optimization: Optimization;
  backbone: FrozenBackbone;
}

/** Images of a data set, whether they are in memory or read. */
export function countOf({ dataset }: TrainingImages): number {
  return "source" in dataset ? dataset.source.length : dataset.length;
}

/** The backbone of a recipe as the features of a pretrained one are computed. */
export function backboneFor(recipe: PretrainRecipe, channels: number): FrozenBackbone {
  const { model, data: { imageSize } } = recipe;
  return {
    backbone: backboneOf(model.backbone, { imageSize, channels }),
    nested: model.kind === "simmim" || model.kind === "a2mim",
  };
}

/** Makes the job of a recipe. */
export function preparePretraining(
  { recipe, images, seed, teacher }: PretrainInput,
): Pretraining {
  const { channels, std } = imageFormatOf(images.dataset);
  const change = deviceChange(recipe, std);
  const { model, data: { imageSize }, optimizer: { weightDecay } } = recipe;
  const pretext = pretextOf(
    recipe,
    teacher === undefined ? { channels } : { channels, teacher },
  );
  const specifications = describePretext(pretext, {
    ...{ height: imageSize, width: imageSize, channels },
  });
  const backbone = backboneFor(recipe, channels);
  const optimization = {
    ...optimizationOf(recipe, {
      ...{ images: countOf(images), specifications },
      backbone: backbone.backbone,
    }),
    ...microBatches(recipe),
  };
  const job = pretrainJob({
    ...{ phase: model.kind, seed, pretext, precision: recipe.precision },
    ...unlabelled(images),
    ...change === undefined ? {} : { change },
    rematerialize: model.backbone.rematerialize ?? false,
    optimization: { ...optimization, weightDecay },
  });
  return { job, pretext, specifications, optimization, backbone };
}
