/**
 * Recipes by words: those that somebody may mean.
 *
 * @module
 */
import { distance } from "fastest-levenshtein";
import type { Recipe } from "./recipe.ts";

/** A network as people write it: "ViT-B/16", "ResNet-50". */
export function networkOf({ model }: Pick<Recipe, "model">): string {
  if (!("backbone" in model)) return "CLIP";
  const { kind, variant } = model.backbone;
  const names = {
    vit: "ViT-",
    mixmim: "MixMIM-",
    resnet: "ResNet-",
    convnext: "ConvNeXt-",
    swin: "Swin-",
    missing: "",
  };
  const { width, depths } = model.backbone as { width?: number; depths?: number[] };
  if (kind === "swin" && width === 192) return "Swin-L";
  // Whoever gives depths makes a network of another size than the variant's.
  if (depths !== undefined) return `${names[kind].slice(0, -1)} [${depths.join(", ")}]`;
  return `${names[kind]}${variant}`;
}

/** All that a word can be found in, in small letters. */
function textOf(recipe: Recipe, group: string): string {
  const { name, task, data } = recipe;
  return [name, task, recipe.model.kind, networkOf(recipe), data.dataset, group].join(" ")
    .toLowerCase();
}

/** Whether every word is somewhere in a recipe's name, task, method, network, data or group. */
export function speaksOf(
  recipe: Recipe,
  group: string,
  words: readonly string[],
): boolean {
  const text = textOf(recipe, group);
  return words.every((word) => text.includes(word.toLowerCase()));
}

// Names are told apart by a few letters: whoever changes more of them means something else.
const mostWrong = 0.4;
const mostNames = 5;

/**
 * Names that a wrong one may be meant for: those that hold it, then those that hold all its parts,
 * then the nearest; none if nothing is near.
 */
export function nearNames(name: string, known: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  const parts = wanted.split(/[^a-z0-9.]+/).filter((part) => part !== "");
  if (parts.length === 0) return [];
  const lower = (text: string): string => text.toLowerCase();
  const holding = known.filter((other) => lower(other).includes(wanted));
  const holdingAll = known.filter((other) =>
    parts.every((part) => lower(other).includes(part))
  );
  const near = known
    .map((other) => ({ other, wrong: distance(wanted, lower(other)) }))
    .filter(({ other, wrong }) =>
      wrong <= mostWrong * Math.max(wanted.length, other.length)
    )
    .toSorted((a, b) => a.wrong - b.wrong);
  // A slip of a letter or two has one meaning.
  const clear = near[0] !== undefined && near[0].wrong <= 3
    ? [near[0]]
    : near.slice(0, 3);
  const found = [holding, holdingAll, clear.map(({ other }) => other)]
    .find((names) => names.length > 0) ?? [];
  return found.slice(0, mostNames);
}
