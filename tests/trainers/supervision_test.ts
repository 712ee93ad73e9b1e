import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { disposeTree, random, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { mixedTargets, softTargets } from "../../lib/losses/cross_entropy.ts";
import { normalizeImages } from "../../lib/nn/normalize_images.ts";
import { finetuneJob } from "../../lib/trainers/finetune.ts";
import { parametersOf } from "../../lib/trainers/gradient_job.ts";
import {
  evaluateProbe,
  linearProbeJob,
  probeReport,
} from "../../lib/trainers/linear_probe_job.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { eraseImages } from "../../lib/trainers/random_erasing.ts";
import { mixRandomly } from "../../lib/trainers/random_mixing.ts";
import { extractLabelledFeatures } from "../../lib/trainers/features.ts";
import {
  classificationLoss,
  supervisedImages,
  type Supervision,
} from "../../lib/trainers/supervision.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import { classify } from "../../lib/methods/classification.ts";
import { scope } from "../../lib/nn/scope.ts";
import { toyImages, toyVit } from "./toy.ts";

const bank = toyImages(64);
const classes = 4;

/** All that a recipe can say. */
const everything: Supervision = {
  change: (key, images) =>
    eraseImages(key, images, { probability: 1, minimumArea: 0.1, maximumArea: 0.2 }),
  mixing: {
    ...{ mixupAlpha: 0.8, cutmixAlpha: 1, partners: "permutation" },
    cutmixPartners: "derangement",
  },
  labelSmoothing: 0.2,
  loss: { kind: "binary-cross-entropy", reduction: "sum-classes" },
};

const flat = (images: Tensor): Tensor => images.reshape([images.shape[0]!, -1]);

Deno.test("supervisedImages() changes, then mixes, then smooths; and nothing that is not wanted", () => {
  const labels = tf.tensor1d([0, 1, 2, 3], "int32");
  const images = random.normal(randomKey(1), [4, 8, 8, 1]);
  const key = randomKey(2);
  const plain = supervisedImages({ images, labels }, key, classes, {});
  assert(plain.images === images);
  assertEquals(plain.targets.dataSync(), softTargets(labels, classes).dataSync());
  const shown = supervisedImages({ images, labels }, key, classes, {
    ...everything,
    change: (_, images) => images.mul(2),
  });
  const mixed = mixRandomly(key, { images: images.mul(2), labels }, everything.mixing!);
  assertEquals(shown.images.dataSync(), mixed.images.dataSync());
  assertEquals(shown.targets.dataSync(), mixedTargets(mixed, classes, 0.2).dataSync());
  assertNotEquals(shown.images.dataSync(), images.mul(2).dataSync());
});

Deno.test("linearProbeJob() and finetuneJob() minimise the same loss of the same mixed images", async () => {
  const optimization = { steps: 1, batchSize: 8, learningRate: 0.1 };
  const shared = { seed: 0, headDeviation: 0.5, ...everything };
  const backbone = { kind: "vit", ...toyVit } as const;
  const probe = linearProbeJob({
    ...{ ...shared, phase: "probe", classes, normalizeFeatures: false, optimization },
    data: { encode: flat, dataset: bank },
  });
  const tuned = finetuneJob({
    ...{ ...shared, phase: "finetune", dataset: bank, model: { backbone, classes } },
    optimization: { ...optimization, weightDecay: 0, layerDecay: 1 },
  });
  const [step, key] = [tf.scalar(1), randomKey(3)];
  const lossOf = (
    logitsOf: (images: Tensor) => Tensor,
    images: Tensor,
    labels: Tensor,
  ) => {
    const batch = { images: normalizeImages(images, bank), labels };
    const shown = supervisedImages(batch, key, classes, everything);
    return classificationLoss(logitsOf(shown.images), shown.targets, everything.loss);
  };
  const state = probe.initial();
  const batch = await probe.batch(0);
  const { "head.1.weight": weight } = parametersOf(state);
  assertAlmostEquals(
    probe.halves!.differentiate(state, batch, { step, key }).loss.dataSync()[0]!,
    lossOf((x) => flat(x).matMul(weight!), batch.inputs, batch.labels).dataSync()[0]!,
    1e-5,
  );
  const full = tuned.initial();
  const { images, labels } = await tuned.batch(0);
  const model = (x: Tensor) =>
    classify(scope(parametersOf(full), key), x, { backbone, classes }).logits;
  assertAlmostEquals(
    tuned.halves!.differentiate(full, { images, labels }, { step, key }).loss
      .dataSync()[0]!,
    lossOf(model, images, labels).dataSync()[0]!,
    1e-5,
  );
});

Deno.test("linearProbeJob() without a norm learns from mixed images, and is evaluated so", async () => {
  const before = tf.memory().numTensors;
  const job = linearProbeJob({
    ...{ phase: "probe", seed: 0, classes, normalizeFeatures: false },
    ...{ mixing: { mixupAlpha: 0.8, cutmixAlpha: 0 }, loss: everything.loss! },
    data: { encode: flat, dataset: bank },
    optimization: {
      ...{ steps: 150, batchSize: 16, learningRate: 0.02 },
      optimizer: { kind: "sgd", momentum: 0.9 },
    },
  });
  const state = await train(job, { progress: noProgress });
  const parameters = parametersOf(state);
  assertEquals(Object.keys(parameters), ["head.1.weight", "head.1.bias"]);
  const queries = toyImages(50, 1000);
  const { top1 } = await evaluateProbe(parameters, flat, queries, {
    ...{ phase: "test", classes, batchSize: 16 },
  });
  assert(top1 > 90, `${top1} %`);
  const cached = await extractLabelledFeatures(queries, flat, { phase: "queries" });
  assertEquals(probeReport(parameters, cached, classes).top1, top1);
  disposeTree(state);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("linearProbeJob() refuses to mix or change what is features already", () => {
  const values = Float32Array.of(1, 2, -1, -2);
  const features = { values, length: 4, width: 1 };
  const job = (more: Supervision) => () =>
    linearProbeJob({
      ...{ phase: "probe", seed: 0, classes: 2, ...more },
      data: { features: { features, labels: Int32Array.of(0, 0, 1, 1) } },
      optimization: { steps: 1, batchSize: 4, learningRate: 0.5 },
    });
  const { mixing, change } = everything;
  assertThrows(
    job({ mixing: mixing! }),
    Error,
    "probe cannot mix images that are features",
  );
  assertThrows(job({ change: change! }), Error, "probe cannot change images");
});
