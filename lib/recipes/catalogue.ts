/**
 * All recipes, by name.
 *
 * @module
 */
import type { RecipeBody } from "./derive.ts";
import { a2mimRecipes } from "./papers/a2mim.ts";
import { maeRecipes } from "./papers/mae.ts";
import { maeRewritesRecipes } from "./papers/mae_rewrites.ts";
import { milanRecipes } from "./papers/milan.ts";
import { mixmimRecipes } from "./papers/mixmim.ts";
import { openmixupFinetuningRecipes } from "./papers/openmixup_finetuning.ts";
import { openmixupLinearRecipes } from "./papers/openmixup_linear.ts";
import { openmixupResnetRecipes } from "./papers/openmixup_resnet.ts";
import { rsbRecipes } from "./papers/rsb.ts";
import { simmimRecipes } from "./papers/simmim.ts";
import { simmimMmpretrainRecipes } from "./papers/simmim_mmpretrain.ts";
import { smallRecipes, type SmallSize, smallSources } from "./small.ts";
import { provenanceOf } from "./provenance.ts";
import type { Recipe } from "./recipe.ts";
import { nearNames, speaksOf } from "./search.ts";

const small = smallRecipes(28);

/** Recipes that belong together. */
export interface RecipeGroup {
  title: string;
  names: readonly string[];
}

const groups: readonly (readonly [string, Readonly<Record<string, RecipeBody>>])[] = [
  ["Small data, on any machine", small],
  ["MILAN", milanRecipes],
  ["MixMIM", mixmimRecipes],
  ["A2MIM", a2mimRecipes],
  ["MAE, by its authors", maeRecipes],
  ["MAE in mmpretrain and openmixup", maeRewritesRecipes],
  ["SimMIM in openmixup", simmimRecipes],
  ["SimMIM in mmpretrain", simmimMmpretrainRecipes],
  ["A2MIM and SimMIM: fine-tuning as RSB A2, RSB A3 and SparK", rsbRecipes],
  ["A2MIM and SimMIM: fine-tuning of transformers", openmixupFinetuningRecipes],
  ["A2MIM and SimMIM: fine-tuning of ResNets", openmixupResnetRecipes],
  ["A2MIM and SimMIM: linear probes", openmixupLinearRecipes],
];

/** All recipes by what they belong to: the kit's own for small data first, then the papers'. */
export const recipeGroups: readonly RecipeGroup[] = groups.map(([title, recipes]) => ({
  title,
  names: Object.keys(recipes),
}));

const bodies: Readonly<Record<string, RecipeBody>> = Object.assign(
  {},
  ...groups.map(([, recipes]) => recipes),
);

/** The names of all recipes. */
export const recipeNames: readonly string[] = Object.keys(bodies);

/**
 * Names of the recipes that speak of all these words: in their name, task, method, network, data or
 * group.
 *
 * @example
 * ```ts
 * import { findRecipes } from "./catalogue.ts";
 * console.log(findRecipes(["milan", "finetune", "official"]));
 * // [ "milan_official_vit-b_finetune_100e", "milan_official_vit-l_finetune_100e" ]
 * ```
 */
export function findRecipes(words: readonly string[]): string[] {
  return recipeGroups.flatMap(({ title, names }) =>
    names.filter((name) => speaksOf(recipe(name), title, words))
  );
}

/**
 * A recipe by its name, for nobody else to change.
 *
 * @throws {Error} on an unknown name, with near ones.
 *
 * @example
 * ```ts
 * import { recipe } from "./catalogue.ts";
 * const { task, epochs, sources } = recipe("milan_official_vit-b_pretrain_400e");
 * console.log(task, epochs, sources["epochs"]); // pretrain 400 "MILAN/PRETRAIN.sh:10"
 * ```
 */
export function recipe(name: string): Recipe {
  const body = Object.hasOwn(bodies, name) ? bodies[name] : undefined;
  if (body === undefined) {
    const near = nearNames(name, recipeNames).map((known) => `"${known}"`).join(", ");
    const meant = near === "" ? "" : `did you mean ${near}? `;
    throw new Error(
      `There is no recipe "${name}": ${meant}\`deno task recipes\` lists all`,
    );
  }
  const facts = Object.hasOwn(small, name)
    ? { notes: [], sources: smallSources }
    : provenanceOf(name);
  return structuredClone({ name, ...facts, ...body }) as Recipe;
}

/**
 * A small recipe for images of another size than the one that it is written for; any other
 * recipe as it is.
 *
 * @example
 * ```ts
 * import { forImages, recipe } from "./catalogue.ts";
 * console.log(forImages(recipe("mae-tiny"), 64).data.dataset); // "emoji"
 * ```
 */
export function forImages(chosen: Recipe, size: SmallSize): Recipe {
  const body = smallRecipes(size)[chosen.name];
  if (body === undefined) return chosen;
  const { name, notes, sources } = chosen;
  return { name, notes, sources, ...body } as Recipe;
}
