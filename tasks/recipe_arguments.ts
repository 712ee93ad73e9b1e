/**
 * Command lines whose flags are a task's own and all fields of a recipe.
 *
 * @module
 */
import { closest } from "fastest-levenshtein";
import { recipeFields, resolveRecipe } from "../lib/recipes/overrides.ts";
import type { Recipe } from "../lib/recipes/recipe.ts";
import { type Flag, type FlagValues, readArguments, UsageError } from "./arguments.ts";

/** What a command line says. */
export interface RecipeArguments<Flags extends Record<string, Flag>> {
  values: FlagValues<Flags>;
  positionals: string[];
  help: boolean;
  /** Texts of the recipe's fields, by dotted path. */
  overrides: Record<string, string>;
}

/**
 * Takes a task's own flags out of a command line; all others are meant for the recipe.
 *
 * @throws {UsageError} on a wrong value of an own flag, or another flag without a value.
 */
export function readRecipeArguments<Flags extends Record<string, Flag>>(
  args: readonly string[],
  flags: Flags,
): RecipeArguments<Flags> {
  const own: string[] = [];
  const overrides: Record<string, string> = {};
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/.exec(arg) ?? [];
    if (name === undefined || name === "help" || Object.hasOwn(flags, name)) {
      own.push(arg);
      const takesNext = name !== undefined && name !== "help" && value === undefined &&
        flags[name]!.kind !== "switch" && args[at + 1] !== undefined;
      if (takesNext) own.push(args[++at]!);
      continue;
    }
    const text = value ?? args[++at];
    if (text === undefined || text.startsWith("--")) {
      throw new UsageError(`--${name} takes a value: --${name} VALUE`);
    }
    overrides[name] = text;
  }
  return { ...readArguments(own, flags), overrides };
}

/**
 * A recipe with what a command line changes.
 *
 * @throws {UsageError} on a flag that neither the recipe nor the task has, with the nearest one, or a
 *   value of a wrong type.
 */
export function resolveArguments(
  recipe: Recipe,
  overrides: Readonly<Record<string, string>>,
  flags: Record<string, Flag>,
): Recipe {
  const { fields, sections } = recipeFields(recipe);
  const known = [...fields, ...sections].map(({ path }) => path);
  const unknown = Object.keys(overrides).find((name) =>
    !name.includes(".") && !known.some((path) => path.split(".")[0] === name)
  );
  if (unknown !== undefined) {
    const nearest = closest(unknown, [...Object.keys(flags), ...known]);
    throw new UsageError(`There is no --${unknown}: did you mean --${nearest}?`);
  }
  try {
    return resolveRecipe(recipe, overrides);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** A command as it can be typed again. */
export function commandOf(task: string, args: readonly string[]): string {
  const quoted = args.map((arg) =>
    /^[\w./:=,@%+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`
  );
  return ["deno task", task, ...quoted].join(" ");
}
