import { assert, assertEquals } from "@std/assert";
import { backboneOf } from "../../lib/recipes/build_backbone.ts";
import { recipe, recipeNames } from "../../lib/recipes/catalogue.ts";
import { effectiveLearningRate } from "../../lib/recipes/effective_learning_rate.ts";
import type { Recipe } from "../../lib/recipes/recipe.ts";
import { smallRecipes } from "../../lib/recipes/small.ts";
import { type Entry, type Fact, factsOf } from "./reference/entry.ts";
import { expected } from "./reference/mapping.ts";

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

Deno.test("every recipe has every value of the reference", async (t) => {
  for (const entry of entries) {
    await t.step(entry.recipe, () => {
      const values = view(recipe(entry.recipe));
      const { facts } = expected(entry);
      const wrong = Object.entries(facts)
        .filter(([path, fact]) => !same(values[path], fact))
        .map(([path, fact]) => ({ path, reference: fact, recipe: values[path] }));
      assertEquals(wrong, []);
      assert(Object.keys(facts).length >= 3, `only ${Object.keys(facts).length} values`);
    });
  }
});

Deno.test("a mistake in a recipe is seen", () => {
  const entry = entries.find((entry) =>
    entry.recipe === "mae_official_vit-b_pretrain_800e"
  )!;
  const values = view({ ...recipe(entry.recipe), epochs: 801 } as Recipe);
  const wrong = Object.entries(expected(entry).facts)
    .filter(([path, fact]) => !same(values[path], fact));
  assertEquals(wrong.map(([path]) => path), ["epochs"]);
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
