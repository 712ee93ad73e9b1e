/**
 * Whether images, patches and a released teacher go together, said in a recipe's own words.
 *
 * @module
 */
import { clipVariant } from "../backbones/clip_variants.ts";
import { strideOf } from "../backbones/feature_map.ts";
import type { ClassifierBackbone } from "../methods/classification.ts";
import type { PretrainRecipe } from "./recipe.ts";

/**
 * Throws unless a released teacher sees as many patches as the student, as MILAN's features and
 * masks are per patch.
 */
export function requireGrid(
  { name, teacher, data, model }: PretrainRecipe,
  backbone: ClassifierBackbone,
): void {
  if (teacher?.kind !== "released" || backbone.kind === "mixmim") return;
  const patch = strideOf(backbone);
  const { patchSize } = clipVariant(teacher.variant).vision;
  if (model.kind !== "milan" || patch === patchSize) return;
  throw new Error(
    `${name} has patches of ${patch} pixels at ${data.imageSize}, its teacher ${teacher.variant} ` +
      `of ${patchSize}: choose a backbone with patches of ${patchSize}`,
  );
}

/** Throws unless the squares of a block masker cover the image. */
export function requireWholeCells(
  { name, masker, data: { imageSize } }: Pick<PretrainRecipe, "name" | "masker" | "data">,
  stride: number,
): void {
  if (masker.kind !== "block" || imageSize % masker.cellPixels === 0) return;
  const sizes = Array.from({ length: imageSize / stride }, (_, k) => (k + 1) * stride)
    .filter((size) => imageSize % size === 0 && size < imageSize);
  throw new Error(
    `${name} masks squares of ${masker.cellPixels} pixels, which do not cover ${imageSize}: set ` +
      `--masker.cellPixels to ${sizes.join(", ") || stride}`,
  );
}
