import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { disposeTree, type Tensor, tf } from "../../lib/engine/mod.ts";
import { linear } from "../../lib/nn/linear.ts";
import { describeParameters } from "../../lib/nn/scope.ts";
import { openRun, readRunFolder } from "../../lib/runs/mod.ts";
import { gradientJob, parametersOf } from "../../lib/trainers/gradient_job.ts";
import { Interrupted } from "../../lib/trainers/interrupt.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import {
  NonFiniteLoss,
  train,
  type TrainingJob,
} from "../../lib/trainers/training_loop.ts";
import { assertOneSentence, inTemporaryFolder } from "../data/support.ts";
import { toyRun } from "./toy.ts";

type Line = { x: Tensor; y: Tensor };

/** Fits y = 2 x + 1; at `breakAt` an input is infinite. */
function lineJob({ steps = 60, learningRate = 0.2, breakAt = -1 } = {}): TrainingJob<
  Line
> {
  return gradientJob<Line>({
    phase: "line",
    seed: 0,
    specifications: describeParameters((scope, input) =>
      linear(scope, input({ shape: [2, 1] }), 1)
    ),
    optimization: { learningRate, steps, batchSize: 2, groups: new Map() },
    batch: (step) => ({
      x: tf.tensor2d([[0], [1]]),
      y: tf.tensor2d([[1], [step === breakAt ? Infinity : 3]]),
    }),
    loss: (scope, { x, y }) => linear(scope, x, 1).sub(y).square().mean(),
  });
}

Deno.test("train() fits a line without a run folder, and leaks no tensor", async () => {
  const before = tf.memory().numTensors;
  const state = await train(lineJob({ steps: 300 }), { progress: noProgress });
  const { weight, bias } = parametersOf(state);
  assert(Math.abs(weight!.dataSync()[0]! - 2) < 0.05);
  assert(Math.abs(bias!.dataSync()[0]! - 1) < 0.05);
  disposeTree(state);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("train() gives no step a learning rate of 0", () => {
  const job = lineJob({ steps: 5 });
  const rates = Array.from({ length: 5 }, (_, step) => job.learningRate(step));
  assert(rates.every((rate) => rate > 0), `${rates}`);
  assert(rates[4]! < rates[0]!);
});

Deno.test("train() stops at a loss that is not finite, and keeps the last checkpoint", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    const surroundings = { run, progress: noProgress, secondsBetweenCheckpoints: 0 };
    const { message } = await assertRejects(
      () => train(lineJob({ breakAt: 7 }), surroundings),
      NonFiniteLoss,
    );
    assertStringIncludes(message, "The loss of line became Infinity at step 8");
    assertStringIncludes(message, "lower the learning rate (it was 1.9");
    const state = await train(lineJob(), surroundings);
    disposeTree(state);
    const { metrics } = await readRunFolder(folder);
    assertEquals(
      metrics.map(({ step }) => step),
      [...Array(60).keys()].map((n) => n + 1),
    );
  });
});

Deno.test("train() never saves numbers that are not finite", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    const job = lineJob({ steps: 1 });
    const surroundings = { run, progress: noProgress };
    // The loss of a step says nothing of the parameters after it.
    const spoil = (state: Parameters<typeof job.step>[0]) => ({
      ...state,
      parameters: { ...parametersOf(state), bias: tf.tensor1d([NaN]) },
    });
    const broken: typeof job = {
      ...job,
      step(...inputs) {
        const { loss, state } = job.step(...inputs);
        return { loss, state: spoil(state) };
      },
    };
    await assertRejects(
      () => train(broken, surroundings),
      NonFiniteLoss,
      "After step 1 of line parameters/bias holds NaN: lower the learning rate",
    );
    await assertRejects(
      () => Deno.stat(run.checkpointPath("line", 0)),
      Deno.errors.NotFound,
    );
  });
});

Deno.test("train() stops before the next step when asked, by throwing or returning", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    const interruption = { requested: false };
    const afterStep = (step: number): void => {
      if (step === 3) interruption.requested = true;
    };
    const surroundings = { run, interruption, afterStep, progress: noProgress };
    await assertRejects(
      () => train(lineJob(), surroundings),
      Interrupted,
      "line stopped after step 3 of 60",
    );
    const state = await train(lineJob(), { ...surroundings, whenInterrupted: "return" });
    assertEquals(Object.keys(state), ["parameters", "optimizer"]);
    disposeTree(state);
    assertEquals((await readRunFolder(folder)).metrics.length, 3);
  });
});

Deno.test("train() says what to do with a damaged checkpoint", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    const path = run.checkpointPath("line", 0);
    const again = () => train(lineJob(), { run, progress: noProgress });
    disposeTree(await again());
    const whole = await Deno.readFile(path);

    const changed = whole.slice();
    changed[changed.length - 3]! ^= 64;
    const damages = [whole.slice(0, -7), whole.slice(0, 40), new Uint8Array(), changed];
    for (const bytes of damages) {
      await Deno.writeFile(path, bytes);
      await assertOneSentence(again, path, "damaged", "remove it");
    }
    await Deno.writeFile(path, whole);
    await assertOneSentence(
      () => train(lineJob({ steps: 50 }), { run, progress: noProgress }),
      "is at step 60 of 50",
      "remove it",
    );
    await Deno.remove(path);
    disposeTree(await again());
  });
});

Deno.test("gradientJob() refuses parameters of another shape to start from", () => {
  const specifications = describeParameters((scope, input) =>
    linear(scope, input({ shape: [2, 1] }), 1)
  );
  const job = gradientJob<Line>({
    ...{ phase: "line", seed: 0, specifications, start: { bias: tf.zeros([2]) } },
    optimization: { learningRate: 1, steps: 1, batchSize: 2, groups: new Map() },
    batch: () => ({ x: tf.zeros([2, 1]), y: tf.zeros([2, 1]) }),
    loss: (scope, { x }) => linear(scope, x, 1).mean(),
  });
  assertThrows(() => job.initial(), Error, "bias is [2], it needs [1]");
});
