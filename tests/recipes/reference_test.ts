import { assert, assertEquals } from "@std/assert";
import { backboneOf } from "../../lib/recipes/build_backbone.ts";
import { recipe, recipeNames } from "../../lib/recipes/catalogue.ts";
import { effectiveLearningRate } from "../../lib/recipes/effective_learning_rate.ts";
import type { Recipe } from "../../lib/recipes/recipe.ts";
import { smallRecipes } from "../../lib/recipes/small.ts";
import { type Entry, type Fact, factsOf } from "./reference/entry.ts";
import { expected } from "./reference/mapping.ts";
import { chosenByTheKit, implied } from "./reference/silence.ts";
import sources from "../../lib/recipes/papers/sources.json" with { type: "json" };

const { recipes: entries } = JSON.parse(
  Deno.readTextFileSync(new URL("../reference/recipes.json", import.meta.url)),
) as { recipes: (Entry & { recipe: string; notes: string[]; differs: Fact })[] };

/** What the networks' configurations leave to defaults. */
const defaults: Record<string, Record<string, Fact>> = {
  vit: { mlpRatio: 4, epsilon: 1e-6 },
  mixmim: { patchSize: 4, mlpRatio: 4, epsilon: 1e-5 },
  swin: { patchSize: 4, mlpRatio: 4 },
  resnet: {},
  convnext: {},
};

/** A recipe's values by dotted path, with what they come to. */
function view(of: Recipe): Record<string, Fact> {
  const { notes: _, sources: __, ...values } = of;
  const resolved: Record<string, Fact> = { learningRate: effectiveLearningRate(of) };
  if ("backbone" in of.model) {
    const { backbone } = of.model;
    resolved["dropPathRate"] = backbone.dropPathRate ?? 0;
    if (backbone.kind !== "missing") {
      const { imageSize } = of.data;
      resolved["backbone"] = {
        ...defaults[backbone.kind],
        ...JSON.parse(JSON.stringify(backboneOf(backbone, { imageSize }))),
      };
    }
  }
  return factsOf({ ...values, resolved } as unknown as Fact);
}

/** Equal but for the last digits of a product or a fraction. */
function same(a: Fact | undefined, b: Fact): boolean {
  if (typeof a === "number" && typeof b === "number") {
    return Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b));
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, index) => same(value, b[index]!));
  }
  return a === b;
}

Deno.test("every configuration of the reference is a recipe, and the other way round", () => {
  const papers = recipeNames.filter((name) => !Object.hasOwn(smallRecipes(28), name));
  assertEquals(entries.map((entry) => entry.recipe).toSorted(), papers.toSorted());
  assertEquals(papers.length, 166);
});

Deno.test("nothing in the reference is left unread", () => {
  const unknown = new Set(entries.flatMap((entry) => expected(entry).unknown));
  assertEquals([...unknown], []);
});

/** A value that a recipe has, and the one that it should have. */
interface Complaint {
  path: string;
  recipe?: Fact;
  reference?: Fact;
}

type Whence = { sources: Record<string, string>; unstated?: string[] };
const provenance = sources.recipes as Record<string, Whence>;

/** Paths that say the same as others that are compared: by what they come to. */
function comesTo(path: string): string {
  if (path === "optimizer.lr") return "resolved.learningRate";
  if (path === "model.backbone.dropPathRate") return "resolved.dropPathRate";
  return path.replace(/^model\.backbone\./, "resolved.backbone.");
}

function isUnder(path: string, places: readonly string[] = []): boolean {
  return places.some((place) => path === place || path.startsWith(`${place}.`));
}

/** What a recipe of this entry is held against. */
function standards(entry: Entry & { recipe: string }) {
  const { sources: { rest }, unstated } = provenance[entry.recipe]!;
  const inherited = rest === undefined ? {} : view(recipe(rest));
  const { facts } = expected(entry);
  return { facts, inherited, silent: implied(entry), unstated };
}

/** All that is wrong with a recipe: values that differ, and values that nobody speaks of. */
function complaints(
  chosen: Recipe,
  { facts, inherited, silent, unstated }: ReturnType<typeof standards>,
): Complaint[] {
  const values = view(chosen);
  const wrong: Complaint[] = [];
  for (const [path, reference] of Object.entries(facts)) {
    const given = values[path];
    if (same(given, reference)) continue;
    wrong.push({ path, reference, ...given === undefined ? {} : { recipe: given } });
  }
  const kits = chosenByTheKit(chosen.data.imageSize);
  for (const [path, value] of Object.entries(values)) {
    if (path in facts || path.startsWith("resolved.") || path === "name") continue;
    if (comesTo(path) in facts) continue;
    const chosenHere = isUnder(path, unstated) ? kits[path] : undefined;
    const reference = inherited[path] ?? chosenHere ?? silent[path];
    if (reference !== undefined && same(value, reference)) continue;
    const wanted = reference === undefined ? {} : { reference };
    wrong.push({ path, recipe: value, ...wanted });
  }
  return wrong;
}

Deno.test("every recipe has every value of the reference, and nothing else", async (t) => {
  for (const entry of entries) {
    await t.step(entry.recipe, () => {
      const held = standards(entry);
      assertEquals(complaints(recipe(entry.recipe), held), []);
      assert(Object.keys(held.facts).length >= 3);
    });
  }
});

/** Another value of the same type. */
function mistaken(value: unknown): unknown {
  if (typeof value === "number") return value === 0 ? 0.5 : value * 2;
  if (typeof value === "boolean") return !value;
  if (Array.isArray(value)) return value.length > 0 ? value.slice(1) : ["bias"];
  return `another ${value}`;
}

/** The recipe with a mistake, or without the value. */
function withMistake(of: Recipe, path: string, change: (value: unknown) => unknown) {
  const changed = structuredClone(of) as unknown as Record<string, unknown>;
  const names = path.split(".");
  const last = names.pop()!;
  const section = names.reduce((inside, name) => inside[name] as typeof changed, changed);
  section[last] = change(section[last]);
  if (section[last] === undefined) delete section[last];
  return changed as unknown as Recipe;
}

/** Whether somebody complains, or the network cannot be built any more. */
function isSeen(changed: Recipe, held: ReturnType<typeof standards>): boolean {
  try {
    return complaints(changed, held).length > 0;
  } catch {
    return true;
  }
}

Deno.test("a mistake in any value of any recipe is seen", () => {
  const unseen: string[] = [];
  for (const entry of entries) {
    const chosen = recipe(entry.recipe);
    const { name: _, notes: __, sources: ___, ...values } = chosen;
    const held = standards(entry);
    for (const path of Object.keys(factsOf(values as unknown as Fact))) {
      const changed = withMistake(chosen, path, mistaken);
      if (!isSeen(changed, held)) unseen.push(`${entry.recipe}: ${path}`);
    }
  }
  assertEquals(unseen, []);
});

Deno.test("what is too much in a recipe is seen", () => {
  const additions: [string, unknown][] = [
    ["ema", { momentum: 0.999, of: "state" }],
    ["optimizer.maximumGradientNorm", 3],
    ["groups.layerDecay", 0.5],
    ["data.transform.lighting", 0.1],
    ["data.transform.colorJitter", { brightness: 0.4 }],
    ["data.transform.randAugment", { magnitude: 9 }],
    ["data.transform.erasing", { probability: 0.25 }],
    ["mixing", { mixupAlpha: 0.8 }],
    ["model.backbone.layerScale", 0.1],
    ["steps", 5],
  ];
  for (const entry of entries) {
    const chosen = recipe(entry.recipe);
    const held = standards(entry);
    for (const [path, value] of additions) {
      let there = true;
      const changed = withMistake(chosen, path, (old) => {
        there = old !== undefined;
        return value;
      });
      assert(there || isSeen(changed, held), `${entry.recipe}: ${path}`);
    }
  }
});

Deno.test("what a recipe calls the kit's choice is what no source states", () => {
  for (const entry of entries) {
    const { facts, unstated = [] } = standards(entry);
    assertEquals(unstated.filter((path) => path in facts), [], entry.recipe);
  }
});

Deno.test("notes and differences of the reference are notes of the recipes", () => {
  for (const { recipe: name, notes, differs } of entries) {
    const wanted = [differs ?? [], notes].flat(2) as string[];
    const given = recipe(name).notes;
    assertEquals(wanted.filter((note) => !given.includes(note)), [], name);
  }
});

Deno.test("every place that the reference names is a source", () => {
  for (const entry of entries) {
    const lines = (entry["source"] as { lines?: Record<string, string> }).lines ?? {};
    const { sources } = recipe(entry.recipe);
    const { epochs, lr } = lines;
    if (epochs !== undefined) assertEquals(sources["epochs"], epochs, entry.recipe);
    if (lr !== undefined) assertEquals(sources["optimizer.lr"], lr, entry.recipe);
    assert(sources["recipe"] !== undefined, entry.recipe);
  }
});
