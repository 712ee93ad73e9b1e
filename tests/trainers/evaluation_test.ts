import { normalizeImages } from "../../lib/nn/normalize_images.ts";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { copyImages, type LabelledDataset, withoutLabels } from "../../lib/data/mod.ts";
import { disposeTree, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { initializeParameters, scope } from "../../lib/nn/scope.ts";
import { vit } from "../../lib/backbones/vit.ts";
import { extractFeatures, type Features } from "../../lib/trainers/features.ts";
import { classifierAccuracy } from "../../lib/trainers/evaluate.ts";
import { finetuneJob } from "../../lib/trainers/finetune.ts";
import { classify } from "../../lib/methods/classification.ts";
import { parametersOf } from "../../lib/trainers/gradient_job.ts";
import { Interrupted } from "../../lib/trainers/interrupt.ts";
import { linearProbeAccuracy } from "../../lib/trainers/linear_probe.ts";
import { knnAccuracy, nearestNeighbours } from "../../lib/trainers/nearest_neighbours.ts";
import { maePretext } from "../../lib/trainers/pretext.ts";
import { describePretext, pretrainJob } from "../../lib/trainers/pretrain.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import { toyImages, toyModel, toyVit } from "./toy.ts";

function pixels({ images, length, height, width }: LabelledDataset): Features {
  return { values: Float32Array.from(images), length, width: height * width };
}

function labelled(dataset: LabelledDataset) {
  return { features: pixels(dataset), labels: dataset.labels };
}

/** The same images in another order: every seventh, round and round. */
function reordered(dataset: LabelledDataset): LabelledDataset {
  const { length } = dataset;
  const order = Array.from({ length }, (_, index) => index * 7 % length);
  const labels = Uint8Array.from(order, (index) => dataset.labels[index]!);
  return { ...dataset, images: copyImages(dataset, order), labels };
}

const bank = toyImages(64);
const queries = toyImages(50, 1000);

Deno.test("knnAccuracy() and linearProbeAccuracy() are perfect where classes are apart", async () => {
  const options = { classes: 4, seed: 0 };
  assertEquals(await knnAccuracy(labelled(bank), labelled(queries), 4), 100);
  assertEquals(
    await linearProbeAccuracy(labelled(bank), labelled(queries), options),
    100,
  );
});

Deno.test("knnAccuracy() and linearProbeAccuracy() are chance where labels mean nothing", async () => {
  const shuffled = (dataset: LabelledDataset, by: number) => {
    const labels = dataset.labels.map((_, index) =>
      (index * index + by * index) % 61 % 4
    );
    return { ...labelled(dataset), labels };
  };
  const knn = await knnAccuracy(shuffled(bank, 5), shuffled(queries, 11), 4);
  const options = { classes: 4, seed: 0 };
  const probe = await linearProbeAccuracy(
    shuffled(bank, 5),
    shuffled(queries, 11),
    options,
  );
  for (const accuracy of [knn, probe]) assert(accuracy < 55, `${accuracy} % by chance`);
});

Deno.test("linearProbeAccuracy() does not depend on the order of the images", async () => {
  // Few features of noisy images: neither perfect nor chance.
  const weak = (dataset: LabelledDataset) => {
    const { values, length, width } = pixels(dataset);
    const few = Float32Array.from(
      { length: length * 2 },
      (_, place) => values[Math.floor(place / 2) * width + (place % 2) * 5]!,
    );
    return { features: { values: few, length, width: 2 }, labels: dataset.labels };
  };
  const options = { classes: 4, seed: 0, steps: 100 };
  const one = await linearProbeAccuracy(weak(bank), weak(queries), options);
  const other = await linearProbeAccuracy(weak(reordered(bank)), weak(queries), options);
  assert(one > 30 && one < 95, `${one} % is too far from the middle to tell`);
  assertEquals(one, other);
});

Deno.test("knnAccuracy() leaves no tensor behind and refuses features of two widths", async () => {
  await knnAccuracy(labelled(bank), labelled(queries), 4);
  const before = tf.memory().numTensors;
  await knnAccuracy(labelled(bank), labelled(queries), 4);
  assertEquals(tf.memory().numTensors, before);
  const narrow = { features: { values: new Float32Array(4), length: 4, width: 1 } };
  await assertRejects(
    () => knnAccuracy(labelled(bank), { ...narrow, labels: new Uint8Array(4) }, 4),
    Error,
    "differ in width: 64 and 1",
  );
});

Deno.test("nearestNeighbours() finds the image itself first, then its class", async () => {
  const features = pixels(bank);
  const found = await nearestNeighbours(features, features, 5);
  assertEquals(found.length, 64);
  found.forEach((indices, query) => {
    assertEquals(indices[0], query);
    for (const index of indices) assertEquals(bank.labels[index], bank.labels[query]);
  });
});

Deno.test("extractFeatures() gives what a direct forward pass gives, the last image included", async () => {
  const pretext = maePretext(toyModel, { kind: "random", maskRatio: 0.75 });
  const parameters = initializeParameters(
    describePretext(pretext, bank),
    randomKey(3),
  );
  const frozen = scope(parameters);
  const encode = (images: Tensor) => vit(frozen, images, toyVit).tokens.mean(1);
  const features = await extractFeatures(queries, encode, {
    phase: "test",
    batchSize: 16,
  });
  assertEquals([features.length, features.width], [50, 16]);
  const direct = tf.tidy(() => {
    const images = tf.tensor4d(Int32Array.from(queries.images), [50, 8, 8, 1], "int32");
    return encode(normalizeImages(images, queries)).dataSync();
  });
  features.values.forEach((value, place) =>
    assertAlmostEquals(value, direct[place]!, 1e-5)
  );
  disposeTree(parameters);
});

Deno.test("extractFeatures() stops when asked, and refuses what is no feature", async () => {
  const flat = (images: Tensor) => images.reshape([images.shape[0]!, -1]);
  const options = { phase: "test", batchSize: 16 };
  await assertRejects(
    () =>
      extractFeatures(bank, flat, {
        ...options,
        interruption: { requested: true },
      }),
    Interrupted,
  );
  await assertRejects(
    () => extractFeatures(bank, (images) => images, options),
    Error,
    "Features are (B, D)",
  );
});

Deno.test("finetuneJob() learns classes that are apart, with and without pretraining", async () => {
  const model = { backbone: { kind: "vit", ...toyVit }, classes: 4 } as const;
  const specifications = describePretext(
    maePretext(toyModel, { kind: "random", maskRatio: 0.75 }),
    bank,
  );
  const pretrained = initializeParameters(specifications, randomKey(0));
  for (const start of [{}, { pretrained }]) {
    const job = finetuneJob({
      ...{ phase: "finetune", seed: 0, model, dataset: bank, ...start },
      optimization: {
        ...{ steps: 250, batchSize: 16, learningRate: 3e-3, warmupSteps: 25 },
        ...{ weightDecay: 0.05, layerDecay: 0.9 },
      },
    });
    const initial = job.initial();
    if ("pretrained" in start) {
      const name = "blocks.1.attn.qkv.weight";
      assertEquals(
        parametersOf(initial)[name]!.dataSync(),
        pretrained[name]!.dataSync(),
      );
    }
    disposeTree(initial);
    const state = await train(job, { progress: noProgress });
    const parameters = parametersOf(state);
    const accuracy = await classifierAccuracy(parameters, model, queries, {
      phase: "test",
    });
    assert(accuracy >= 96, `${accuracy} %`);
    const logits = tf.tidy(() =>
      classify(scope(parameters), tf.zeros([2, 8, 8, 1]), model).logits.shape
    );
    assertEquals(logits, [2, 4]);
    disposeTree(state);
  }
  disposeTree(pretrained);
});

Deno.test("pretrainJob() is given nothing but pixels", async () => {
  // Reading anything that tells the classes ends the test.
  const forbidden = ["labels", "classNames", "captions"];
  const watched = new Proxy(withoutLabels(bank), {
    get(dataset, name) {
      assert(!forbidden.includes(String(name)), `pretraining read ${String(name)}`);
      return Reflect.get(dataset, name) as unknown;
    },
  });
  for (const name of forbidden) assert(!(name in withoutLabels(bank)), name);
  const job = pretrainJob({
    ...{ phase: "mae", seed: 0, dataset: watched },
    pretext: maePretext(toyModel, { kind: "random", maskRatio: 0.75 }),
    optimization: { steps: 2, batchSize: 8, learningRate: 1e-3, weightDecay: 0 },
  });
  const batch = await job.batch(0);
  assertEquals(Object.keys(batch), ["images"]);
  disposeTree(batch);
  disposeTree(await train(job, { progress: noProgress }));
  // @ts-expect-error: the type that pretraining takes has no labels to read
  withoutLabels(bank).labels;
});
