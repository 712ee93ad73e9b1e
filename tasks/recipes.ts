/**
 * `deno task recipes [NAME]`: lists the recipes, or prints one with the source of every value.
 *
 * @module
 */
import { type Flag, helpText, readArguments, runTask, UsageError } from "./arguments.ts";

const flags = {
  json: { kind: "switch", help: "Prints JSON" },
} satisfies Record<string, Flag>;

const usage = `deno task recipes [NAME] [flags]

Without a NAME, all of them.`;

async function main(): Promise<number> {
  const { values, positionals, help } = readArguments(Deno.args, flags);
  if (help) {
    console.log(helpText(usage, flags));
    return 0;
  }
  if (positionals.length > 1) {
    throw new UsageError(`One NAME at a time, got ${positionals.join(" and ")}`);
  }
  // Nothing of TensorFlow is loaded: reading a recipe needs none.
  const { recipe, recipeNames } = await import("../lib/recipes/catalogue.ts");
  const { recipeLine, renderRecipe } = await import("../lib/recipes/render.ts");
  const [name] = positionals;
  const chosen = name === undefined ? recipeNames.map(recipe) : recipe(name);
  if (values.json) console.log(JSON.stringify(chosen, null, 2));
  else if (Array.isArray(chosen)) console.log(chosen.map(recipeLine).join("\n"));
  else console.log(renderRecipe(chosen));
  return 0;
}

if (import.meta.main) await runTask(main);
