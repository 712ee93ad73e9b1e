/**
 * Recipes from recipes: the papers' configurations differ from each other in a few values.
 *
 * @module
 */
import type {
  ContrastiveRecipe,
  FinetuneRecipe,
  LinearRecipe,
  PretrainRecipe,
} from "./recipe.ts";

/** What its values do not say of a recipe: how it is called, and where they come from. */
type Label = "name" | "notes" | "sources";

/** The values of a recipe for pretraining. */
export type PretrainBody = Omit<PretrainRecipe, Label>;
/** The values of a recipe for fine-tuning. */
export type FinetuneBody = Omit<FinetuneRecipe, Label>;
/** The values of a recipe for linear probing. */
export type LinearBody = Omit<LinearRecipe, Label>;
/** The values of a recipe for a CLIP. */
export type ContrastiveBody = Omit<ContrastiveRecipe, Label>;
/** The values of a recipe. */
export type RecipeBody = PretrainBody | FinetuneBody | LinearBody | ContrastiveBody;

/** Some of the values of something; lists are values. */
export type Changes<T> = T extends readonly unknown[] ? T
  : T extends object ? { [Key in keyof T]?: Changes<T[Key]> | undefined }
  : T;

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function changed(base: unknown, change: unknown): unknown {
  if (!isSection(base) || !isSection(change)) return change;
  // A section of another kind has other fields: it takes the other's place.
  if (change["kind"] !== undefined && change["kind"] !== base["kind"]) return change;
  const result = { ...base };
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) delete result[name];
    else result[name] = changed(base[name], value);
  }
  return result;
}

/**
 * The recipe with other values in some places; `undefined` takes a value away, and a section of
 * another kind replaces the whole one.
 *
 * @example
 * ```ts
 * import { derive } from "./derive.ts";
 * import { recipe } from "./mod.ts";
 * const base = recipe("mae_official_vit-b_pretrain_800e");
 * const longer = derive(base, { epochs: 1600 });
 * console.log(longer.epochs, base.epochs); // 1600 800
 * ```
 */
export function derive<Values extends object>(
  base: Values,
  changes: Changes<Values>,
): Values {
  return changed(base, changes) as Values;
}
