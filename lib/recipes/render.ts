/**
 * A recipe as text, each value with its source.
 *
 * @module
 */
import { effectiveLearningRate } from "./effective_learning_rate.ts";
import { obstacleOf } from "./obstacle.ts";
import { recipeFields } from "./overrides.ts";
import type { Recipe } from "./recipe.ts";

/** The source of a value: its own, or that of the nearest section around it. */
export function whereFrom(
  { sources }: Pick<Recipe, "sources">,
  path: string,
): string | undefined {
  const names = path.split(".");
  for (let count = names.length; count > 0; count--) {
    const source = sources[names.slice(0, count).join(".")];
    if (source !== undefined) return source;
  }
  return undefined;
}

function valueText(value: unknown): string {
  if (typeof value === "number") {
    const short = Number(value.toPrecision(6));
    return short !== 0 && Math.abs(short) < 0.001 ? short.toExponential() : String(short);
  }
  if (Array.isArray(value)) return value.map(valueText).join(",") || '""';
  return String(value);
}

/**
 * A recipe as text: every value that is set as the flag that sets it, with where it comes from.
 *
 * @example
 * ```ts
 * import { recipe } from "./catalogue.ts";
 * import { renderRecipe } from "./render.ts";
 * const text = renderRecipe(recipe("mae_official_vit-b_pretrain_800e"));
 * console.log(text.split("\n")[0]); // "mae_official_vit-b_pretrain_800e (pretrain)"
 * ```
 */
export function renderRecipe(recipe: Recipe): string {
  const rows = recipeFields(recipe).fields
    .filter(({ value }) => value !== undefined)
    .map(({ path, value }) =>
      [`--${path}`, valueText(value), whereFrom(recipe, path) ?? ""] as const
    );
  const widest = (column: 0 | 1): number =>
    Math.max(...rows.map((row) => row[column].length));
  // A long list of patterns must not push all sources off the screen.
  const widths = [widest(0), Math.min(36, widest(1))];
  const rate = effectiveLearningRate(recipe);
  const obstacle = obstacleOf(recipe);
  return [
    `${recipe.name} (${recipe.task})`,
    "",
    ...rows.map(([path, value, source]) =>
      `  ${path.padEnd(widths[0]!)}  ${value.padEnd(widths[1]!)}  ${source}`.trimEnd()
    ),
    "",
    ...obstacle === undefined ? [] : [`  cannot be run: ${obstacle}`],
    `  learning rate for batches of ${recipe.batch.total}: ${valueText(rate)}`,
    `  values without a source: ${recipe.sources["recipe"] ?? "the kit's"}`,
    ...recipe.sources["what this does not state"] === undefined ? [] : [
      `  values that it does not state: ${recipe.sources["what this does not state"]}`,
    ],
    ...recipe.notes.length === 0 ? [] : ["", "notes"],
    ...recipe.notes.map((note) => `  - ${note}`),
  ].join("\n");
}

/**
 * The flags of a recipe for a help text: each with what it takes, what it means and what it is now.
 *
 * @example
 * ```ts
 * import { recipe } from "./catalogue.ts";
 * import { renderFlags } from "./render.ts";
 * console.log(renderFlags(recipe("mae-tiny")).includes("--masker.ratio")); // true
 * ```
 */
export function renderFlags(recipe: Recipe): string {
  const { fields, sections } = recipeFields(recipe);
  const rows = fields.map(({ path, type, choices, description, value }) => {
    const what = choices === undefined ? description : [
      ...description === "" ? [] : [description],
      `one of ${choices.join(", ")}`,
    ].join(": ");
    const now = value === undefined ? "" : ` [${valueText(value)}]`;
    const takes = { number: " N", "whole number": " N", list: " A,B" }[type as string];
    return [`  --${path}${takes ?? " TEXT"}`, `${what}${now}`] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [
    ...rows.map(([left, right]) => `${left.padEnd(width)}${right}`.trimEnd()),
    "",
    `  These take "none": ${sections.map(({ path }) => `--${path}`).join(", ")}`,
  ].join("\n");
}
