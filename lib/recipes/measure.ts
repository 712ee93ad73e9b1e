/**
 * What a recipe's network costs, without computing anything: for `--dry`.
 *
 * @module
 */
import { complexity, type ParameterCount } from "../analysis/complexity.ts";
import { clip } from "../backbones/clip.ts";
import { clipVision } from "../backbones/clip_vision.ts";
import { clipVariant } from "../backbones/clip_variants.ts";
import { type Placeholder, randomKey, type RecordedOperation } from "../engine/mod.ts";
import { classify } from "../methods/classification.ts";
import type { Teacher } from "../methods/teacher.ts";
import { describeParameters, type Scope } from "../nn/scope.ts";
import { classifierOf } from "./build_classifier.ts";
import { clipOf, type ClipVocabulary } from "./build_clip.ts";
import { pretextOf, teacherWidth } from "./build_pretext.ts";
import { backboneOf } from "./build_backbone.ts";
import { strideOf } from "../backbones/feature_map.ts";
import type { PretrainRecipe, Recipe } from "./recipe.ts";

/** What a network costs. */
export interface RecipeCost {
  parameters: ParameterCount;
  /** Of a forward pass on one image; counted as `complexity` does. */
  flops: number;
  /** The frozen teacher's. */
  teacher?: { parameters: number; flops: number };
  /** Bytes, estimated. */
  memory: {
    /** Weights, gradients, the optimiser's moments, averages. */
    state: number;
    /**
     * What the forward pass of `batch.micro` images leaves for the backward one: an upper bound, as
     * the compiler keeps less. With `rematerialize` a process may take more: on a CPU a
     * ViT of ten blocks took 88 MB an image where this says 62, and without 138 where it says 188.
     */
    activations: number;
  };
}

/** What the data add to a recipe. */
export interface CostInput {
  /** Default: the recipe's, or 1000. */
  classes?: number;
  /** Of the images. Default: 3. */
  channels?: number;
  /** Of the captions; a CLIP has no cost without them. */
  vocabulary?: ClipVocabulary;
}

/** A network's forward pass, on shapes. */
export type Forward = (scope: Scope, input: Placeholder) => unknown;

/** A teacher that is there in shape alone, so that it counts nothing. */
function teacherShape(recipe: PretrainRecipe, input: Placeholder): Teacher {
  const { imageSize } = recipe.data;
  const backbone = backboneOf(recipe.model.backbone, { imageSize });
  const patch = backbone.kind === "mixmim" ? 32 : strideOf(backbone);
  const patches = (imageSize / patch) ** 2;
  const width = teacherWidth(recipe) ?? 128; // clip-tiny's
  return () => ({
    features: input({ shape: [1, 1 + patches, width] }),
    importance: input({ shape: [1, patches] }),
  });
}

/**
 * A recipe's network as a forward pass on one image (and one caption, of a CLIP), which
 * `describeParameters` can run.
 *
 * @throws {Error} for networks that the kit cannot build, and for a CLIP without its captions'
 *   vocabulary.
 */
export function recipeForward(
  recipe: Recipe,
  { classes, channels = 3, vocabulary }: CostInput = {},
): Forward {
  const { imageSize } = recipe.data;
  const shape = [1, imageSize, imageSize, channels];
  if (recipe.task === "clip") {
    if (vocabulary === undefined) {
      throw new Error(
        `${recipe.name} has a text tower as large as its captions' vocabulary: it has no cost ` +
          "without its data",
      );
    }
    const configuration = clipOf(recipe, vocabulary);
    return (scope, input) => {
      const ids = input({ shape: [1, vocabulary.contextLength], dtype: "int32" });
      return clip(scope, { images: input({ shape }), ids }, configuration);
    };
  }
  if (recipe.task === "pretrain") {
    return (scope, input) => {
      const teacher = recipe.teacher === undefined ? {} : {
        teacher: teacherShape(recipe, input),
      };
      const pretext = pretextOf(recipe, { channels, ...teacher });
      return pretext(scope, input({ shape }), randomKey(0));
    };
  }
  const model = classifierOf(recipe, {
    classes: classes ?? recipe.model.classes ?? 1000,
    channels,
  });
  return (scope, input) => classify(scope, input({ shape }), model);
}

// Moments of the same size as the parameters.
const momentsOf = { adamw: 2, lamb: 2, sgd: 1, lars: 1, "lars-mmpretrain": 1 } as const;

function elements(shape: readonly number[] | undefined): number {
  return (shape ?? []).reduce((product, length) => product * length, 1);
}

// Operations that only look at their input in another way, or make constants.
const free = /^(Reshape|ExpandDims|Squeeze|Identity|Const|Shape|StopGradient)$/;

/**
 * Values that a forward pass on one image leaves for the backward one: all that it makes; with blocks
 * that run again their inputs alone, and what the largest block makes when it does, with its gradients.
 */
function valuesOf(forward: Forward, rematerialize: boolean): number {
  let [outside, inputs, largest] = [0, 0, 0];
  let inside: number | undefined;
  const watch = ({ kind, name, outputs }: RecordedOperation): void => {
    if (kind === "input" || free.test(name)) return;
    const made = outputs.reduce((sum, { shape }) => sum + elements(shape), 0);
    if (inside === undefined) outside += made;
    else inside += made;
  };
  describeParameters(forward, watch, {
    begin: (input) => {
      if (!rematerialize) return;
      inputs += elements(input);
      inside = 0;
    },
    end: () => {
      largest = Math.max(largest, inside ?? 0);
      inside = undefined;
    },
  });
  return outside + inputs + 2 * largest;
}

function teacherCost(recipe: PretrainRecipe): RecipeCost["teacher"] {
  if (recipe.teacher?.kind !== "released") return undefined;
  const { vision } = clipVariant(recipe.teacher.variant);
  const { imageSize } = vision;
  const { parameters, flops } = complexity((scope, input) =>
    clipVision(scope, input({ shape: [1, imageSize, imageSize, 3] }), vision)
  );
  return { parameters: parameters.total, flops };
}

/**
 * Parameters, FLOPs and memory of a recipe's network.
 *
 * @throws {Error} for a CLIP without its captions' vocabulary, on which its size depends, and for
 *   networks that the kit cannot build.
 *
 * @example
 * ```ts
 * import { recipe } from "./catalogue.ts";
 * import { costOf } from "./measure.ts";
 * const { parameters } = costOf(recipe("mae_official_vit-b_finetune_100e"));
 * console.log(parameters.total); // 86567656
 * ```
 */
export function costOf(recipe: Recipe, input: CostInput = {}): RecipeCost {
  const forward = recipeForward(recipe, input);
  const { parameters, flops } = complexity(forward);
  const copies = 2 + momentsOf[recipe.optimizer.kind] +
    (recipe.ema === undefined ? 0 : 1);
  const bytes = recipe.precision === "bfloat16" ? 2 : 4;
  const frozen = recipe.task === "linear";
  const rematerialize = "backbone" in recipe.model &&
    recipe.model.backbone.rematerialize === true;
  const teacher = recipe.task === "pretrain" ? teacherCost(recipe) : undefined;
  return {
    parameters,
    flops,
    ...teacher === undefined ? {} : { teacher },
    memory: {
      state: 4 * (frozen ? parameters.total : copies * parameters.trainable),
      activations: frozen
        ? 0
        : bytes * recipe.batch.micro * valuesOf(forward, rematerialize),
    },
  };
}
