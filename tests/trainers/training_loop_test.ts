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
    assertStringIncludes(message, '"y" of the data, with Infinity: look at the data');
    const state = await train(lineJob(), surroundings);
    disposeTree(state);
    const { metrics } = await readRunFolder(folder);
    assertEquals(
      metrics.map(({ step }) => step),
      [...Array(60).keys()].map((n) => n + 1),
    );
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
      "After step 1 of line parameters/bias holds NaN: lower the learning rate",
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

Deno.test("train() says what to do with a damaged checkpoint", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    const path = checkpointFolder(run.checkpointFolder("line", 0)).path(60);
    const again = () => train(lineJob(), { run, progress: noProgress });
    disposeTree(await again());
    const whole = await Deno.readFile(path);

    const changed = whole.slice();
    changed[changed.length - 3]! ^= 64;
    const damages = [whole.slice(0, -7), whole.slice(0, 40), new Uint8Array(), changed];
    for (const bytes of damages) {
      await Deno.writeFile(path, bytes);
      await assertOneSentence(again, path, "damaged", "remove");
    }
    await Deno.writeFile(path, whole);
    await assertOneSentence(
      () => train(lineJob({ steps: 50 }), { run, progress: noProgress }),
      "is at step 60 of 50",
      "remove",
    );
    await Deno.remove(path);
    disposeTree(await again());
  });
});

Deno.test("train() goes on from the checkpoint before a damaged one, and says so", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    const said: string[] = [];
    const surroundings = {
      ...{ run, progress: noProgress, secondsBetweenCheckpoints: 0 },
      checkpoints: { keep: 3, say: (sentence: string) => said.push(sentence) },
    };
    const stopped = async (at: number) => {
      const interruption = { requested: false };
      const afterStep = (step: number) => {
        interruption.requested = step === at;
      };
      const options = { ...surroundings, interruption, afterStep };
      disposeTree(await train(lineJob(), { ...options, whenInterrupted: "return" }));
    };
    await stopped(20);
    await stopped(25);
    const checkpoints = checkpointFolder(run.checkpointFolder("line", 0));
    const steps = await checkpoints.steps();
    assertEquals(steps.length, 3);
    assertEquals(steps.at(-1), 25);
    const before = steps.at(-2)!;
    await Deno.truncate(checkpoints.path(25), 100);
    disposeTree(await train(lineJob(), surroundings));
    assertEquals(said.length, 1);
    assertStringIncludes(said[0]!, `is damaged`);
    assertStringIncludes(said[0]!, `going on from step ${before}`);
    const { metrics } = await readRunFolder(folder);
    assertEquals(
      metrics.map(({ step }) => step),
      [...Array(60).keys()].map((n) => n + 1),
    );
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
