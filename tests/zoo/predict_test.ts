import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import sharp from "sharp";
import { type Tensor, tf } from "../../lib/engine/mod.ts";
import type { Scope } from "../../lib/nn/scope.ts";
import { type ModelDefinition, modelOf } from "../../lib/zoo/model.ts";
import { imagenetPreprocessing } from "../../lib/zoo/preprocessing.ts";
import {
  inferenceModel,
  likeliest,
  predictEach,
  readPicture,
} from "../../lib/zoo/predict.ts";
import { temporaryFolder } from "./temporary_folder.ts";

const colours = ["red", "green", "blue"];
const side = 8;

/** A model that sees which channel is brightest. */
function colourModel(more: Partial<ModelDefinition> = {}) {
  return modelOf({
    name: "colours",
    preprocessing: imagenetPreprocessing({ imageSize: side, resize: side }),
    classNames: colours,
    parameters: {},
    encode: (_: Scope, images: Tensor) => {
      const features: Tensor = images.mean([1, 2]);
      return { features, logits: features.mul(4) };
    },
    ...more,
  });
}

async function plain(rgb: [number, number, number]): Promise<Uint8Array<ArrayBuffer>> {
  const [r, g, b] = rgb;
  const create = { width: 20, height: 12, channels: 3, background: { r, g, b } } as const;
  return Uint8Array.from(await sharp({ create }).png().toBuffer());
}

Deno.test("inferenceModel() names the class, and how sure it is", async () => {
  using model = colourModel();
  const { predClass, predLabel, predScore, top5, scores } = await inferenceModel(
    model,
    await plain([20, 220, 30]),
  );
  assertEquals([predClass, predLabel], ["green", 1]);
  assertEquals(top5.map(({ name }) => name), ["green", "blue", "red"]);
  assertEquals(top5[0]!.score, predScore);
  assertAlmostEquals(scores.reduce((sum, score) => sum + score), 1, 1e-6);
  // softmax of 4 (value / 255 - mean) / std
  const logits = [20, 220, 30].map((value, channel) =>
    4 * (value / 255 - [0.485, 0.456, 0.406][channel]!) / [0.229, 0.224, 0.225][channel]!
  );
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
  assertAlmostEquals(predScore, Math.exp(logits[1]!) / sum, 1e-5);
});

Deno.test("predictEach() gives many pictures what it gives each alone", async () => {
  using model = colourModel();
  // More than are run at once, and not a multiple of that.
  const values = Array.from({ length: 37 }, (_, index) =>
    [
      ...[(index * 53) % 256, (index * 101) % 256, (index * 197) % 256],
    ] as [number, number, number]);
  const pictures = await Promise.all(values.map(plain));
  const seen = await Array.fromAsync(predictEach(model, pictures));
  assertEquals(seen.length, 37);
  for (const [index, one] of seen.entries()) {
    assert("prediction" in one);
    const alone = await inferenceModel(model, pictures[index]!);
    assertEquals(one.prediction.predLabel, alone.predLabel);
    assertAlmostEquals(one.prediction.predScore, alone.predScore, 1e-5);
  }
});

Deno.test("predictEach() goes on after a picture that cannot be read", async () => {
  using folder = temporaryFolder();
  const broken = `${folder.path}/broken.jpg`;
  await Deno.writeTextFile(broken, "no picture");
  using model = colourModel();
  const good = await plain([250, 0, 0]);
  const seen = await Array.fromAsync(predictEach(model, [broken, good, "nowhere.png"]));
  const messages = seen.map((one) =>
    "error" in one ? one.error.message : one.prediction.predClass
  );
  assertStringIncludes(messages[0]!, `${broken} cannot be read: `);
  assertEquals(messages[1], "red");
  assertEquals(messages[2], "nowhere.png cannot be read: there is no such file");
  await assertRejects(() => inferenceModel(model, broken), Error, "cannot be read");
});

Deno.test("readPicture() gives grey pixels to a model of grey images", async () => {
  const grey = { imageSize: 4, resize: 4, mean: [0.5], std: [0.5] };
  const preprocessing = imagenetPreprocessing(grey);
  const values = await readPicture(await plain([90, 90, 90]), preprocessing);
  assertEquals(values.length, 16);
  assert(values.every((value) => value === 90));
  using model = colourModel({
    preprocessing,
    encode: (_, images) => ({ features: images.mean([1, 2]), logits: tf.ones([1, 2]) }),
    classNames: undefined,
  });
  const { predClass } = await inferenceModel(model, await plain([1, 2, 3]));
  assertEquals(predClass, "0"); // without names, its number
});

Deno.test("inferenceModel() says so before anything is fetched, when there is no classifier", async () => {
  await assertRejects(
    () => inferenceModel("mae_pretrain_vit_base", "bird.jpg"),
    Error,
    "mae_pretrain_vit_base was pretrained and has no classifier",
  );
  await assertRejects(
    () => inferenceModel("ViT-B/16", "bird.jpg"),
    Error,
    "ViT-B/16 is a teacher and has no classifier",
  );
});

Deno.test("likeliest() takes the first of equals", () => {
  const scores = Float32Array.of(0.2, 0.3, 0.3, 0.2);
  assertEquals(likeliest(scores, 2, ["a", "b", "c", "d"]), [
    { label: 1, name: "b", score: Math.fround(0.3) },
    { label: 2, name: "c", score: Math.fround(0.3) },
  ]);
  assertEquals(likeliest(scores, 9).length, 4);
});
