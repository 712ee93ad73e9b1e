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
import { explainWriting, openRun, readRunFolder } from "../../lib/runs/mod.ts";
import { gradientJob, parametersOf } from "../../lib/trainers/gradient_job.ts";
import { saveCheckpoint } from "../../lib/trainers/checkpoint.ts";
import { checkpointFolder } from "../../lib/trainers/checkpoint_folder.ts";
import { Interrupted } from "../../lib/trainers/interrupt.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { NonFiniteLoss, train } from "../../lib/trainers/training_loop.ts";
import { assertOneSentence, inTemporaryFolder } from "../data/support.ts";
import { type Line, lineJob } from "./line_job.ts";
import { toyRun } from "./toy.ts";

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
    assertStringIncludes(message, '"y" of the data, with Infinity: look at the data');
    const checkpoints = checkpointFolder(run.checkpointFolder("line", 0));
    const kept = (await checkpoints.steps()).at(-1);
    assertStringIncludes(message, `the checkpoint after step ${kept} is kept`);
    const state = await train(lineJob(), surroundings);
    disposeTree(state);
    const { metrics } = await readRunFolder(folder);
    assertEquals(
      metrics.map(({ step }) => step),
      [...Array(60).keys()].map((n) => n + 1),
    );
  });
});

Deno.test("train() does not keep the checkpoint from which the loss diverges", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    const surroundings = { run, progress: noProgress, secondsBetweenCheckpoints: 0 };
    // The parameters after the first step are finite, and no loss of them can be.
    const message =
      "The loss of line became Infinity at step 2; the first tensor that is " +
      "not finite is the result of Square";
    await assertOneSentence(
      () => train(lineJob({ learningRate: 1e30 }), surroundings),
      ...[message, "lower the learning rate", "there is no checkpoint before that"],
    );
    const path = run.checkpointFolder("line", 0);
    const names = [...Deno.readDirSync(path)].map(({ name }) => name);
    assertEquals(names, ["step-00000001.safetensors.diverged"]);
    const checkpoints = { say: () => {} };
    const state = await train(lineJob({ steps: 3 }), { ...surroundings, checkpoints });
    disposeTree(state);
  });
});

Deno.test("train() names what was the first not to be finite", async () => {
  const job = (loss: (y: Tensor) => Tensor, start: Record<string, Tensor>) =>
    gradientJob<Line>({
      ...{ phase: "line", seed: 0, start },
      specifications: describeParameters((scope, input) =>
        linear(scope.at("body").at(0), input({ shape: [2, 1] }), 1)
      ),
      optimization: { learningRate: 1, steps: 9, batchSize: 2, groups: new Map() },
      batch: () => ({ x: tf.tensor2d([[0], [1]]), y: tf.tensor2d([[1], [3]]) }),
      loss: (scope, { x }) => loss(linear(scope.at("body").at(0), x, 1)).mean(),
    });
  const says = async (
    loss: (y: Tensor) => Tensor,
    start: Record<string, Tensor>,
    ...parts: string[]
  ) => {
    const attempt = () => train(job(loss, start), { progress: noProgress });
    const { message } = await assertRejects(attempt, NonFiniteLoss);
    for (const part of parts) assertStringIncludes(message, part);
  };
  const before = tf.memory().numTensors;
  const large = { "body.0.weight": tf.fill([1, 1], 500) };
  await says(
    (y) => tf.exp(y),
    large,
    'is the result of Exp after "body.0.bias", with Infinity: lower the learning rate',
  );
  const broken = { "body.0.bias": tf.fill([1], NaN) };
  await says((y) => y, broken, 'is "parameters/body.0.bias" before the step, with NaN');
  disposeTree([large, broken]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("train() saves what it has when data cannot be read, and says what the data said", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    const job = lineJob();
    let closed = 0;
    const failing: typeof job = {
      ...job,
      batch: (step) => {
        if (step === 4) throw new Error("the archive is gone");
        return job.batch(step);
      },
      close: () => Promise.resolve(void closed++),
    };
    const before = tf.memory().numTensors;
    const attempt = () => train(failing, { run, progress: noProgress });
    await assertRejects(attempt, Error, "the archive is gone");
    const checkpoints = checkpointFolder(run.checkpointFolder("line", 0));
    assertEquals(await checkpoints.steps(), [4]);
    assertEquals([closed, tf.memory().numTensors], [1, before]);
  });
});

Deno.test("train() ends with one sentence on a full disk, and older checkpoints stay", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    let written = 0;
    const write: typeof saveCheckpoint = (path, tree, facts) => {
      if (++written <= 2) return saveCheckpoint(path, tree, facts);
      return Promise.reject(explainWriting(new Error("No space left on device"), path));
    };
    const surroundings = { run, progress: noProgress, secondsBetweenCheckpoints: 0 };
    await assertOneSentence(
      () => train(lineJob(), { ...surroundings, checkpoints: { write } }),
      "the disk is full",
    );
    const checkpoints = checkpointFolder(run.checkpointFolder("line", 0));
    assertEquals((await checkpoints.steps()).length, 2);
    const state = await train(lineJob(), surroundings);
    const whole = await train(lineJob(), { progress: noProgress });
    assertEquals(
      parametersOf(state).weight!.dataSync(),
      parametersOf(whole).weight!.dataSync(),
    );
    disposeTree([state, whole]);
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
      "After step 1 of line parameters/bias holds NaN: lower the learning rate (it was " +
        "1.00e-1); there is no checkpoint before that",
    );
    const files = await Array.fromAsync(Deno.readDir(run.checkpointFolder("line", 0)));
    assertEquals(files, []);
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

Deno.test("train() stops when asked though its data never come, and saves", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    const controller = new AbortController();
    const interruption = {
      get requested() {
        return controller.signal.aborted;
      },
      abort: controller.signal,
    };
    const job = lineJob();
    const hanging: typeof job = {
      ...job,
      batch: (step) => {
        if (step < 5) return job.batch(step);
        setTimeout(() => controller.abort(), 10);
        return new Promise(() => {});
      },
    };
    const before = tf.memory().numTensors;
    await assertRejects(
      () => train(hanging, { run, interruption, progress: noProgress }),
      Interrupted,
      "line stopped after step 5 of 60",
    );
    assertEquals(tf.memory().numTensors, before);
    const checkpoints = checkpointFolder(run.checkpointFolder("line", 0));
    assertEquals(await checkpoints.steps(), [5]);
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
