/**
 * From the recipe of a CLIP to the configuration that the library takes.
 *
 * @module
 */
import { type ClipConfiguration, tinyClip } from "../backbones/clip_variants.ts";
import type { WordTokenizer } from "../data/mod.ts";
import type { ContrastiveRecipe } from "./recipe.ts";

/** What the captions add to a recipe: how many words there are, and how many in a sentence. */
export type ClipVocabulary = Pick<WordTokenizer, "vocabularySize" | "contextLength">;

/**
 * The configuration of a recipe's CLIP.
 *
 * @throws {Error} when the images cannot be cut into whole patches, or the width into heads.
 *
 * @example
 * ```ts
 * import { clipOf } from "./build_clip.ts";
 * import { recipe } from "./catalogue.ts";
 * const tiny = recipe("clip-tiny");
 * if (tiny.task !== "clip") throw new Error("clip-tiny is a CLIP");
 * const { vision } = clipOf(tiny, { vocabularySize: 20, contextLength: 8 });
 * console.log(vision.patchSize, vision.layers); // 4 3
 * ```
 */
export function clipOf(
  { model, data }: Pick<ContrastiveRecipe, "model" | "data">,
  { vocabularySize, contextLength }: ClipVocabulary,
): ClipConfiguration {
  const { patchSize, width, layers, textLayers } = model;
  return tinyClip({
    ...{ imageSize: data.imageSize, vocabularySize, contextLength },
    ...{ patchSize, width, layers, textLayers },
  });
}
