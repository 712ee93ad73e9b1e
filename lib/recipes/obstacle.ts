/**
 * Why a recipe can be read but not run: parts that the kit does not have.
 *
 * @module
 */
import type { Recipe } from "./recipe.ts";

/** What is missing, and what would have to be built. */
const reasons: Readonly<Record<string, string>> = {
  "MogaNet-S": "a convolutional network with gates of its own",
  "BEiT-B/16": "a ViT whose positions are relative ones alone",
  "ResNet-50 with 4 heads": "a probe of four maps at once, each with its own batch norm",
};

/**
 * Why the kit cannot run a recipe, in a sentence; undefined where it can.
 *
 * @example
 * ```ts
 * import { recipe } from "./catalogue.ts";
 * import { obstacleOf } from "./obstacle.ts";
 * console.log(obstacleOf(recipe("moganet_s_l3_sz224_init_8xb256_cos_ep300")));
 * // the kit has no MogaNet-S, a convolutional network with gates of its own
 * ```
 */
export function obstacleOf({ model }: Pick<Recipe, "model">): string | undefined {
  if ("backbone" in model && model.backbone.kind === "missing") {
    const { variant } = model.backbone;
    const reason = reasons[variant];
    return `the kit has no ${variant}${reason === undefined ? "" : `, ${reason}`}`;
  }
  if ("head" in model && model.head !== "linear") {
    return `the kit has no ${model.head} before the pixels, only the linear layer of the paper`;
  }
  return undefined;
}
