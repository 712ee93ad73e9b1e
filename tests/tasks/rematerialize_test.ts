import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { costOf, recipe, resolveRecipe } from "../../lib/recipes/mod.ts";
import type { PretrainRecipe } from "../../lib/recipes/recipe.ts";
import { preparePretraining } from "../../tasks/pretrain/prepare.ts";
import { describeDry } from "../../tasks/training/dry.ts";

/** Networks of two blocks that may forget what is in them. */
const networks: Record<string, [from: string, changes: Record<string, string>]> = {
  vit: ["simmim-tiny", {
    "data.imageSize": "16",
    ...{ "model.backbone.width": "16", "model.backbone.depth": "5" },
    "model.backbone.heads": "2",
  }],
  mixmim: ["mixmim-tiny", {
    "data.imageSize": "16",
    ...{ "model.backbone.width": "16", "model.backbone.depths": "2,1" },
    "model.backbone.windows": "4,4",
  }],
  resnet: ["a2mim-tiny-resnet", {
    "data.imageSize": "16",
    "model.backbone.depths": "3,3",
    ...{ "model.backbone.stemChannels": "4", "model.backbone.baseChannels": "4" },
    "masker.cellPixels": "8",
  }],
  convnext: ["a2mim-tiny-convnext", {
    "data.imageSize": "16",
    "model.backbone.widths": "8,16",
  }],
  swin: ["simmim-tiny", {
    ...{ "data.imageSize": "32", "model.backbone.kind": "swin" },
    ...{ "model.backbone.variant": "T", "model.backbone.patchSize": "4" },
    ...{ "model.backbone.width": "8", "model.backbone.depths": "2,1" },
    ...{ "model.backbone.heads": "2,2", "model.backbone.window": "4" },
  }],
};

function chosen(name: string, more: Record<string, string>): PretrainRecipe {
  const [from, changes] = networks[name]!;
  const values = { ...changes, "model.backbone.dropPathRate": "0.2", "batch.total": "2" };
  return resolveRecipe(recipe(from), { ...values, ...more }) as PretrainRecipe;
}

const rematerialized = { "model.backbone.rematerialize": "true" };

function jobOf(recipe: PretrainRecipe) {
  const side = recipe.data.imageSize;
  const images = Uint8Array.from({ length: 2 * side * side }, (_, k) => k * 7919 % 251);
  const dataset = {
    ...{ name: "noise", length: 2, height: side, width: side, channels: 1, images },
    ...{ mean: [0.5], std: [0.3], background: [0], fingerprint: "noise" },
    ...{ labels: Uint8Array.of(0, 1), classNames: ["one", "two"] },
  };
  return preparePretraining({ recipe, images: { dataset }, seed: 0 });
}

for (const name of Object.keys(networks)) {
  Deno.test(`--model.backbone.rematerialize changes no gradient of a ${name}, and keeps less`, async () => {
    const [plain, again] = [{}, rematerialized].map((more) => chosen(name, more));
    const results = [];
    for (const recipe of [plain!, again!]) {
      const { job } = jobOf(recipe);
      const inputs = { step: tf.scalar(1), key: randomKey(1) };
      const batch = await job.batch(0);
      results.push(job.halves!.differentiate(job.initial(), batch, inputs));
    }
    const [wanted, got] = results;
    assertEquals(got!.loss.dataSync(), wanted!.loss.dataSync());
    for (const part of ["gradients", "statistics"] as const) {
      assertEquals(Object.keys(got![part]), Object.keys(wanted![part]));
      for (const [key, tensor] of Object.entries<Tensor>(wanted![part])) {
        const other = got![part][key]!.dataSync();
        tensor.dataSync().forEach((value: number, index: number) =>
          assertAlmostEquals(value, other[index]!, 1e-6, `${part} of ${key}`)
        );
      }
    }
    const [all, less] = [plain, again].map((recipe) =>
      costOf(recipe!, { channels: 1 }).memory.activations
    );
    assert(less! < 0.9 * all!, `${less} of ${all} bytes`);
  });
}

Deno.test("--dry counts less memory with blocks that run again", () => {
  const lines = [{}, rematerialized].map((more) => {
    const wanted = chosen("vit", { ...more, "model.backbone.depth": "8" });
    const { job, specifications } = jobOf(wanted);
    const images = { name: "noise", fingerprint: "", length: 2 };
    return describeDry({ recipe: wanted, images, job, specifications, channels: 1 })
      .split("\n").find((line) => line.startsWith("memory"))!;
  });
  const [all, less] = lines.map((line) => Number(/([\d.]+) MB of act/.exec(line)![1]));
  assert(less! < all! / 2, lines.join("\n"));
});
