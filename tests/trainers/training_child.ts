/**
 * A training run as a process of its own, to be killed or interrupted from outside.
 *
 * Arguments: method, run folder, the step at which it kills itself (0: never), milliseconds of rest
 * after each step, learning rate.
 *
 * @module
 */
import { disposeTree } from "../../lib/engine/mod.ts";
import { openRun } from "../../lib/runs/mod.ts";
import { Interrupted, whileInterruptible } from "../../lib/trainers/interrupt.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import { runTask } from "../../tasks/arguments.ts";
import { toyJob, type ToyMethod, toyRun } from "./toy.ts";

const [method, folder, killAt, rest, learningRate] = Deno.args as [
  ToyMethod,
  ...[string, string, string, string],
];

await runTask(async () => {
  const run = await openRun(folder, toyRun());
  const job = toyJob(method, { learningRate: Number(learningRate) });
  try {
    await whileInterruptible(async (interruption) => {
      const state = await train(job, {
        ...{ run, interruption, progress: noProgress, secondsBetweenCheckpoints: 0 },
        async afterStep(step) {
          console.error(`step ${step}`);
          if (step === Number(killAt)) Deno.kill(Deno.pid, "SIGKILL");
          await new Promise((resolve) => setTimeout(resolve, Number(rest)));
        },
      });
      disposeTree(state);
    });
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return error.exitStatus;
    throw error;
  }
});
