/**
 * Command lines whose flags are a task's own and all fields of a recipe.
 *
 * @module
 */
import { recipeFields, resolveRecipe } from "../lib/recipes/overrides.ts";
import type { Recipe } from "../lib/recipes/recipe.ts";
import { nearestPaths, orList } from "../lib/recipes/unknown_field.ts";
import { type Flag, type FlagValues, readArguments, UsageError } from "./arguments.ts";

/** What a command line says. */
export interface RecipeArguments<Flags extends Record<string, Flag>> {
  values: FlagValues<Flags>;
  positionals: string[];
  help: boolean;
  /** Texts of the recipe's fields, by dotted path; empty where there is none. */
  overrides: Record<string, string | undefined>;
}

/**
 * Takes a task's own flags out of a command line; all others are meant for the recipe.
 *
 * @throws {UsageError} on a wrong value of an own flag, and on one that is given twice.
 */
export function readRecipeArguments<Flags extends Record<string, Flag>>(
  args: readonly string[],
  flags: Flags,
): RecipeArguments<Flags> {
  const own: string[] = [];
  const overrides: Record<string, string | undefined> = {};
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    const [, name, value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(arg) ?? [];
    if (name === undefined) {
      own.push(arg);
      continue;
    }
    const isOwn = name === "help" || Object.hasOwn(flags, name);
    const isSwitch = name === "help" || (isOwn && flags[name]!.kind === "switch");
    const next = args[at + 1];
    const hasNext = value === undefined && !isSwitch && next !== undefined &&
      !next.startsWith("--");
    const text = value ?? (hasNext ? next : undefined);
    const before = given.get(name);
    if (before !== undefined && !isSwitch) {
      throw new UsageError(
        `--${name} is given twice: ${before} and ${text ?? "nothing"}`,
      );
    }
    given.set(name, text ?? "nothing");
    if (isOwn) own.push(arg, ...hasNext ? [next] : []);
    else overrides[name] = text;
    if (hasNext) at++;
  }
  return { ...readArguments(own, flags), overrides };
}

/**
 * A recipe with what a command line changes.
 *
 * @throws {UsageError} on a flag that neither the recipe nor the task has, with the nearest ones, one
 *   without a value, or a value of a wrong type.
 */
export function resolveArguments(
  recipe: Recipe,
  overrides: Readonly<Record<string, string | undefined>>,
  flags: Record<string, Flag>,
): Recipe {
  const { fields, sections } = recipeFields(recipe);
  const known = [...fields, ...sections].map(({ path }) => path);
  const unknown = Object.keys(overrides).find((name) =>
    !name.includes(".") && !known.some((path) => path.split(".")[0] === name)
  );
  if (unknown !== undefined) {
    const near = orList(nearestPaths(unknown, [...Object.keys(flags), ...known]));
    throw new UsageError(`There is no --${unknown}: did you mean ${near}?`);
  }
  const texts: Record<string, string> = {};
  for (const [path, text] of Object.entries(overrides)) {
    if (text === undefined && known.includes(path)) {
      throw new UsageError(`--${path} takes a value: --${path} VALUE`);
    }
    texts[path] = text ?? "";
  }
  try {
    return resolveRecipe(recipe, texts);
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
