/**
 * From a recipe for pretraining to the library's pretext task.
 *
 * @module
 */
import { type MapBackbone, strideAtLayer, strideOf } from "../backbones/feature_map.ts";
import { mixmimStride } from "../backbones/mixmim_variants.ts";
import { clipVariant } from "../backbones/clip_variants.ts";
import type { VitConfiguration } from "../backbones/vit.ts";
import { requireGrid, requireWholeCells } from "./grid.ts";
import type { Masker } from "../maskers/masker.ts";
import type { A2mimConfiguration } from "../methods/a2mim.ts";
import type { ClassifierBackbone } from "../methods/classification.ts";
import type { Teacher } from "../methods/teacher.ts";
import {
  a2mimPretext,
  maePretext,
  milanPretext,
  mixmimPretext,
  type Pretext,
  simmimPretext,
} from "../trainers/pretext.ts";
import { backboneOf, defined } from "./build_backbone.ts";
import type { MaskerSection, PretextSection } from "./model.ts";
import type { PretrainRecipe } from "./recipe.ts";

/** What the data and another network add to a recipe. */
export interface PretextInput {
  /** Of the images. Default: 3. */
  channels?: number;
  /** For MILAN and semantic masks. */
  teacher?: Teacher;
}

function vitOf(backbone: ClassifierBackbone, method: string): VitConfiguration {
  if (backbone.kind === "vit") return backbone;
  throw new Error(
    `${method} needs a backbone that leaves patches out, a vit: got ${backbone.kind}`,
  );
}

function mapOf(backbone: ClassifierBackbone, method: string): MapBackbone {
  if (backbone.kind !== "mixmim") return backbone;
  throw new Error(`${method} takes a vit, resnet, convnext or swin: got mixmim`);
}

/** Pixels of a side of the cells that masks are drawn over. */
function maskStride(backbone: ClassifierBackbone, model: PretextSection): number {
  if (backbone.kind === "mixmim") return mixmimStride(backbone);
  return "token" in model
    ? strideAtLayer(backbone, model.token.layer)
    : strideOf(backbone);
}

/**
 * The masker for cells of so many pixels.
 *
 * @throws {Error} when squares of a block masker are not whole cells.
 */
export function maskerOf(section: MaskerSection, stride: number): Masker {
  const { kind, ratio: maskRatio } = section;
  if (kind !== "block") return { kind, maskRatio };
  const cell = section.cellPixels / stride;
  if (!Number.isInteger(cell)) {
    throw new Error(
      `masker.cellPixels is ${section.cellPixels}, but the mask's cells are ${stride} pixels ` +
        `wide: use a multiple of ${stride}`,
    );
  }
  return { kind, maskRatio, cell };
}

/** A2MIM's options out of SimMIM's or A2MIM's section. */
function a2mimOf(
  model: PretextSection & { kind: "simmim" | "a2mim" },
  backbone: MapBackbone,
): A2mimConfiguration {
  const { token, fill } = model;
  const placed = token.kind === "replace"
    ? { kind: token.kind, layer: token.layer }
    : { ...defined(token), kind: token.kind };
  const configuration = { backbone, token: placed, fill };
  if (model.kind === "simmim") return configuration;
  const { regression, unmaskWeight, fourier } = model;
  return {
    ...configuration,
    regression: regression.kind === "l1"
      ? { kind: "l1" }
      : { ...defined(regression), kind: regression.kind },
    unmaskWeight,
    ...fourier.weight === 0 ? {} : { fourier },
  };
}

/**
 * The pretext task of a recipe, which takes normalised images of `data.imageSize`.
 *
 * @throws {Error} for a network that the kit cannot build, sizes that do not go together, and a
 *   method or masker whose teacher is missing.
 *
 * @example
 * ```ts
 * import { pretextOf } from "./build_pretext.ts";
 * import { recipe } from "./mod.ts";
 * import { randomKey } from "../engine/mod.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const chosen = recipe("r50_l3_sz224_init_8xb256_cos_ep300");
 * if (chosen.task === "pretrain") {
 *   const pretext = pretextOf(chosen);
 *   const { size } = describeParameters((scope, input) =>
 *     pretext(scope, input({ shape: [1, 224, 224, 3] }), randomKey(0))
 *   );
 *   console.log(size); // 269
 * }
 * ```
 */
export function pretextOf(
  recipe: PretrainRecipe,
  { channels = 3, teacher }: PretextInput = {},
): Pretext {
  const { model, data } = recipe;
  const { imageSize } = data;
  const backbone = backboneOf(model.backbone, { imageSize, channels });
  const masker = maskerOf(recipe.masker, maskStride(backbone, model));
  requireWholeCells(recipe, maskStride(backbone, model));
  requireGrid(recipe, backbone);
  if (masker.kind === "semantic" && teacher === undefined) {
    throw new Error(
      `${recipe.name} masks what its teacher looks at: give it a teacher, or choose ` +
        "--masker.kind random",
    );
  }
  switch (model.kind) {
    case "mae": {
      const { decoder, normalizePixels } = model;
      const shape = { decoder: defined(decoder), normalizePixels };
      return maePretext({ backbone: vitOf(backbone, "MAE"), ...shape }, masker, teacher);
    }
    case "milan": {
      if (teacher === undefined) {
        throw new Error(`${recipe.name} predicts the features of a teacher: give it one`);
      }
      const { decoder, decoderKind } = model;
      const shape = { decoder: defined(decoder), decoderKind };
      return milanPretext(
        { backbone: vitOf(backbone, "MILAN"), ...shape },
        teacher,
        masker,
      );
    }
    case "mixmim": {
      if (backbone.kind !== "mixmim") {
        throw new Error(`MixMIM takes a mixmim backbone: got ${backbone.kind}`);
      }
      const { decoder, normalizePixels } = model;
      return mixmimPretext(
        { backbone, decoder: defined(decoder), normalizePixels },
        masker,
      );
    }
    case "simmim":
    case "a2mim": {
      if (model.head !== "linear") {
        throw new Error(
          `The kit has no ${model.head} before the pixels: choose --model.head linear`,
        );
      }
      const map = mapOf(backbone, model.kind === "simmim" ? "SimMIM" : "A2MIM");
      // openmixup's SimMIM may fill masked pixels or add its token: A2MIM with an L1 loss.
      return model.kind === "simmim" && model.token.kind === "replace" && !model.fill
        ? simmimPretext({ backbone: map, layer: model.token.layer }, masker, teacher)
        : a2mimPretext(a2mimOf(model, map), masker, teacher);
    }
  }
}

/** Values that a released teacher's features have for each token. */
export function teacherWidth(recipe: PretrainRecipe): number | undefined {
  const { teacher } = recipe;
  return teacher?.kind === "released"
    ? clipVariant(teacher.variant).vision.embedWidth
    : undefined;
}
