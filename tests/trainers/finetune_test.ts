import { assert, assertEquals, assertThrows } from "@std/assert";
import { vit } from "../../lib/backbones/vit.ts";
import { withoutLabels } from "../../lib/data/mod.ts";
import { disposeTree, random, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { resizePositionEmbedding } from "../../lib/nn/position_embedding.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
} from "../../lib/nn/scope.ts";
import { classifierAccuracy } from "../../lib/trainers/evaluate.ts";
import { finetuneJob, type FinetuneOptions } from "../../lib/trainers/finetune.ts";
import { averagedParametersOf, parametersOf } from "../../lib/trainers/gradient_job.ts";
import {
  evaluateProbe,
  linearProbeJob,
  probeReport,
} from "../../lib/trainers/linear_probe_job.ts";
import { extractLabelledFeatures } from "../../lib/trainers/features.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { startFrom } from "../../lib/trainers/pretrained_encoder.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import { toyImages, toyVit } from "./toy.ts";

const bank = toyImages(64);
const queries = toyImages(50, 1000);
const model = { backbone: { kind: "vit", ...toyVit }, classes: 4 } as const;
const optimization = {
  ...{ steps: 300, batchSize: 16, learningRate: 3e-3, warmupSteps: 25 },
  ...{ weightDecay: 0.05, layerDecay: 0.9 },
};

/** A ViT and a head, drawn. */
function drawnVit(imageSize = 8): Parameters {
  const configuration = { ...toyVit, imageSize };
  const specifications = describeParameters((scope, input) => {
    vit(scope, input({ shape: [1, imageSize, imageSize, 1] }), configuration);
    scope.at("head").parameter("weight", [16, 4], { initial: () => tf.ones([16, 4]) });
  });
  return initializeParameters(specifications, randomKey(5));
}

Deno.test("finetuneJob() learns with mixup, cutmix, drop path and an average that is evaluated", async () => {
  const backbone = { ...model.backbone, dropPathRate: 0.1 };
  const choices: Pick<FinetuneOptions, "loss" | "mixing" | "change">[] = [
    {
      mixing: { mixupAlpha: 0.8, cutmixAlpha: 1 },
      change: (key, images) => images.add(random.normal(key, images.shape).mul(0.05)),
    },
    { loss: { kind: "binary-cross-entropy", reduction: "sum-classes" } },
  ];
  for (const choice of choices) {
    const job = finetuneJob({
      ...{ phase: "finetune", seed: 0, model: { ...model, backbone }, dataset: bank },
      ...choice,
      optimization: { ...optimization, ema: { momentum: 0.95 } },
    });
    const state = await train(job, { progress: noProgress });
    const averaged = averagedParametersOf(state);
    const differ = Object.entries(parametersOf(state)).some(([name, value]) =>
      value.dataSync()[0] !== averaged[name]!.dataSync()[0]
    );
    assert(differ, "the average is the last state");
    const accuracy = await classifierAccuracy(averaged, model, queries, {
      phase: "test",
    });
    assert(accuracy >= 90, `${JSON.stringify(choice)}: ${accuracy} %`);
    disposeTree(state);
  }
});

Deno.test("finetuneJob() resizes position embeddings and draws a new head", () => {
  const pretrained = drawnVit(16);
  const job = finetuneJob({
    ...{ phase: "finetune", seed: 0, model, pretrained, dataset: bank, optimization },
  });
  const state = parametersOf(job.initial());
  const wanted = resizePositionEmbedding(
    pretrained.pos_embed!,
    {
      ...{ grid: [8, 8], newGrid: [4, 4] },
    } as const,
  );
  assertEquals(state.pos_embed!.dataSync(), wanted.dataSync());
  const name = "blocks.1.mlp.fc1.weight";
  assertEquals(state[name]!.dataSync(), pretrained[name]!.dataSync());
  assert(Math.max(...state["head.weight"]!.dataSync()) < 0.1, "the head was taken over");
});

Deno.test("startFrom() finds an encoder below backbone, and says what cannot be", () => {
  const drawn = drawnVit();
  const below = Object.fromEntries(
    Object.entries(drawn).map(([name, value]) => [`backbone.${name}`, value]),
  );
  const specifications = new Map(
    Object.entries(drawn).map(([name, { shape }]) => [
      name,
      {
        shape,
        layout: "plain",
        initial: () => tf.zeros(shape),
        trainable: true,
      } as const,
    ]),
  );
  const taken = startFrom(below, specifications, "test");
  assert(taken["cls_token"] === drawn.cls_token);
  assertThrows(
    () => startFrom({ other: drawn.cls_token! }, specifications, "test"),
    Error,
    'test finds none of its parameters among the pretrained ones, such as "other"',
  );
  const odd = { ...drawn, pos_embed: tf.zeros([1, 12, 16]) };
  assertThrows(() => startFrom(odd, specifications, "test"), Error, "cannot be resized");
  const wide = { ...drawn, pos_embed: tf.zeros([1, 17, 8]) };
  assertThrows(() => startFrom(wide, specifications, "test"), Error, "the same width");
});

Deno.test("finetuneJob() refuses images without labels", () => {
  const dataset = withoutLabels(bank) as typeof bank;
  assertThrows(
    () => finetuneJob({ phase: "finetune", seed: 0, model, dataset, optimization }),
    Error,
    "finetune needs labels",
  );
});

Deno.test("linearProbeJob() learns on features and through the frozen encoder alike", async () => {
  const encode = (images: Tensor): Tensor => images.reshape([images.shape[0]!, -1]);
  const features = await extractLabelledFeatures(bank, encode, { phase: "bank" });
  // LARS changes weights by a thousandth of their norm, times this.
  const settings = { steps: 100, batchSize: 16, learningRate: 30 };
  const reports = [];
  for (const data of [{ features }, { encode, dataset: bank }]) {
    const job = linearProbeJob({
      ...{ phase: "probe", seed: 0, classes: 4, data, optimization: settings },
    });
    const state = await train(job, { progress: noProgress });
    const parameters = parametersOf(state);
    assertEquals(Object.keys(parameters), [
      ...["head.0.running_mean", "head.0.running_var", "head.0.num_batches_tracked"],
      ...["head.1.weight", "head.1.bias"],
    ]);
    const cached = await extractLabelledFeatures(queries, encode, { phase: "queries" });
    const report = probeReport(parameters, cached, 4);
    const through = await evaluateProbe(parameters, encode, queries, {
      ...{ phase: "probe test", classes: 4, batchSize: 16 },
    });
    assertEquals(through.top1, report.top1);
    assert(report.top1 > 95, `${report.top1} %`);
    reports.push(report.top1);
    disposeTree(state);
  }
  // The same images in the same order, so that only rounding differs.
  assert(Math.abs(reports[0]! - reports[1]!) <= 2, `${reports}`);
});
