/**
 * All recipes, by name.
 *
 * @module
 */
import { closest } from "fastest-levenshtein";
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

const small = smallRecipes(28);

const bodies: Readonly<Record<string, RecipeBody>> = {
  ...small,
  ...milanRecipes,
  ...mixmimRecipes,
  ...a2mimRecipes,
  ...maeRecipes,
  ...maeRewritesRecipes,
  ...simmimRecipes,
  ...simmimMmpretrainRecipes,
  ...rsbRecipes,
  ...openmixupFinetuningRecipes,
  ...openmixupResnetRecipes,
  ...openmixupLinearRecipes,
};

/** The names of all recipes: the kit's own for small data first, then the papers'. */
export const recipeNames: readonly string[] = Object.keys(bodies);

/** Names that a wrong one may be meant for: those that contain it, then the nearest. */
function nearNames(name: string): string[] {
  const containing = name === ""
    ? []
    : recipeNames.filter((known) => known.toLowerCase().includes(name.toLowerCase()));
  return containing.length > 0 ? containing.slice(0, 5) : [closest(name, recipeNames)];
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
    const near = nearNames(name).map((known) => `"${known}"`).join(", ");
    throw new Error(
      `There is no recipe "${name}": did you mean ${near}? \`deno task recipes\` lists all`,
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
