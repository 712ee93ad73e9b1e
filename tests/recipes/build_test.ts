import { assert, assertEquals, assertThrows } from "@std/assert";
import { randomKey, tf } from "../../lib/engine/mod.ts";
import { trainTransform } from "../../lib/data/transforms/mod.ts";
import { drawsOf } from "../../lib/data/transforms/mod.ts";
import type { Teacher } from "../../lib/methods/teacher.ts";
import { describeParameters, initializeParameters, scope } from "../../lib/nn/scope.ts";
import { classify } from "../../lib/methods/classification.ts";
import {
  backboneOf,
  classifierOf,
  costOf,
  derive,
  effectiveLearningRate,
  groupsOfRecipe,
  optimizationOf,
  pretextOf,
  type Recipe,
  recipe,
  recipeForward,
  recipeNames,
  resolveRecipe,
} from "../../lib/recipes/mod.ts";
import { forImages } from "../../lib/recipes/catalogue.ts";
import { smallRecipes } from "../../lib/recipes/small.ts";
import { countParameters } from "../../lib/analysis/complexity.ts";
import { learningRateOf } from "../../lib/trainers/learning_rate.ts";

const images = 1_281_167;

/** Why the kit cannot build a recipe, for those that it cannot. */
function obstacle(of: Recipe): RegExp | undefined {
  if (of.task === "clip") return /text tower/;
  if (of.model.backbone.kind === "missing") return /The kit has no /;
  if ("head" in of.model && of.model.head !== "linear") return /The kit has no depthwise/;
  return undefined;
}

// Many recipes have the same network: it is described once.
const described = new Map<string, number>();

/** Parameters that are trained. */
function trainedIn(of: Exclude<Recipe, { task: "clip" }>): number {
  const { dropPathRate: _, ...backbone } = of.model.backbone;
  const key = JSON.stringify([of.task, { ...of.model, backbone }, of.data.imageSize]);
  const known = described.get(key) ??
    countParameters(describeParameters(recipeForward(of))).trainable;
  described.set(key, known);
  return known;
}

Deno.test("every recipe's network is built at full size, or its error says why not", async (t) => {
  for (const name of recipeNames) {
    await t.step(name, () => {
      const chosen = recipe(name);
      const error = obstacle(chosen);
      if (error !== undefined || chosen.task === "clip") {
        assertThrows(() => costOf(chosen), Error, error!.source);
        return;
      }
      assert(trainedIn(chosen) > (name.includes("tiny") ? 1e4 : 1e7), name);
    });
  }
});

Deno.test("costOf() counts a CLIP with the vocabulary of its captions", () => {
  const cost = (vocabularySize: number) =>
    costOf(recipe("clip-tiny"), {
      ...{ channels: 1, vocabulary: { vocabularySize, contextLength: 8 } },
    }).parameters.total;
  assertEquals(cost(30) - cost(20), 10 * 128);
});

Deno.test("costOf() counts the networks as they are published", () => {
  const counts = [
    ["mae_official_vit-b_finetune_100e", 86_567_656],
    ["vit_base_p16_swin_ft_simmim_sz224_8xb128_cos_ep100", 86_546_824],
    ["r50_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300", 25_557_032],
  ] as const;
  for (const [name, total] of counts) {
    const found = costOf(recipe(name)).parameters.total;
    assert(Math.abs(found - total) < 0.01 * total, `${name}: ${found}`);
  }
  assertEquals(costOf(recipe(counts[0][0])).parameters.total, counts[0][1]);
  const { parameters, teacher, memory } = costOf(
    recipe("milan_official_vit-b_pretrain_400e"),
  );
  assertEquals(parameters.total, 111_776_512);
  assert(teacher!.parameters > 86e6 && teacher!.flops > 16e9);
  assertEquals(memory.state, 4 * 4 * parameters.trainable); // AdamW's two moments
  assert(memory.activations > 256 * 1e6);
});

/** Stands for a trained CLIP. */
function teacherFor(patches: number): Teacher {
  return (batch) => ({
    features: tf.ones([batch.shape[0]!, 1 + patches, 8]),
    importance: tf.ones([batch.shape[0]!, patches]).div(patches),
  });
}

for (const size of [28, 64] as const) {
  Deno.test(`the small recipes run on images of ${size} pixels`, () => {
    for (const name of Object.keys(smallRecipes(size))) {
      const chosen = forImages(recipe(name), size);
      if (chosen.task !== "pretrain") continue;
      const { imageSize, dataset } = chosen.data;
      assertEquals(dataset, size === 28 ? "fashion-mnist" : "emoji");
      const channels = size === 28 ? 1 : 3;
      tf.tidy(() => {
        const teacher = teacherFor(size === 28 ? 49 : 64);
        const pretext = pretextOf(chosen, { channels, teacher });
        const shape = [2, imageSize, imageSize, channels];
        const specifications = describeParameters((scope, input) =>
          pretext(scope, input({ shape }), randomKey(0))
        );
        const parameters = initializeParameters(specifications, randomKey(1));
        const batch = tf.linspace(-1, 1, shape.reduce((a, b) => a * b)).reshape(shape);
        const { loss } = pretext(scope(parameters), batch, randomKey(2));
        const value = loss.dataSync()[0]!;
        assert(Number.isFinite(value) && value > 0, `${name}: ${value}`);
      });
    }
  });
}

Deno.test("a classifier of every family runs at a small size", () => {
  const changes: [string, Record<string, string>][] = [
    ["mae_official_vit-b_finetune_100e", {
      "model.backbone.variant": "tiny/4",
      "data.imageSize": "32",
    }],
    ["r50_rsb_a3_ft_sz160_4xb512_cos_fp16_ep100", {
      "model.backbone.depths": "1,1",
      "model.backbone.baseChannels": "8",
      "data.imageSize": "32",
      "model.classes": "none",
    }],
    ["convnext_t_rsb_a3_ft_sz160_8xb256_cos_fp16_ep100", {
      "model.backbone.depths": "1,1",
      "model.backbone.widths": "8,16",
      "data.imageSize": "32",
      "model.classes": "none",
    }],
  ];
  for (const [name, overrides] of changes) {
    const chosen = resolveRecipe(recipe(name), overrides);
    if (chosen.task !== "finetune") throw new Error(name);
    tf.tidy(() => {
      const model = classifierOf(chosen, { classes: 5 });
      const specifications = describeParameters((scope, input) =>
        classify(scope, input({ shape: [1, 32, 32, 3] }), model)
      );
      const parameters = initializeParameters(specifications, randomKey(0));
      const { logits } = classify(scope(parameters), tf.ones([2, 32, 32, 3]), model);
      assertEquals(logits.shape, [2, 5]);
    });
  }
});

Deno.test("classifierOf() refuses data of other classes", () => {
  const chosen = recipe("r50_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300");
  if (chosen.task !== "finetune") throw new Error();
  assertThrows(
    () => classifierOf(chosen, { classes: 10 }),
    Error,
    "is for 1000 classes, the data has 10: add --model.classes none",
  );
});

Deno.test("optimizationOf() gives every recipe its learning rates", async (t) => {
  for (const name of recipeNames) {
    await t.step(name, () => {
      const chosen = recipe(name);
      if (chosen.groups.layerDecay !== undefined) chosen.groups.layerDecay = undefined;
      const run = { images, specifications: new Map() };
      const optimization = optimizationOf(chosen, run);
      const { steps, learningRate, warmupSteps = 0 } = optimization;
      assertEquals(learningRate, effectiveLearningRate(chosen));
      assert(steps > warmupSteps && warmupSteps >= 0);
      const rates = [0, warmupSteps, Math.floor(steps / 2), steps - 1]
        .map(learningRateOf(optimization));
      assert(rates.every((rate) => rate >= 0 && rate <= learningRate * (1 + 1e-9)));
      assert(rates[2]! > 0);
    });
  }
});

Deno.test("optimizationOf() keeps the shares of a run of other length", () => {
  const chosen = recipe("mae_official_vit-b_pretrain_800e");
  const run = { images, specifications: new Map() };
  assertEquals(optimizationOf(chosen, run).steps, 250_400);
  assertEquals(optimizationOf(chosen, run).warmupSteps, 12_520);
  const short = optimizationOf(resolveRecipe(chosen, { steps: "100" }), run);
  assertEquals([short.steps, short.warmupSteps], [100, 5]);
  const fewer = optimizationOf(resolveRecipe(chosen, { epochs: "8" }), run);
  assertEquals([fewer.steps, fewer.warmupSteps], [2504, 125]);
});

function groupsOf(name: string): ReturnType<typeof groupsOfRecipe> {
  const chosen = recipe(name);
  if (chosen.task === "clip") throw new Error(name);
  const { imageSize } = chosen.data;
  const backbone = backboneOf(chosen.model.backbone, { imageSize });
  const specifications = describeParameters((scope, input) => {
    const batch = input({ shape: [1, imageSize, imageSize, 3] });
    if (chosen.task === "pretrain") {
      return pretextOf(chosen, {
        teacher: () => ({ features: batch, importance: batch }),
      })(
        scope,
        batch,
        randomKey(0),
      );
    }
    return classify(scope, batch, classifierOf(chosen, { classes: 1000 }));
  });
  return groupsOfRecipe(chosen, { specifications, backbone });
}

Deno.test("groupsOfRecipe() follows each project's rules", () => {
  const official = groupsOf("mae_official_vit-b_pretrain_800e");
  assertEquals(official.get("cls_token")!.weightDecay, 0.05);
  const rewrite = groupsOf("mae_vit-base-p16_8xb512-amp-coslr-800e_in1k");
  assertEquals(rewrite.get("cls_token")!.weightDecay, 0);
  assertEquals(rewrite.get("blocks.0.norm1.weight")!.weightDecay, 0);
  assertEquals(rewrite.get("blocks.0.attn.qkv.weight")!.weightDecay, 0.05);
  const cnn = groupsOf("r50_l3_sz224_init_8xb256_cos_ep300");
  assertEquals(cnn.get("backbone.mask_token"), {
    learningRateScale: 0.1,
    weightDecay: 0,
  });
  const decayed = groupsOf("vit_base_p16_swin_ft_simmim_sz224_8xb128_cos_ep100");
  const scale = decayed.get("blocks.11.mlp.fc1.weight")!.learningRateScale;
  assert(Math.abs(scale - 0.65) < 1e-12, `${scale}`);
  assertEquals(decayed.get("patch_embed.proj.weight")!.learningRateScale, 0.65 ** 13);
  const mixmim = groupsOf("mixmim_official_mixmim_base_finetune_100e");
  assertEquals(mixmim.get("head.weight")!.learningRateScale, 0.7);
});

Deno.test("every recipe's transform is one that the data room makes", () => {
  for (const name of recipeNames) {
    const { data } = recipe(name);
    const transform = trainTransform(data.transform, { size: data.imageSize });
    const crop = transform.crop(
      { height: 375, width: 500 },
      drawsOf({ seed: 0, epoch: 0, index: 0 }),
    );
    assert(crop.height > 0 && crop.width > 0, name);
    assertEquals(transform.size.height, data.imageSize);
  }
});

Deno.test("pretextOf() says what does not go together", () => {
  const milan = recipe("milan_official_vit-b_pretrain_400e");
  const simmim = recipe("simmim-tiny");
  if (milan.task !== "pretrain" || simmim.task !== "pretrain") throw new Error();
  assertThrows(() => pretextOf(milan), Error, "give it a teacher");
  assertThrows(
    () =>
      pretextOf(derive(simmim, { masker: { kind: "block", ratio: 0.6, cellPixels: 6 } })),
    Error,
    "masker.cellPixels is 6, but the mask's cells are 4 pixels wide: use a multiple of 4",
  );
  const other = resolveRecipe(milan, { "model.backbone.variant": "B/32" });
  if (other.task !== "pretrain") throw new Error();
  assertThrows(
    () => pretextOf(other, { teacher: teacherFor(49) }),
    Error,
    "choose a backbone with patches of 16",
  );
});
