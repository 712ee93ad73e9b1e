/**
 * Recipes with other values, as somebody writes them on a command line.
 *
 * @module
 */
import { closest } from "fastest-levenshtein";
import type { z } from "zod";
import { fieldsOf, optionOf, type RecipeField, type RecipeFields } from "./fields.ts";
import type { Recipe } from "./recipe.ts";
import { fixedFields, recipeSchema } from "./schema.ts";
import { fieldOfAnotherKind, nearestPaths, orList } from "./unknown_field.ts";

/**
 * What a command line can set in a recipe: the fields of its own kinds, with descriptions and their
 * values now.
 *
 * @example
 * ```ts
 * import { recipe } from "./catalogue.ts";
 * import { recipeFields } from "./overrides.ts";
 * const { fields } = recipeFields(recipe("mae-tiny"));
 * console.log(fields.find(({ path }) => path === "masker.ratio")!.value); // 0.75
 * ```
 */
export function recipeFields(recipe: Recipe): RecipeFields {
  const values = recipe as unknown as Record<string, unknown>;
  return fieldsOf(schemaOf(recipe), values, "", fixedFields);
}

/** The schema of recipes for the same task. */
function schemaOf({ task }: Recipe): z.ZodObject {
  return optionOf(recipeSchema as unknown as z.ZodDiscriminatedUnion, task)!;
}

function wrong(field: RecipeField, text: string): Error {
  const { path, type, choices, entries } = field;
  if (type === "choice") {
    return new Error(
      `--${path} is one of ${choices!.join(", ")}: got "${text}", did you mean ` +
        `"${closest(text, choices!)}"?`,
    );
  }
  const wanted = type === "list"
    ? `${entries!.count ?? "any number of"} ${
      { number: "numbers", "whole number": "whole numbers", text: "texts" }[entries!.type]
    } with commas between them`
    : type === "true or false"
    ? type
    : `a ${type}`;
  const none = field.optional ? ', or "none"' : "";
  return new Error(`--${path} takes ${wanted}${none}, got "${text}"`);
}

const decimal = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

function numberOf(text: string, type: "number" | "whole number" | "text"): unknown {
  if (type === "text") return text.trim();
  const value = decimal.test(text) ? Number(text) : NaN;
  const fits = Number.isFinite(value) && (type === "number" || Number.isInteger(value));
  return fits ? value : undefined;
}

/** A text as a field's value; undefined to take it away. */
function read(field: RecipeField, text: string): unknown {
  if (field.optional && text === "none") return undefined;
  const { type, choices, entries } = field;
  const found = ((): unknown => {
    switch (type) {
      case "number":
      case "whole number":
        return numberOf(text, type);
      case "true or false":
        return { true: true, false: false }[text];
      case "choice":
        return choices!.includes(text) ? text : undefined;
      case "text":
        return text;
      case "list": {
        const parts = text === "" ? [] : text.split(",");
        const values = parts.map((part) => numberOf(part, entries!.type));
        const right = !values.includes(undefined) &&
          (entries!.count ?? values.length) === values.length;
        return right ? values : undefined;
      }
    }
  })();
  if (found === undefined) throw wrong(field, text);
  return found;
}

type Values = Record<string, unknown>;

function setAt(recipe: Values, path: string, value: unknown): void {
  const names = path.split(".");
  const last = names.pop()!;
  let section = recipe;
  for (const name of names) section = (section[name] ??= {}) as Values;
  if (value === undefined) delete section[last];
  else section[last] = value;
}

function sectionAt(recipe: Values, path: string): Values {
  return path.split(".").reduce(
    (section, name) => (section[name] ??= {}) as Values,
    recipe,
  );
}

/** Drops what the section's new kind does not know. */
function keepKnown(recipe: Recipe, path: string): void {
  const { fields, sections } = recipeFields(recipe);
  const known = [...fields, ...sections].map((field) => field.path);
  const section = sectionAt(recipe as unknown as Values, path);
  for (const name of Object.keys(section)) {
    const inside = `${path}.${name}`;
    if (!known.some((field) => field === inside || field.startsWith(`${inside}.`))) {
      delete section[name];
    }
  }
}

function unknownPath(
  recipe: Recipe,
  path: string,
  { fields, sections }: RecipeFields,
): Error {
  const known = [...fields, ...sections].map((field) => field.path);
  const inside = known.filter((field) => field.startsWith(`${path}.`));
  if (inside.length > 0) {
    return new Error(`--${path} has several values: --${inside.join(", --")}`);
  }
  const other = fieldOfAnotherKind(
    schemaOf(recipe),
    recipe as unknown as Values,
    path,
  );
  return new Error(
    other === undefined
      ? `There is no --${path}: did you mean ${orList(nearestPaths(path, known))}?`
      : `--${path} is not of --${other.kind} ${other.now}, but of ${
        other.others.join(", ")
      }`,
  );
}

function apply(recipe: Recipe, path: string, text: string): void {
  const known = recipeFields(recipe);
  const values = recipe as unknown as Values;
  if (text === "none" && known.sections.some((section) => section.path === path)) {
    setAt(values, path, undefined);
    return;
  }
  const field = known.fields.find((field) => field.path === path);
  if (field === undefined) throw unknownPath(recipe, path, known);
  setAt(values, path, read(field, text));
  if (path.endsWith(".kind")) keepKnown(recipe, path.slice(0, -".kind".length));
}

/** Values that follow others, unless somebody sets them too. */
function follow(recipe: Recipe, given: Recipe, set: (path: string) => boolean): void {
  const { batch, data, schedule } = recipe;
  if (set("epochs") && !set("steps")) delete recipe.steps;
  const share = recipe.epochs / given.epochs;
  // A shorter run has a shorter warm-up.
  if (!set("schedule.warmupEpochs")) schedule.warmupEpochs *= share;
  if ("milestones" in schedule && !set("schedule.milestones")) {
    schedule.milestones = schedule.milestones.map((epoch) => epoch * share);
  }
  if (!set("batch.micro")) batch.micro = Math.min(batch.micro, batch.total);
  if (set("data.imageSize") && !set("data.evaluation.crop")) {
    const larger = data.imageSize / given.data.imageSize;
    data.evaluation.crop = data.imageSize;
    if (!set("data.evaluation.resize")) {
      data.evaluation.resize = Math.round(given.data.evaluation.resize * larger);
    }
  }
}

/** Why a value is refused. */
function reasonOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "too_small":
      return `it must be ${issue.inclusive ? "at least" : "above"} ${issue.minimum}`;
    case "too_big":
      return `it must be ${issue.inclusive ? "at most" : "below"} ${issue.maximum}`;
    case "invalid_value":
      return `it is one of ${issue.values.join(", ")}`;
    default:
      return `it ${issue.message}`;
  }
}

/** What the schema has against a recipe, in one sentence. */
function explain(error: z.ZodError, recipe: Recipe): Error {
  const [issue] = error.issues;
  const path = issue!.path.join(".");
  const value = issue!.path.reduce<unknown>(
    (section, name) => (section as Values | undefined)?.[String(name)],
    recipe,
  );
  if (value === undefined) {
    const field = recipeFields(recipe).fields.find((field) => field.path === path);
    const takes = field?.choices === undefined
      ? field?.description
      : `one of ${field.choices.join(", ")}`;
    return new Error(
      `--${path} is needed, too${takes === undefined ? "" : `: ${takes}`}`,
    );
  }
  return new Error(`--${path} cannot be ${JSON.stringify(value)}: ${reasonOf(issue!)}`);
}

/**
 * A recipe with other values. Kinds are set first, so that the fields of another kind can be set
 * with it; `none` takes an optional value or section away. With other `epochs` warm-up and
 * milestones keep their shares, with another `data.imageSize` the evaluation's size follows, unless
 * they are set, too.
 *
 * @param overrides texts by dotted path.
 * @returns a new recipe.
 * @throws {Error} on a path that the recipe does not have (with the nearest one), a value of a
 *   wrong type (with what is allowed), and two lengths.
 *
 * @example
 * ```ts
 * import { recipe } from "./catalogue.ts";
 * import { resolveRecipe } from "./overrides.ts";
 * const resolved = resolveRecipe(recipe("mae-tiny"), {
 *   epochs: "5",
 *   "masker.ratio": "0.6",
 *   "optimizer.betas": "0.9,0.99",
 * });
 * console.log(resolved.epochs, resolved.optimizer.lr); // 5 0.001
 * ```
 */
export function resolveRecipe(
  recipe: Recipe,
  overrides: Readonly<Record<string, string>>,
): Recipe {
  const resolved = structuredClone(recipe);
  const paths = Object.keys(overrides);
  const kinds = paths.filter((path) => path.endsWith(".kind"))
    .sort((a, b) => a.split(".").length - b.split(".").length);
  const others = paths.filter((path) => !path.endsWith(".kind"));
  for (const path of [...kinds, ...others]) {
    apply(resolved, path, overrides[path]!);
    resolved.sources[path] = "the command line";
  }
  const { epochs, steps } = resolved;
  if (
    Object.hasOwn(overrides, "steps") && steps !== undefined && epochs !== recipe.epochs
  ) {
    throw new Error(
      `--epochs ${epochs} and --steps ${steps} both say how long the run is: give one of them`,
    );
  }
  follow(resolved, recipe, (path) => Object.hasOwn(overrides, path));
  const checked = recipeSchema.safeParse(resolved);
  if (!checked.success) throw explain(checked.error, resolved);
  const { micro, total } = checked.data.batch;
  if (micro > total) {
    throw new Error(
      `--batch.micro is ${micro}: it cannot be more than ${total}, the whole`,
    );
  }
  return checked.data;
}
