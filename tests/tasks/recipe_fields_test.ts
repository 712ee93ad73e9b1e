import { assertEquals } from "@std/assert";
import { randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import type { LabelledDataset } from "../../lib/data/mod.ts";
import { initializeParameters } from "../../lib/nn/scope.ts";
import { classifierOf } from "../../lib/recipes/build_classifier.ts";
import { recipe } from "../../lib/recipes/catalogue.ts";
import { recipeFields, resolveRecipe } from "../../lib/recipes/overrides.ts";
import type { Recipe } from "../../lib/recipes/recipe.ts";
import type { TrainingJob } from "../../lib/trainers/training_job.ts";
import { preparePretraining } from "../../tasks/pretrain/prepare.ts";
import {
  describeClassifier,
  prepareFinetuning,
  prepareProbe,
} from "../../tasks/supervised/prepare.ts";
import { evaluationImages, trainingImages } from "../../tasks/training/recipe_images.ts";

const side = 20;
const count = 8;
const images: LabelledDataset = {
  name: "toy",
  length: count,
  channels: 3,
  height: side,
  width: side,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
  background: [0, 0, 0],
  fingerprint: "toy",
  images: Uint8Array.from({ length: count * side * side * 3 }, (_, i) => (i * 37) % 256),
  labels: Uint8Array.from({ length: count }, (_, i) => i % 4),
  classNames: ["a", "b", "c", "d"],
};
const classes = images.classNames.length;
const reading = { readers: 1, maxBad: 0 };

/** A copy that notes which values somebody looks at. */
function watched<Value extends object>(
  value: Value,
  seen: Set<string>,
  prefix = "",
): Value {
  if (Array.isArray(value)) return value;
  return new Proxy(value, {
    get(target, name) {
      const inner = Reflect.get(target, name);
      if (typeof name === "symbol") return inner;
      const path = prefix === "" ? name : `${prefix}.${name}`;
      if (typeof inner !== "object" || inner === null || Array.isArray(inner)) {
        seen.add(path);
        return inner;
      }
      return watched(inner, seen, path);
    },
  });
}

/** A step: mixing, averages and erasing are looked at when it is taken. */
async function step<Batch extends Record<string, Tensor>>(
  job: TrainingJob<Batch>,
): Promise<void> {
  const state = job.initial();
  const batch = await job.batch(0, 0);
  const result = tf.tidy(() =>
    job.step(state, batch, {
      ...{ learningRate: tf.scalar(0.1), step: tf.scalar(1), key: randomKey(1) },
    })
  );
  // What is not trained is in both states: tf.dispose takes a tensor twice, disposeTree does not.
  tf.dispose([batch, result, state] as unknown as Tensor[]);
  await job.close?.();
}

/** Makes a recipe's job, and takes a step. */
async function work(of: Recipe): Promise<void> {
  const training = trainingImages(images, of.data, reading);
  evaluationImages(images, of.data, reading);
  const shared = { images: training, seed: 0 };
  const shape = { imageSize: of.data.imageSize, channels: 3 };
  switch (of.task) {
    case "pretrain": {
      const patches = (of.data.imageSize / 4) ** 2;
      const teacher = of.teacher === undefined ? {} : {
        teacher: (batch: Tensor) => ({
          features: tf.ones([batch.shape[0]!, 1 + patches, 8]),
          importance: tf.ones([batch.shape[0]!, patches]),
        }),
      };
      return await step(preparePretraining({ ...shared, recipe: of, ...teacher }).job);
    }
    case "finetune":
      return await step(prepareFinetuning({ ...shared, recipe: of, classes }).job);
    case "linear": {
      const model = classifierOf(of, { classes, channels: 3 });
      const specifications = describeClassifier(model, shape);
      const pretrained = initializeParameters(specifications, randomKey(0));
      await step(prepareProbe({ ...shared, recipe: of, classes, pretrained }).job);
      return tf.dispose(pretrained);
    }
    case "clip":
      throw new Error("A CLIP is prepared elsewhere");
  }
}

// Who looks at the values that the preparation of a job does not need.
const elsewhere = [
  /^data\.dataset$/, // which images are opened: choose_images.ts
  /^evaluation\./, // when the loop measures: pretrain.ts, supervise.ts
  /^teacher\./, // which teacher is opened: teacher.ts
  /^model\.kind$/, // classifier or linear-probe says the same as the task
];

const tinyVit = {
  "model.backbone.variant": "tiny/4",
  "model.backbone.width": "16",
  "model.backbone.depth": "2",
  "model.backbone.heads": "2",
  "data.imageSize": "16",
};
const tinyDecoder = {
  "model.decoder.width": "16",
  "model.decoder.depth": "1",
  "model.decoder.heads": "2",
};
const tinyBatch = { "batch.total": "4", "batch.micro": "2", epochs: "10" };
const tinyClassifier = { ...tinyBatch, "model.classes": "none" };

const recipes: [string, Record<string, string>][] = [
  ["mae_official_vit-b_pretrain_800e", { ...tinyVit, ...tinyDecoder }],
  ["milan_vit-base-p16_16xb256-amp-coslr-400e_in1k", {
    ...{ ...tinyVit, ...tinyDecoder },
    ...{ "teacher.kind": "trained", "teacher.recipe": "clip-tiny" },
  }],
  ["mixmim_mixmim-base_16xb128-coslr-300e_in1k", {
    ...tinyDecoder,
    ...{ "model.backbone.patchSize": "2", "model.backbone.width": "8" },
    ...{ "model.backbone.depths": "1,1", "model.backbone.heads": "2,2" },
    ...{ "model.backbone.windows": "4,4", "data.imageSize": "16" },
  }],
  ["simmim_swin-base-w6_16xb128-amp-coslr-800e_in1k-192px", {
    ...{ "model.backbone.depths": "1,1", "model.backbone.width": "8" },
    ...{ "model.backbone.heads": "2,2", "model.backbone.patchSize": "2" },
    ...{ "model.backbone.window": "4", "data.imageSize": "16" },
    "masker.cellPixels": "4",
  }],
  ["cifar100/r50_l3_sz224_init_4xb256_accu2_cos_ep1000", {
    ...{ "model.backbone.depths": "1,1", "model.backbone.baseChannels": "4" },
    ...{ "model.token.layer": "1", "data.imageSize": "32", "masker.cellPixels": "8" },
  }],
  ["vit_base_l0_sz224_8xb128_accu2_step_ep800", { ...tinyVit, "masker.cellPixels": "8" }],
  ["r50_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300", {
    ...{ "model.backbone.depths": "1,1", "model.backbone.baseChannels": "4" },
    "data.imageSize": "32",
  }],
  ["convnext_b_spark_ft_sz224_8xb256_cos_fp16_ep300", {
    ...{ "model.backbone.depths": "1,1", "model.backbone.widths": "8,8" },
    "data.imageSize": "16",
  }],
  ["vit-base-p16_milan-pre_8xb128-coslr-100e_in1k", tinyVit],
  ["milan_official_vit-b_linear_100e", tinyVit],
  ["cifar100/deit_small_p16_linear_sz224_4xb128_cos_ep100", tinyVit],
  ["cifar100/r18_linear_sz224_4xb64_step_ep100", {
    ...{ "model.backbone.depths": "1,1", "data.imageSize": "16" },
  }],
];

for (const [name, overrides] of recipes) {
  Deno.test(`the task of ${name} looks at every value of it`, async () => {
    const paper = recipe(name);
    const small = paper.task === "pretrain" ? tinyBatch : tinyClassifier;
    const chosen = resolveRecipe(paper, { ...small, ...overrides });
    const seen = new Set<string>();
    await work(watched(chosen, seen));
    const unseen = recipeFields(chosen).fields
      .filter(({ value }) => value !== undefined)
      .map(({ path }) => path)
      .filter((path) => !seen.has(path) && !elsewhere.some((place) => place.test(path)));
    assertEquals(unseen, []);
  });
}
