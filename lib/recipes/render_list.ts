/**
 * Recipes as a list: by paper and task, a line for each.
 *
 * @module
 */
import { recipe, recipeGroups } from "./catalogue.ts";
import { obstacleOf } from "./obstacle.ts";
import type { Recipe, RecipeTask } from "./recipe.ts";
import { networkOf } from "./search.ts";

const titles: Readonly<Record<RecipeTask, string>> = {
  clip: "teacher",
  pretrain: "pretrain",
  finetune: "finetune",
  linear: "linear probe",
};

const order: readonly RecipeTask[] = ["clip", "pretrain", "finetune", "linear"];

/** How long, on how many images at a time. */
function lengthOf({ epochs, steps, batch }: Recipe): string {
  const length = steps === undefined ? `${epochs} epochs` : `${steps} steps`;
  return `${length}, batch ${batch.total}`;
}

function row(chosen: Recipe): string[] {
  const { dataset, imageSize } = chosen.data;
  const obstacle = obstacleOf(chosen);
  return [
    chosen.name,
    networkOf(chosen),
    `${dataset === "imagenet" ? "" : `${dataset} `}${imageSize} px`,
    `${lengthOf(chosen)}${obstacle === undefined ? "" : `; cannot be run: ${obstacle}`}`,
  ];
}

/** The rows with their columns below each other; the last one is as long as it is. */
function aligned(rows: readonly string[][]): string[] {
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((cells) => cells[column]!.length))
  );
  return rows.map((cells) =>
    cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  );
}

/**
 * The recipes of these names as text, in the catalogue's groups.
 *
 * @example
 * ```ts
 * import { renderList } from "./render_list.ts";
 * console.log(renderList(["milan-tiny"]));
 * // Small data, measured here
 * //   pretrain
 * //     milan-tiny  ViT-tiny/4  fashion-mnist 28 px  900 steps, batch 64
 * ```
 */
export function renderList(names: readonly string[]): string {
  const wanted = new Set(names);
  return recipeGroups.flatMap(({ title, names }) => {
    const chosen = names.filter((name) => wanted.has(name)).map(recipe);
    if (chosen.length === 0) return [];
    const lines = aligned(chosen.map(row));
    const sections = order.flatMap((task) => {
      const inside = lines.filter((_, index) => chosen[index]!.task === task);
      return inside.length === 0
        ? []
        : [`  ${titles[task]}`, ...inside.map((line) => `    ${line}`)];
    });
    return [[title, ...sections].join("\n")];
  }).join("\n\n");
}
