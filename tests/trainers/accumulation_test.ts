import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { disposeTree, flatten, type Tensor, tf } from "../../lib/engine/mod.ts";
import { batchNorm } from "../../lib/nn/batch_norm.ts";
import { linear } from "../../lib/nn/linear.ts";
import { describeParameters, type Scope } from "../../lib/nn/scope.ts";
import { finetuneJob } from "../../lib/trainers/finetune.ts";
import { gradientJob, parametersOf } from "../../lib/trainers/gradient_job.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { partSizes } from "../../lib/trainers/training_job.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import { inTemporaryFolder } from "../data/support.ts";
import { openRun, readRunFolder } from "../../lib/runs/mod.ts";
import { toyImages, toyRun, toyVit } from "./toy.ts";

const model = { backbone: { kind: "vit", ...toyVit }, classes: 4 } as const;

function finetune(microBatchSize: number | undefined, precision?: "bfloat16") {
  return finetuneJob({
    ...{ phase: "finetune", seed: 0, model, dataset: toyImages() },
    ...(precision === undefined ? {} : { precision }),
    optimization: {
      ...{ steps: 2, batchSize: 16, learningRate: 0.1, layerDecay: 1, weightDecay: 0.05 },
      // Of an adaptive optimiser a rounding error may be the whole direction.
      optimizer: { kind: "sgd", momentum: 0.9 },
      ...(microBatchSize === undefined ? {} : { microBatchSize }),
    },
  });
}

Deno.test("a batch in parts, the last of them smaller, trains as the whole batch", async () => {
  const before = tf.memory().numTensors;
  const whole = await train(finetune(undefined), { progress: noProgress });
  const parts = await train(finetune(6), { progress: noProgress });
  const initial = finetune(undefined).initial();
  const [a, b, c] = [whole, parts, initial].map((state) => flatten(state.parameters));
  let moved = 0;
  a!.tensors.forEach((tensor, index) => {
    const [one, other] = [tensor.dataSync(), b!.tensors[index]!.dataSync()];
    const start = c!.tensors[index]!.dataSync();
    one.forEach((value, at) => {
      assertAlmostEquals(value, other[at]!, 1e-6);
      moved = Math.max(moved, Math.abs(value - start[at]!));
    });
  });
  assert(moved > 1e-3, `nothing moved by more than ${moved}`);
  disposeTree([whole, parts, initial]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a job in parts logs the mean of its metrics, and moves running statistics by parts", async () => {
  const scoped = (scope: Scope, x: Tensor) =>
    linear(scope.at("head"), batchNorm(scope.at("norm"), x), 1);
  const job = gradientJob<{ x: Tensor }>({
    ...{ phase: "parts", seed: 0 },
    specifications: describeParameters((scope, input) =>
      scoped(scope, input({ shape: [3, 1] }))
    ),
    optimization: {
      ...{ learningRate: 0, steps: 1, batchSize: 5, microBatchSize: 3 },
      groups: new Map(),
    },
    batch: (_, part) =>
      Promise.resolve({
        x: part === 0 ? tf.tensor2d([[1], [2], [3]]) : tf.tensor2d([[10], [20]]),
      }),
    loss: (scope, { x }) => ({
      loss: scoped(scope, x).square().mean(),
      metrics: { mean: x.mean() },
    }),
  });
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    const state = await train(job, { run, progress: noProgress });
    const [metric] = (await readRunFolder(folder)).metrics;
    assertAlmostEquals((metric as unknown as { mean: number }).mean, 36 / 5, 1e-5);
    assertEquals((metric as unknown as { dataWait: number }).dataWait >= 0, true);
    const { "norm.running_mean": mean, "norm.num_batches_tracked": count } = parametersOf(
      state,
    );
    assertAlmostEquals(mean!.dataSync()[0]!, 0.9 * 0.2 + 0.1 * 15, 1e-5);
    assertEquals(count!.dataSync()[0], 2);
    disposeTree(state);
  });
});

Deno.test("a job in bfloat16 differs from float32 by rounding", async () => {
  const exact = await train(finetune(undefined), { progress: noProgress });
  const rounded = await train(finetune(undefined, "bfloat16"), { progress: noProgress });
  const name = "blocks.0.attn.qkv.weight";
  const [a, b] = [exact, rounded].map((state) => parametersOf(state)[name]!.dataSync());
  const error = Math.max(...a!.map((value, index) => Math.abs(value - b![index]!)));
  assert(error > 0 && error < 5e-3, `${error}`);
  disposeTree([exact, rounded]);
});

Deno.test("partSizes() has what remains in the last part, and refuses none", () => {
  assertEquals(partSizes({ batchSize: 10, microBatchSize: 4 }), [4, 4, 2]);
  assertEquals(partSizes({ batchSize: 10 }), [10]);
  assertThrows(() => partSizes({ batchSize: 10, microBatchSize: 0 }), Error, "one image");
});
