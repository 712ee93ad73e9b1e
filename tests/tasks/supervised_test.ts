import { assert, assertEquals, assertThrows } from "@std/assert";
import type { LabelledDataset } from "../../lib/data/mod.ts";
import { randomKey, tf } from "../../lib/engine/mod.ts";
import { describeParameters, initializeParameters } from "../../lib/nn/scope.ts";
import { recipe, resolveRecipe } from "../../lib/recipes/mod.ts";
import type { FinetuneRecipe, LinearRecipe } from "../../lib/recipes/recipe.ts";
import { parametersOf } from "../../lib/trainers/gradient_job.ts";
import {
  prepareFinetuning,
  prepareProbe,
  probeBackbone,
} from "../../tasks/supervised/prepare.ts";
import { deviceChange } from "../../tasks/training/device_change.ts";
import { frozenFeatures } from "../../lib/methods/frozen_features.ts";
import { microBatches } from "../../tasks/training/micro_batches.ts";

const side = 16;

/** Four colours. */
function colours(length = 16): LabelledDataset {
  const labels = Uint8Array.from({ length }, (_, index) => index % 4);
  const images = Uint8Array.from({ length: length * side * side * 3 }, (_, place) => {
    const label = labels[Math.floor(place / (side * side * 3))]!;
    return (place % 3 === label ? 200 : 40) + place % 7;
  });
  return {
    ...{ name: "colours", length, height: side, width: side, channels: 3, images },
    ...{ mean: [0.5, 0.5, 0.5], std: [0.3, 0.3, 0.3], background: [0, 0, 0] },
    ...{ labels, classNames: ["red", "green", "blue", "grey"], fingerprint: "colours" },
  };
}

const small = {
  ...{ "data.imageSize": `${side}`, "model.backbone.width": "16" },
  ...{ "model.backbone.depth": "1", "model.backbone.heads": "2", "batch.total": "8" },
};

function linear(more: Record<string, string> = {}): LinearRecipe {
  return resolveRecipe(recipe("linear-tiny"), { ...small, ...more }) as LinearRecipe;
}

/** All that a linear recipe can say beside MAE's. */
const everything = {
  ...{ "mixing.mixupAlpha": "0.8", "mixing.cutmixAlpha": "1", smoothing: "0.1" },
  ...{ "data.transform.lighting": "0.1", "data.transform.erasing.probability": "1" },
  ...{ loss: "binary-cross-entropy", "model.normalizeFeatures": "false" },
  ...{ "model.headDeviation": "0.2", steps: "1" },
};

function probe(chosen: LinearRecipe, classes = 4) {
  const backbone = probeBackbone(chosen, 3, {});
  const specifications = describeParameters((scope, input) =>
    frozenFeatures(scope, input({ shape: [1, side, side, 3] }), backbone)
  );
  return prepareProbe({
    ...{ recipe: chosen, images: { dataset: colours() }, seed: 0, classes },
    pretrained: initializeParameters(specifications, randomKey(0)),
  });
}

Deno.test("prepareProbe() takes all that a linear recipe can say", async () => {
  const plain = parametersOf(probe(linear()).job.initial());
  assertEquals(plain["head.0.running_mean"]!.shape, [16]);
  const { job } = probe(linear(everything));
  const before = parametersOf(job.initial());
  assertEquals(Object.keys(before), ["head.1.weight", "head.1.bias"]);
  assert(Math.max(...before["head.1.weight"]!.dataSync()) > 0.2);
  const [start, batch] = [job.initial(), await job.batch(0)];
  const inputs = { learningRate: tf.scalar(1), step: tf.scalar(1), key: randomKey(1) };
  const { loss, state } = job.step(start, batch, inputs);
  const value = loss.dataSync()[0]!; // a coin's for each class, nearly
  assert(value > 0.5 && value < 1, `${value}`);
  const [first, after] = [before, parametersOf(state)].map((of) =>
    of["head.1.weight"]!.dataSync()
  );
  assert(after!.some((value, index) => value !== first![index]));
});

Deno.test("prepareProbe() and prepareFinetuning() say what makes no sense", () => {
  const cases: [Record<string, string>, string][] = [
    [
      { "model.backbone.rematerialize": "true" },
      "leave --model.backbone.rematerialize out",
    ],
    [{ "groups.layerDecay": "0.8" }, "--groups.layerDecay none"],
    [{ "model.classes": "10" }, "linear-tiny is for 10 classes, the data has 4"],
  ];
  for (const [more, says] of cases) assertThrows(() => probe(linear(more)), Error, says);
  const chosen = resolveRecipe(recipe("finetune-tiny"), {
    ...{ ...small, "model.normalizeFeatures": "true" },
  }) as FinetuneRecipe;
  assertThrows(
    () =>
      prepareFinetuning({
        ...{ recipe: chosen, images: { dataset: colours() }, seed: 0, classes: 4 },
      }),
    Error,
    "--model.normalizeFeatures false",
  );
});

Deno.test("deviceChange() lights and erases as a recipe says, and nothing otherwise", () => {
  const std = [0.3, 0.3, 0.3];
  assertEquals(deviceChange(linear(), std), undefined);
  const images = tf.zeros([2, side, side, 3]);
  const lit = deviceChange(linear({ "data.transform.lighting": "0.1" }), std)!;
  const colour = lit(randomKey(0), images).dataSync();
  assertEquals(colour.slice(0, 3), colour.slice(3, 6)); // all pixels of an image alike
  assert(colour[0] !== 0 && colour[0] !== colour[side * side * 3]);
  const erased = deviceChange(
    linear({ "data.transform.erasing.probability": "1" }),
    std,
  )!;
  const share = tf.tidy(() =>
    erased(randomKey(0), images).notEqual(0).cast("float32").mean().dataSync()[0]!
  );
  assert(share > 0.01 && share < 0.4, `${share}`);
});

Deno.test("microBatches() leaves no part that cannot be mixed", () => {
  const mixing = { "mixing.mixupAlpha": "0.8", "mixing.partners": "reversed" };
  const parts = (more: Record<string, string>) => () => microBatches(linear(more));
  assertEquals(parts({ ...mixing, "batch.micro": "6" })(), { microBatchSize: 6 });
  assertEquals(parts({ ...mixing })(), {});
  assertEquals(parts({ "batch.micro": "3" })(), { microBatchSize: 3 });
  assertThrows(
    parts({ ...mixing, "batch.micro": "3" }),
    Error,
    "needs an even number of them, and one has 3: change --batch.micro (3)",
  );
  const apart = { "mixing.cutmixPartners": "derangement", "batch.micro": "7" };
  assertThrows(parts(apart), Error, "two or more of them, and one has 1");
  const mixmim = resolveRecipe(recipe("mixmim-tiny"), { "batch.total": "9" });
  assertThrows(
    () => microBatches(mixmim),
    Error,
    "an even number of them, and one has 9",
  );
});
