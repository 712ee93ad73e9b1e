import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { LabelledDataset } from "../../lib/data/mod.ts";
import { tf } from "../../lib/engine/mod.ts";
import { recipe, resolveRecipe } from "../../lib/recipes/mod.ts";
import type { PretrainRecipe } from "../../lib/recipes/recipe.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { trainingFlags } from "../../tasks/pretrain/command.ts";
import { learnByHeart, overfitRecipe } from "../../tasks/pretrain/overfit.ts";
import { nearZero } from "../../tasks/training/by_heart.ts";

const side = 16;

/** Two images: waves of other lengths. */
function twoImages(): LabelledDataset {
  const images = Uint8Array.from({ length: 2 * side * side }, (_, k) => {
    const [image, row, column] = [k / side ** 2 | 0, (k / side | 0) % side, k % side];
    return 127 + 120 * Math.sin((row + 2 * column) / (2 + image));
  });
  return {
    ...{ name: "waves", length: 2, height: side, width: side, channels: 1, images },
    ...{ mean: [0.5], std: [0.33], background: [0], fingerprint: "waves" },
    ...{ labels: Uint8Array.of(0, 1), classNames: ["short", "long"] },
  };
}

const vit = {
  "model.backbone.width": "48",
  "model.backbone.depth": "2",
  "model.backbone.heads": "2",
};
/** Where all patches are seen, what the masked ones lack is learned later. */
const longer = { ...vit, "optimizer.lr": "2e-3", steps: "1200" };

/** Small networks: whether a method can learn by heart is no question of size. */
const methods: [name: string, overrides: Record<string, string>][] = [
  ["mae-tiny", { ...vit, "optimizer.lr": "4e-3" }],
  ["milan-tiny", { "model.backbone.depth": "2" }],
  ["simmim-tiny", longer],
  ["a2mim-tiny-vit", longer],
  ["mixmim-tiny", {
    "model.backbone.width": "32",
    "model.backbone.depths": "1,1",
    "model.backbone.windows": "4,4",
    "optimizer.lr": "4e-3",
  }],
  ["a2mim-tiny-resnet", { "model.backbone.depths": "1,1" }],
  ["a2mim-tiny-convnext", {
    "model.backbone.depths": "1,1",
    "model.backbone.widths": "32,64",
  }],
];

for (const [name, overrides] of methods) {
  Deno.test(`--overfit 1: ${name} learns an image, or a pair of them, by heart`, async () => {
    const chosen = resolveRecipe(recipe(name), {
      ...{ "data.imageSize": String(side), steps: "400" },
      ...overrides,
    }) as PretrainRecipe;
    const before = tf.memory().numTensors;
    const { first, last, steps } = await learnByHeart({
      ...{ recipe: chosen, images: { train: twoImages() }, seed: 0, count: 1 },
      progress: noProgress,
    });
    assertEquals(steps, chosen.steps);
    assert(last < nearZero * first, `${first} → ${last}`);
    assertEquals(tf.memory().numTensors, before);
  });
}

Deno.test("overfitRecipe() has no chance but in its masks, and whole pairs", () => {
  const chosen = recipe("mixmim-tiny") as PretrainRecipe;
  for (const [wanted, count] of [[1, 2], [2, 2], [3, 4]] as const) {
    const { batch, optimizer } = overfitRecipe(chosen, wanted);
    assertEquals([batch.total, batch.micro, optimizer.weightDecay], [count, count, 0]);
  }
  assertEquals(overfitRecipe(recipe("mae-tiny") as PretrainRecipe, 3).batch.total, 3);
});

Deno.test("--overfit's help says what near zero is", () => {
  assertStringIncludes(trainingFlags.overfit.help, `${100 * nearZero} % of the first`);
});
