import { assert, assertEquals, assertThrows } from "@std/assert";
import { recipe, recipeNames } from "../../lib/recipes/catalogue.ts";
import { derive } from "../../lib/recipes/derive.ts";
import { recipeFields, resolveRecipe } from "../../lib/recipes/overrides.ts";
import { recipeSchema } from "../../lib/recipes/schema.ts";

const base = recipe("milan_official_vit-b_pretrain_400e");

Deno.test("every recipe fits the schema", () => {
  for (const name of recipeNames) {
    const { success, error } = recipeSchema.safeParse(recipe(name));
    assert(success, `${name}: ${error}`);
  }
});

Deno.test("every field of every recipe is a flag that gives the same value back", () => {
  for (const name of recipeNames) {
    const chosen = recipe(name);
    const flags = Object.fromEntries(
      recipeFields(chosen).fields
        .filter(({ value }) => value !== undefined)
        .map(({ path, value }) => [path, String(value)]),
    );
    const { sources, ...resolved } = resolveRecipe(chosen, flags);
    const { sources: _, ...given } = chosen;
    assertEquals(JSON.stringify(sortedKeys(resolved)), JSON.stringify(sortedKeys(given)));
    assertEquals(sources["epochs"], "the command line");
  }
});

function sortedKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)
      .map(([name, inner]) => [name, sortedKeys(inner)]),
  );
}

Deno.test("every field says what it means", () => {
  const silent = recipeNames.flatMap((name) =>
    recipeFields(recipe(name)).fields
      .filter(({ path, description }) => description === "" && !/\.kind$/.test(path))
      .map(({ path }) => path)
  );
  assertEquals([...new Set(silent)], []);
});

Deno.test("resolveRecipe() reads values by their types", () => {
  const resolved = resolveRecipe(base, {
    "masker.ratio": "0.6",
    "optimizer.lr": "1e-3",
    "optimizer.betas": "0.8, 0.9",
    "batch.total": "512",
    "precision": "float32",
    "model.backbone.relativePositions": "true",
  });
  if (resolved.task !== "pretrain") throw new Error();
  assertEquals(resolved.masker.ratio, 0.6);
  assertEquals(resolved.optimizer.lr, 1e-3);
  assert("betas" in resolved.optimizer);
  assertEquals(resolved.optimizer.betas, [0.8, 0.9]);
  assertEquals(resolved.batch, { total: 512, micro: 256 });
  assertEquals(resolved.precision, "float32");
  assertEquals(base.optimizer.lr, 1.5e-4);
});

Deno.test("resolveRecipe() goes from one kind to another, with its defaults", () => {
  const { optimizer } = resolveRecipe(base, { "optimizer.kind": "sgd" });
  assertEquals(optimizer, {
    kind: "sgd",
    lr: 1.5e-4,
    lrForBatch: 256,
    weightDecay: 0.05,
    momentum: 0.9,
    nesterov: false,
  });
  const stepped = resolveRecipe(base, {
    "schedule.milestones": "100,200",
    "schedule.kind": "milestones",
  });
  assertEquals(stepped.schedule, {
    kind: "milestones",
    warmupEpochs: 40,
    milestones: [100, 200],
    gamma: 0.1,
    warmupRatio: 0,
  });
  const averaged = resolveRecipe(base, { "ema.momentum": "0.99" });
  assertEquals(averaged.ema, { momentum: 0.99, of: "state" });
  const plain = resolveRecipe(averaged, { ema: "none" });
  assertEquals(plain.ema, undefined);
  const method = resolveRecipe(base, { "model.kind": "mae", "masker.kind": "random" });
  assertEquals(method.model.kind, "mae");
});

Deno.test("resolveRecipe() lets warm-up, milestones and sizes follow", () => {
  const shorter = resolveRecipe(base, { epochs: "100" });
  assertEquals(shorter.schedule.warmupEpochs, 10);
  const both = resolveRecipe(base, { epochs: "100", "schedule.warmupEpochs": "40" });
  assertEquals(both.schedule.warmupEpochs, 40);
  const stepped = recipe("r50_linear_sz224_4xb64_step_ep100");
  const { schedule } = resolveRecipe(stepped, { epochs: "10" });
  assert("milestones" in schedule);
  assertEquals(schedule.milestones, [6, 8]);
  const { evaluation } = resolveRecipe(base, { "data.imageSize": "112" }).data;
  assertEquals([evaluation.resize, evaluation.crop], [128, 112]);
  const small = recipe("mae-tiny");
  assertEquals(resolveRecipe(small, { epochs: "3" }).steps, undefined);
  assertEquals(resolveRecipe(small, { epochs: "3", steps: "none" }).epochs, 3);
});

Deno.test("resolveRecipe() says what is wrong, and what would be right", () => {
  const refused: [Record<string, string>, string][] = [
    [
      { "optimizer.lrr": "3" },
      "There is no --optimizer.lrr: did you mean --optimizer.lr?",
    ],
    [{ epoch: "3" }, "There is no --epoch: did you mean --epochs?"],
    [{ epochs: "x" }, '--epochs takes a number, got "x"'],
    [{ epochs: "" }, '--epochs takes a number, got ""'],
    [{ epochs: "0" }, "--epochs cannot be 0: it must be above 0"],
    [{ steps: "1.5" }, '--steps takes a whole number, or "none", got "1.5"'],
    [{ "masker.ratio": "2" }, "--masker.ratio cannot be 2: it must be below 1"],
    [
      { "optimizer.betas": "0.9" },
      '--optimizer.betas takes 2 numbers with commas between them, got "0.9"',
    ],
    [
      { "optimizer.kind": "adam" },
      "--optimizer.kind is one of adamw, lamb, sgd, lars, lars-mmpretrain: " +
      'got "adam", did you mean "adamw"?',
    ],
    [
      { "model.backbone.variant": "B16" },
      '--model.backbone.variant cannot be "B16": it must be SIZE/PATCH',
    ],
    [
      { "model.backbone.kind": "resnet" },
      '--model.backbone.variant cannot be "B/16": it is one of 18, 34, 50, 101',
    ],
    [
      { "schedule.kind": "milestones" },
      "--schedule.milestones is needed, too: epochs at which the rate falls",
    ],
    [
      { "optimizer.kind": "sgd", "optimizer.betas": "0.9,0.99" },
      "--optimizer.betas is not of --optimizer.kind sgd, but of adamw, lamb",
    ],
    [
      { "masker.cellPixels": "16" },
      "--masker.cellPixels is not of --masker.kind semantic, but of block",
    ],
    [
      { "model.fourier.weight": "1" },
      "--model.fourier.weight is not of --model.kind milan, but of a2mim",
    ],
    [{ lr: "1" }, "There is no --lr: did you mean --optimizer.lr?"],
    [{ "no-flip": "" }, "There is no --no-flip: did you mean --data.transform.flip?"],
    [
      { ratio: "1" },
      "did you mean --data.transform.crop.ratio, --ema.warmup.ratio or --masker.ratio?",
    ],
    [{ epochs: "1e400" }, '--epochs takes a number, got "1e400"'],
    [{ epochs: "NaN" }, '--epochs takes a number, got "NaN"'],
    [{ epochs: "0x10" }, '--epochs takes a number, got "0x10"'],
    [{ epochs: "-5" }, "--epochs cannot be -5: it must be above 0"],
    [
      { epochs: "3", steps: "5" },
      "--epochs 3 and --steps 5 both say how long the run is: give one of them",
    ],
    [
      { "model.backbone.kind": "missing" },
      "--model.backbone.kind is one of vit, mixmim, resnet, convnext, swin: got",
    ],
    [{ optimizer: "x" }, "--optimizer has several values: --optimizer.kind, "],
    [{ name: "x" }, "There is no --name"],
    [{ "batch.micro": "5000" }, "--batch.micro is 5000: it cannot be more than 4096"],
    [
      { "model.backbone.relativePositions": "yes" },
      'takes true or false, or "none", got "yes"',
    ],
    [{ "__proto__.x": "1" }, "There is no --__proto__.x"],
  ];
  for (const [overrides, message] of refused) {
    assertThrows(() => resolveRecipe(base, overrides), Error, message);
  }
});

Deno.test("derive() changes values, takes them away, and replaces other kinds", () => {
  const values = { a: { kind: "x", b: 1, c: [1, 2] } as Record<string, unknown>, d: 1 };
  assertEquals(derive(values, { a: { b: 2 } }).a, { kind: "x", b: 2, c: [1, 2] });
  assertEquals(derive(values, { a: { c: undefined } }).a, { kind: "x", b: 1 });
  assertEquals(derive(values, { a: { kind: "y", e: 1 } }).a, { kind: "y", e: 1 });
  assertEquals(values.a, { kind: "x", b: 1, c: [1, 2] });
});
