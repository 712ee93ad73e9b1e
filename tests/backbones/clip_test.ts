import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { clip, clipLogits, describeClip } from "../../lib/backbones/clip.ts";
import { clipTowersOf } from "../../lib/backbones/clip_shapes.ts";
import { clipText } from "../../lib/backbones/clip_text.ts";
import {
  type ClipVariant,
  clipVariant,
  tinyClip,
} from "../../lib/backbones/clip_variants.ts";
import { clipVision } from "../../lib/backbones/clip_vision.ts";
import { jit, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { contrastiveLoss } from "../../lib/losses/contrastive.ts";
import { describeParameters, initializeParameters, scope } from "../../lib/nn/scope.ts";
import { manifest } from "../manifests/manifest.ts";

const tiny = tinyClip({
  imageSize: 8,
  patchSize: 4,
  vocabularySize: 9,
  contextLength: 5,
  width: 8,
  layers: 2,
  heads: 2,
});

function tinyParameters() {
  return initializeParameters(describeClip(tiny), randomKey(1));
}

Deno.test("describeClip() leaves the text tower out of a teacher", () => {
  const names = [...describeClip({ vision: tiny.vision }).keys()];
  assertEquals(names.filter((name) => !name.startsWith("visual.")), []);
  assertEquals(names.length, 8 + 2 * 12);
});

Deno.test("clipVision() gives importance and embeddings that are parts of its other outputs", () => {
  tf.tidy(() => {
    const parameters = tinyParameters();
    const images = tf.randomNormal([2, 8, 8, 3]);
    const given = clipVision(scope(parameters).at("visual"), images, tiny.vision);
    assertEquals(given.target.shape, [2, 5, 8]);
    assertEquals(given.attention.shape, [2, 5, 5]);
    const rows = given.attention.sum(-1).dataSync();
    rows.forEach((sum) => assertAlmostEquals(sum, 1, 1e-5));
    const attention = given.attention.arraySync() as number[][][];
    assertEquals(
      given.importance.arraySync(),
      attention.map((image) => image[0]!.slice(1)),
    );
    const target = given.target.arraySync() as number[][][];
    assertEquals(given.imageEmbeds.arraySync(), target.map((tokens) => tokens[0]!));
  });
});

Deno.test("clipVision() runs only as deep as asked, without the other blocks' parameters", () => {
  tf.tidy(() => {
    const parameters = tinyParameters();
    const images = tf.randomNormal([1, 8, 8, 3]);
    const deep = clipVision(scope(parameters).at("visual"), images, tiny.vision);
    const first = Object.fromEntries(
      Object.entries(parameters).filter(([name]) => !name.includes("resblocks.1.")),
    );
    const shallow = clipVision(scope(first).at("visual"), images, tiny.vision, 1);
    assertEquals(shallow.blocks.length, 1);
    assertEquals(shallow.lastHiddenState.dataSync(), deep.blocks[0]!.dataSync());
    const visual = scope(parameters).at("visual");
    assertThrows(
      () => clipVision(visual, images, tiny.vision, 3),
      Error,
      "has 2 image blocks: the depth cannot be 3",
    );
  });
});

Deno.test("clipVision() resizes its positions for images of another size", () => {
  describeParameters((scope, input) => {
    const images = input({ shape: [1, 12, 20, 3] });
    const { target } = clipVision(scope.at("visual"), images, tiny.vision);
    assertEquals(target.shape, [1, 1 + 3 * 5, 8]);
  });
  describeParameters((scope, input) => {
    const images = input({ shape: [1, 10, 8, 3] });
    assertThrows(
      () => clipVision(scope.at("visual"), images, tiny.vision),
      Error,
      "10×8 cannot be cut into patches of 4",
    );
  });
});

Deno.test("clipText() takes the end token's feature and does not look past it", () => {
  tf.tidy(() => {
    const model = scope(tinyParameters());
    const ids = (values: number[]) => tf.tensor2d(values, [1, 5], "int32");
    const short = clipText(model, ids([7, 2, 8, 0, 0]), tiny.text).embeds;
    const filled = clipText(model, ids([7, 2, 8, 3, 5]), tiny.text).embeds;
    const other = clipText(model, ids([7, 3, 8, 0, 0]), tiny.text).embeds;
    const distance = (a: Tensor, b: Tensor) => a.sub(b).abs().max().dataSync()[0]!;
    assertLess(distance(short, filled), 1e-6);
    assertLess(1e-4, distance(short, other));
    const cut =
      clipText(model, tf.tensor2d([7, 2, 8], [1, 3], "int32"), tiny.text).embeds;
    assertLess(distance(short, cut), 1e-6);
    assertThrows(
      () => clipText(model, tf.zeros([1, 6], "int32"), tiny.text),
      Error,
      "6 tokens are longer than this CLIP's context of 5",
    );
  });
});

Deno.test("clipLogits() are cosines at the temperature", () => {
  tf.tidy(() => {
    const model = scope({ logit_scale: tf.scalar(Math.log(10)) });
    const images = tf.tensor2d([[3, 0], [0, 0.1]]);
    const texts = tf.tensor2d([[1, 0], [1, 1]]);
    const logits = clipLogits(model, images, texts).dataSync();
    [10, 10 / Math.SQRT2, 0, 10 / Math.SQRT2].forEach((expected, index) =>
      assertAlmostEquals(logits[index]!, expected, 1e-5)
    );
  });
});

Deno.test("clip() trains alike eagerly, in a graph and in XLA, and every parameter has a gradient", async () => {
  const shallow = {
    vision: { ...tiny.vision, layers: 1 },
    text: { ...tiny.text, layers: 1 },
  };
  const parameters = initializeParameters(describeClip(shallow), randomKey(1));
  const names = Object.keys(parameters);
  const images = tf.randomNormal([3, 8, 8, 3]);
  const ids = tf.tensor2d(
    [[7, 2, 8, 0, 0], [7, 3, 4, 8, 0], [7, 8, 0, 0, 0]],
    [3, 5],
    "int32",
  );
  const step = (images: Tensor, ids: Tensor, values: Tensor[]) =>
    tf.grads((...values: Tensor[]) => {
      const model = scope(Object.fromEntries(names.map((name, k) => [name, values[k]!])));
      return contrastiveLoss(clip(model, { images, ids }, shallow).logitsPerImage);
    })(values);
  const values = Object.values(parameters);
  const eager = tf.tidy(() => step(images, ids, values));
  eager.forEach((gradient, index) => {
    const largest = tf.tidy(() => gradient.abs().max().dataSync()[0]!);
    assertLess(1e-7, largest, names[index]);
  });
  for (const compiler of ["graph", "xla"] as const) {
    const compiled = jit(step, { compiler });
    const gradients = await compiled(images, ids, values);
    gradients.forEach((gradient, index) => {
      const off = tf.tidy(() => gradient.sub(eager[index]!).abs().max().dataSync()[0]!);
      assertLess(off, 1e-4, names[index]);
    });
    tf.dispose(gradients);
    compiled.dispose();
  }
  tf.dispose([images, ids, ...values, ...eager]);
});

Deno.test("describeClip() starts the text tower with OpenAI's deviations", () => {
  const configuration = tinyClip({
    imageSize: 8,
    patchSize: 4,
    vocabularySize: 200,
    contextLength: 8,
    width: 64,
    textLayers: 3,
  });
  const parameters = initializeParameters(describeClip(configuration), randomKey(0));
  const deviation = (name: string) =>
    tf.tidy(() => tf.moments(parameters[name]!).variance.sqrt().dataSync()[0]!);
  const expected = {
    "token_embedding.weight": 0.02,
    "transformer.resblocks.0.attn.in_proj_weight": 64 ** -0.5,
    "transformer.resblocks.2.mlp.c_fc.weight": 128 ** -0.5,
    "transformer.resblocks.1.mlp.c_proj.weight": (64 * 6) ** -0.5,
    "visual.transformer.resblocks.0.mlp.c_fc.weight": 64 ** -0.5 / Math.sqrt(3), // uniform
    "visual.proj": 64 ** -0.5,
  };
  for (const [name, value] of Object.entries(expected)) {
    assertAlmostEquals(deviation(name) / value, 1, 0.05, name);
  }
  assertAlmostEquals(parameters["logit_scale"]!.dataSync()[0]!, 2.6593, 1e-4);
  tf.dispose(parameters);
});

Deno.test("clipTowersOf() finds the sizes in shapes of either layout", async () => {
  assertEquals(clipTowersOf(await manifest("clip-openai-vit-b-16")), {
    vision: { ...clipVariant("B/16").vision, activation: "quick-gelu" },
    text: { ...clipVariant("B/16").text, activation: "quick-gelu" },
  });
  const kit = new Map([...describeClip(tiny)].map(([name, { shape }]) => [name, shape]));
  const found = clipTowersOf(kit, { visionHeads: 2, textHeads: 2, activation: "gelu" });
  assertEquals(found.vision, { ...tiny.vision, activation: "gelu" });
  assertEquals(found.text, { ...tiny.text, activation: "gelu" });
});

Deno.test("clipTowersOf() says what is missing", () => {
  const shapes = new Map(
    [...describeClip(tiny)].map(([name, { shape }]) => [name, shape]),
  );
  assertThrows(() => clipTowersOf(shapes), Error, "width 8 is no multiple of 64");
  assertThrows(
    () => clipTowersOf(shapes, { visionHeads: 3 }),
    Error,
    "visionHeads is 3, which does not divide the width 8",
  );
  const heads = { visionHeads: 2, textHeads: 2 };
  const without = (missing: string) =>
    new Map([...shapes].filter(([name]) => !name.startsWith(missing)));
  assertThrows(
    () => clipTowersOf(without("visual.proj"), heads),
    Error,
    "visual.proj is missing",
  );
  assertThrows(
    () => clipTowersOf(without("visual.transformer.resblocks.0"), heads),
    Error,
    "visual.transformer.resblocks.0.ln_1.weight is missing",
  );
  assertThrows(() => clipTowersOf(new Map()), Error, "there are no parameters");
});

Deno.test("clipVariant() and tinyClip() refuse what there is not", () => {
  assertThrows(
    () => clipVariant("B/8" as ClipVariant),
    Error,
    "it is one of B/32, B/16, L/14",
  );
  const sizes = { imageSize: 28, patchSize: 4, vocabularySize: 9, contextLength: 5 };
  assertThrows(() => tinyClip({ ...sizes, patchSize: 5 }), Error, "28×28 cannot be cut");
  assertThrows(
    () => tinyClip({ ...sizes, width: 48 }),
    Error,
    "cannot be divided among 1.5 heads",
  );
});
