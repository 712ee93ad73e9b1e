/**
 * `deno task recipes [NAME or WORDS]`: lists recipes, or prints one with the source of every value.
 *
 * @module
 */
import { type Flag, helpText, readArguments, runTask, UsageError } from "./arguments.ts";

const flags = {
  json: { kind: "switch", help: "Prints JSON: of a NAME the recipe, else an array" },
} satisfies Record<string, Flag>;

const usage = `deno task recipes [NAME | WORD …] [flags]

A NAME prints that recipe, with the source of each value. WORDS list the recipes that speak
of all of them, in name, task, method, network or data: milan finetune, resnet-50 linear,
cifar100. Without either, all are listed.`;

async function main(): Promise<number> {
  const { values, positionals, help } = readArguments(Deno.args, flags);
  if (help) {
    console.log(helpText(usage, flags));
    return 0;
  }
  // Nothing of TensorFlow is loaded: reading a recipe needs none.
  const { findRecipes, recipe, recipeNames } = await import(
    "../lib/recipes/catalogue.ts"
  );
  const { renderRecipe } = await import("../lib/recipes/render.ts");
  const { renderList } = await import("../lib/recipes/render_list.ts");
  const [first] = positionals;
  const known = positionals.length === 1 && recipeNames.includes(first!);
  const found = known ? [first!] : findRecipes(positionals);
  if (found.length === 0) {
    if (positionals.length === 1) recipe(first!); // says which ones are near
    throw new UsageError(`No recipe speaks of all of ${positionals.join(", ")}`);
  }
  if (values.json) {
    console.log(JSON.stringify(known ? recipe(first!) : found.map(recipe), null, 2));
  } else if (found.length === 1) {
    console.log(renderRecipe(recipe(found[0]!)));
  } else {
    console.log(`${renderList(found)}\n`);
    console.log(
      positionals.length === 0
        ? `${found.length} recipes; deno task recipes NAME prints one, deno task recipes ` +
          "milan finetune lists those with these words"
        : `${found.length} of ${recipeNames.length} recipes; deno task recipes NAME prints one`,
    );
  }
  return 0;
}

if (import.meta.main) await runTask(main);
