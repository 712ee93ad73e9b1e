import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { disposeTree, type Tensor, tf } from "../../lib/engine/mod.ts";
import { openRun, readRunFolder } from "../../lib/runs/mod.ts";
import { parametersOf } from "../../lib/trainers/gradient_job.ts";
import { checkpointFolder } from "../../lib/trainers/checkpoint_folder.ts";
import { Interrupted } from "../../lib/trainers/interrupt.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import { assertOneSentence, inTemporaryFolder } from "../data/support.ts";
import { lineJob } from "./line_job.ts";
import { toyRun } from "./toy.ts";

/** Losses and evaluations of a run, without times. */
async function loggedIn(folder: string) {
  return (await readRunFolder(folder)).metrics
    .map(({ step, loss, ...others }) => [step, loss, others["score" as never]]);
}

Deno.test("train() begins with an evaluation that was broken off, by a request or an error", async () => {
  await inTemporaryFolder(async (folder) => {
    const evaluation = {
      everySteps: 2,
      measure: (_state: unknown, step: number) => Promise.resolve({ score: -step }),
      best: { metric: "score", better: "lower" },
    } as const;
    const whole = await openRun(`${folder}/whole`, toyRun());
    const job = lineJob({ steps: 6 });
    const surroundings = { progress: noProgress, evaluation };
    const end = await train(job, { ...surroundings, run: whole });

    const run = await openRun(`${folder}/broken`, toyRun());
    const brokenOff = (at: number, error: Error) => ({
      ...{ ...surroundings, run },
      evaluation: {
        ...evaluation,
        measure: (state: unknown, step: number) =>
          step === at ? Promise.reject(error) : evaluation.measure(state, step),
      },
    });
    const asked = new Interrupted("the evaluation stopped");
    await assertRejects(
      () => train(job, brokenOff(4, asked)),
      Interrupted,
      "line stopped after step 4 of 6",
    );
    assertEquals((await loggedIn(run.folder)).length, 3);
    const unread = new Error("a picture cannot be read");
    await assertRejects(() => train(job, brokenOff(4, unread)), Error, "a picture");
    await assertRejects(() => train(job, brokenOff(6, unread)), Error, "a picture");
    const state = await train(job, { ...surroundings, run });
    assertEquals(await loggedIn(run.folder), await loggedIn(whole.folder));
    assertEquals(
      parametersOf(state).weight!.dataSync(),
      parametersOf(end).weight!.dataSync(),
    );
    const best = (of: typeof run) =>
      checkpointFolder(of.checkpointFolder("line", 0)).best();
    assertEquals(await best(run), await best(whole));
    disposeTree([end, state]);
    // All is done: nothing is evaluated again.
    disposeTree(await train(job, brokenOff(6, unread)));
  });
});

Deno.test("train() does not go on from a checkpoint of another network", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    const checkpoints = checkpointFolder(run.checkpointFolder("line", 0));
    const cases: [Record<string, Tensor>, string][] = [
      [{ weight: tf.zeros([1, 1]) }, "has no parameters/bias"],
      [
        { weight: tf.zeros([2, 1]), bias: tf.zeros([1]) },
        "has parameters/weight as float32 [2,1], not float32 [1,1]",
      ],
    ];
    for (const [parameters, says] of cases) {
      await checkpoints.save(1, { parameters }, { batchSize: "2" });
      await assertOneSentence(
        () => train(lineJob(), { run, progress: noProgress }),
        ...[says, "remove"],
      );
    }
    assertEquals(await checkpoints.steps(), [1]);
  });
});

Deno.test("train() says when it starts again for want of a checkpoint", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    for (const step of [1, 2]) await run.log({ phase: "line", seed: 0, step, loss: 1 });
    const said: string[] = [];
    const checkpoints = { say: (sentence: string) => void said.push(sentence) };
    const job = lineJob({ steps: 1 });
    disposeTree(await train(job, { run, checkpoints, progress: noProgress }));
    disposeTree(await train(job, { run, checkpoints, progress: noProgress }));
    assertEquals(said, [
      "There is no checkpoint of the 2 steps of line that were logged: it starts again at " +
      "its first step",
    ]);
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
    const checkpoints = { say: () => {} };
    disposeTree(await train(lineJob(), { run, progress: noProgress, checkpoints }));
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
