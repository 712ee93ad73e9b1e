/**
 * The network that a run has trained, for tasks that use it.
 *
 * @module
 */
import { clipVision } from "../../lib/backbones/clip_vision.ts";
import type { Tensor } from "../../lib/engine/mod.ts";
import { linearProbe } from "../../lib/heads/linear_probe.ts";
import { classify } from "../../lib/methods/classification.ts";
import { frozenFeatures } from "../../lib/methods/frozen_features.ts";
import type { Parameters, Scope } from "../../lib/nn/scope.ts";
import { classifierOf } from "../../lib/recipes/build_classifier.ts";
import type { FinetuneRecipe, LinearRecipe } from "../../lib/recipes/recipe.ts";
import type { Encoding } from "../../lib/zoo/architectures/mod.ts";
import { loadClip } from "../../lib/zoo/clip.ts";
import { clipPath } from "../clip/save_teacher.ts";
import { backboneFor } from "../pretrain/prepare.ts";
import { drawnParameters } from "../supervised/drawn.ts";
import { describeProbed, probeBackbone } from "../supervised/prepare.ts";
import {
  findPretrained,
  type Pretrained,
  pretrainedParameters,
  runParameters,
  type TrainedRun,
} from "./pretrained.ts";

/** A network that was trained, as it is evaluated. */
export interface TrainedNetwork {
  parameters: Parameters;
  /** Normalised images `(B, H, W, C)` to features `(B, D)` and a classifier's logits. */
  encode: (scope: Scope, images: Tensor) => Encoding;
}

interface Sizes {
  /** Of a classifier. */
  classes: number;
  channels: number;
}

async function finetuned(
  run: TrainedRun,
  recipe: FinetuneRecipe,
  { classes, channels }: Sizes,
): Promise<TrainedNetwork> {
  const { dropPathRate: _, ...backbone } = recipe.model.backbone;
  const { data } = recipe;
  const model = classifierOf({
    ...{ ...recipe, model: { ...recipe.model, backbone } },
    data: { ...data, imageSize: data.evaluation.crop },
  }, { classes, channels });
  return {
    parameters: await runParameters(run),
    encode: (scope, images) => {
      const { feature, logits } = classify(scope, images, model);
      return { features: feature, logits };
    },
  };
}

/** What a probe stands on must be there for ever: the run holds the probe alone. */
async function stillThere(run: TrainedRun, path: string): Promise<Pretrained> {
  try {
    return await findPretrained(path);
  } catch (cause) {
    throw new Error(
      `"${run.folder}" is a probe on "${path}", which is not there or cannot be read: put it back`,
      { cause },
    );
  }
}

async function probed(
  run: TrainedRun,
  recipe: LinearRecipe,
  { classes, channels }: Sizes,
): Promise<TrainedNetwork> {
  const encoder = run.like === ""
    ? await pretrainedParameters(
      await stillThere(run, run.from),
      describeProbed(recipe, channels),
    )
    : drawnParameters(await stillThere(run, run.like), { channels, seed: run.seed });
  const backbone = probeBackbone(recipe, channels, encoder);
  const { normalizeFeatures: normalize } = recipe.model;
  return {
    parameters: { ...encoder, ...await runParameters(run) },
    encode: (scope, images) => {
      const features = frozenFeatures(scope, images, backbone);
      const logits = linearProbe(scope.at("head"), features, { classes, normalize });
      return { features, logits };
    },
  };
}

/** The newest network of a run. */
export async function networkOf(run: TrainedRun, sizes: Sizes): Promise<TrainedNetwork> {
  const { recipe } = run;
  const { channels } = sizes;
  switch (recipe.task) {
    case "finetune":
      return await finetuned(run, recipe, sizes);
    case "linear":
      return await probed(run, recipe, sizes);
    case "pretrain": {
      const backbone = backboneFor(recipe, channels);
      return {
        parameters: await runParameters(run),
        encode: (scope, images) => ({
          features: frozenFeatures(scope, images, backbone),
        }),
      };
    }
    case "clip": {
      const { parameters, ...configuration } = await loadClip(clipPath(run.folder), {
        towers: "vision",
      });
      return {
        parameters,
        encode: (scope, images) => ({
          features: clipVision(scope.at("visual"), images, configuration.vision)
            .imageEmbeds,
        }),
      };
    }
  }
}
