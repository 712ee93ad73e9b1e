import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { disposeTree, randomKey, tf } from "../../lib/engine/mod.ts";
import { blockMask } from "../../lib/maskers/mod.ts";
import { type ClassifierBackbone, classify, simmim } from "../../lib/methods/mod.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
  scope,
} from "../../lib/nn/scope.ts";
import { classifierAccuracy } from "../../lib/trainers/evaluate.ts";
import { finetuneJob } from "../../lib/trainers/finetune.ts";
import { parametersOf } from "../../lib/trainers/gradient_job.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import { toyImages } from "../trainers/toy.ts";
import { imageSize, tinyBackbones } from "./map_backbones.ts";

const backbones: Record<string, ClassifierBackbone> = {
  ...tinyBackbones,
  mixmim: {
    ...{ kind: "mixmim", imageSize, width: 8, depths: [1, 1], heads: [1, 2] },
    windows: [4, 4],
  },
};

for (const [name, backbone] of Object.entries(backbones)) {
  Deno.test(`classify() makes a feature and logits of each image: ${name}`, () => {
    tf.tidy(() => {
      const model = { backbone, classes: 5 };
      const specifications = describeParameters((scope, input) =>
        classify(scope, input({ shape: [1, imageSize, imageSize, 3] }), model)
      );
      const parameters = initializeParameters(specifications, randomKey(0));
      const images = tf.randomNormal([3, imageSize, imageSize, 3], 0, 1, "float32", 1);
      const { feature, logits } = classify(scope(parameters), images, model);
      assertEquals([feature.shape.length, feature.shape[0], logits.shape], [2, 3, [
        3,
        5,
      ]]);
      assertGreater(logits.sub(logits.mean(0)).abs().max().dataSync()[0]!, 0);
    });
  });
}

const toyConvNet = {
  kind: "resnet",
  ...{ depths: [1], stemChannels: 8, baseChannels: 4, zeroInitialResidual: false },
} as const;

function optimizationOf(layerDecay: number) {
  return {
    ...{ steps: 150, batchSize: 16, learningRate: 5e-3, warmupSteps: 15 },
    ...{ weightDecay: 0.05, layerDecay },
  };
}

Deno.test("finetuneJob() trains a ResNet, whose running statistics serve the test", async () => {
  const model = { backbone: toyConvNet, classes: 4 };
  const [dataset, queries] = [toyImages(64), toyImages(50, 1000)];
  const optimization = optimizationOf(1);
  const job = finetuneJob({ phase: "resnet", seed: 0, model, dataset, optimization });
  const state = await train(job, { progress: noProgress });
  const parameters = parametersOf(state);
  const counted = parameters["backbone.bn1.num_batches_tracked"]!;
  assertEquals([...counted.dataSync()], [optimization.steps]);
  const accuracy = await classifierAccuracy(parameters, model, queries, {
    phase: "test",
  });
  assert(accuracy >= 90, `${accuracy} %`);
  disposeTree(state);
});

Deno.test("finetuneJob() takes over an encoder that SimMIM holds below `backbone`", () => {
  const backbone = tinyBackbones.vit;
  const { imageSize } = backbone;
  const mask = { batch: 1, rows: 4, columns: 4, cell: 2, maskRatio: 0.5 };
  const specifications = describeParameters((scope, input) => {
    const images = input({ shape: [1, imageSize, imageSize, 3] });
    simmim(scope, images, blockMask(randomKey(0), mask), { backbone });
  });
  const pretrained = initializeParameters(specifications, randomKey(3));
  const toy = toyImages(4);
  const dataset = {
    ...toy,
    ...{ height: imageSize, width: imageSize, channels: 3 as const },
    ...{
      images: new Uint8Array(4 * imageSize ** 2 * 3),
      mean: [0, 0, 0],
      std: [1, 1, 1],
    },
  };
  const job = (pretrained: Parameters) =>
    finetuneJob({
      ...{ phase: "finetune", seed: 0, dataset, pretrained },
      ...{ model: { backbone, classes: 4 }, optimization: optimizationOf(0.9) },
    });
  const initial = job(pretrained).initial();
  const name = "blocks.1.attn.qkv.weight";
  assertEquals(
    parametersOf(initial)[name]!.dataSync(),
    pretrained[`backbone.${name}`]!.dataSync(),
  );
  disposeTree(initial);
  assertThrows(
    () => job({ "stages.0.weight": tf.zeros([1]) }),
    Error,
    '"stages.0.weight": are they of this backbone?',
  );
  disposeTree(pretrained);
});
