/**
 * The loop that every trainer shares: steps through a jitted pure function, logs, saves, stops
 * cleanly, and goes on exactly where it ended.
 *
 * @module
 */
import { disposeTree, type Tensor } from "../engine/mod.ts";
import { holdRun } from "../runs/run_lock.ts";
import { batchesAhead } from "./batches_ahead.ts";
import { NonFiniteCheckpoint, type TensorTree } from "./checkpoint.ts";
import { bestOf } from "./best_checkpoint.ts";
import { Interrupted, unlessStopped, waitToEnd } from "./interrupt.ts";
import {
  firstNonFiniteTensor,
  nonFiniteError,
  type NonFiniteFacts,
  NonFiniteLoss,
} from "./non_finite.ts";
import { terminalProgress } from "./progress.ts";
import { startOf, unfinishedFacts, type UnfinishedStep } from "./resume.ts";
import { type NextBatch, type StepRun, stepRunner } from "./step_runner.ts";
import type { TrainingJob } from "./training_job.ts";
import { trainingLog } from "./training_log.ts";
import type { TrainingSurroundings } from "./training_surroundings.ts";

export { NonFiniteLoss } from "./non_finite.ts";
export type { OnlineEvaluation, TrainingSurroundings } from "./training_surroundings.ts";
export type {
  Gradients,
  StepHalves,
  StepInputs,
  StepResult,
  TrainingJob,
} from "./training_job.ts";

type Job<Batch extends Record<string, Tensor>> = TrainingJob<Batch>;

/** Reads a step's scalars and disposes them. */
async function readScalars(
  { loss, metrics = {} }: Pick<StepRun<unknown>, "loss" | "metrics">,
): Promise<{ loss: number; metrics: Record<string, number> }> {
  const value = (await loss.data())[0]!;
  const read = Object.entries(metrics).map(([name, metric]) => [
    name,
    metric.dataSync()[0]!,
  ]);
  disposeTree({ loss, metrics });
  return { loss: value, metrics: Object.fromEntries(read) };
}

/**
 * Runs a job to its end, going on from its newest whole checkpoint if there is one. Checkpoints are
 * written in the background, and batches made while the device computes.
 *
 * @returns the final state, which the caller disposes; an earlier one if it was asked to stop and
 *   `whenInterrupted` is `return`.
 * @throws {NonFiniteLoss} when the loss, or a number to be saved, is NaN or infinite; the last
 *   checkpoint stays.
 * @throws {Interrupted} when somebody asked to stop, after saving.
 * @throws {DamagedCheckpoint} when there are checkpoints, and none is whole.
 * @throws {RunInUse} when another process writes the same run folder.
 */
export function train<Batch extends Record<string, Tensor>>(
  job: Job<Batch>,
  surroundings: TrainingSurroundings = {},
): Promise<TensorTree> {
  const { run } = surroundings;
  const alone = () => trainAlone(job, surroundings);
  return run === undefined ? alone() : holdRun(run.folder, alone);
}

async function trainAlone<Batch extends Record<string, Tensor>>(
  job: Job<Batch>,
  surroundings: TrainingSurroundings,
): Promise<TensorTree> {
  const { run, interruption, progress: start = terminalProgress } = surroundings;
  const { whenInterrupted = "throw", secondsBetweenCheckpoints = 20 } = surroundings;
  const { evaluation, afterStep } = surroundings;
  const { saver, folder, ...begin } = await startOf(job, run, surroundings.checkpoints);
  let { state, step, best, unfinished } = begin;
  if (step >= job.steps && unfinished === undefined) {
    await job.close?.();
    return state;
  }
  const runner = stepRunner(job);
  const batches = batchesAhead(job, runner.parts);
  const log = trainingLog(job, run, start(job.phase, job.steps, step));
  let savedAt = performance.now();

  /** The end for numbers that are not finite, with what is left. */
  const nonFinite = async (
    what: string,
    facts: NonFiniteFacts,
  ): Promise<NonFiniteLoss> => {
    await saver?.settle().catch(() => {});
    const kept = folder && (await folder.steps()).at(-1);
    return nonFiniteError(what, { ...facts, kept: folder && (kept ?? null) });
  };
  /** What a failed write says, in the words of training where numbers were to blame. */
  const explained = async (attempt: () => Promise<void> | void): Promise<void> => {
    try {
      await attempt();
    } catch (error) {
      if (!(error instanceof NonFiniteCheckpoint)) throw error;
      const { message, step: at = step } = error;
      const learningRate = job.learningRate(Math.max(0, at - 1));
      throw await nonFinite(`After step ${at} of ${job.phase} ${message}`, {
        learningRate,
      });
    }
  };
  const saveNow = async (unfinished?: UnfinishedStep): Promise<void> => {
    await explained(async () => {
      await saver?.settle();
      if (saver?.saved === step || (step === begin.step && !begin.unfinished)) return;
      const facts = unfinished && unfinishedFacts(unfinished);
      saver?.begin(step, state, { best, facts });
      await saver?.settle();
    });
    savedAt = performance.now();
  };
  /** Data for the runner; to wait for them is to be between steps. */
  const next: NextBatch<Batch> = async (step, part) => {
    const made = batches.next(step, part);
    if (interruption === undefined) return await made;
    try {
      return await unlessStopped(made, interruption, job.phase);
    } catch (error) {
      if (error instanceof Interrupted) {
        made.then(({ batch }) => disposeTree(batch)).catch(() => {});
      }
      throw error;
    }
  };
  const takeStep = async (): Promise<UnfinishedStep> => {
    const began = performance.now();
    const result = await runner.run(state, step, next);
    const { loss, metrics } = await readScalars(result);
    if (!Number.isFinite(loss)) {
      const inputs = runner.inputs(step, runner.parts - 1);
      const first = firstNonFiniteTensor(job, state, result.batch, inputs);
      disposeTree([result.state, result.batch, { ...inputs }]);
      await saver?.settle().catch(() => {});
      // From the state before this step nothing finite follows, at any learning rate.
      if (first?.isData !== true) await folder?.putAside(step, "diverged");
      throw await nonFinite(
        `The loss of ${job.phase} became ${loss} at step ${step + 1}`,
        {
          ...{ learningRate: job.learningRate(step), first },
        },
      );
    }
    disposeTree([result.batch, state]);
    state = result.state;
    step++;
    const milliseconds = performance.now() - began;
    return { loss, metrics, milliseconds, waitedMilliseconds: result.waitedMilliseconds };
  };
  /** Evaluates and logs a step; whether it is the best so far. */
  const finishStep = async (done: UnfinishedStep): Promise<boolean> => {
    const due = evaluation !== undefined &&
      (step % evaluation.everySteps === 0 || step === job.steps);
    const measured = due ? await evaluation.measure(state, step, interruption) : {};
    const newBest = due ? bestOf(evaluation.best, measured, step, best) : best;
    await log.write({ ...done, step, metrics: { ...done.metrics, ...measured } });
    await afterStep?.(step, state, done.loss, log.summaries);
    best = newBest;
    return best?.step === step;
  };
  const stopped = (): Interrupted => {
    const sentence = `${job.phase} stopped after step ${step} of ${job.steps}`;
    return new Interrupted(sentence, interruption?.signal);
  };

  try {
    while (step < job.steps || unfinished !== undefined) {
      try {
        if (unfinished === undefined) {
          if (interruption?.requested) throw stopped();
          unfinished = await takeStep();
        }
        const isBest = await finishStep(unfinished);
        unfinished = undefined;
        await explained(() => saver?.check());
        if (step === job.steps || isBest) await saveNow();
        else if (performance.now() - savedAt > secondsBetweenCheckpoints * 1000) {
          if (saver?.begin(step, state, { best })) savedAt = performance.now();
        }
      } catch (error) {
        if (error instanceof NonFiniteLoss) throw error;
        if (!(error instanceof Interrupted)) {
          // Data that cannot be read, most likely: what has been trained is good.
          await saveNow(unfinished).catch(() => {});
          throw error;
        }
        await saveNow(unfinished);
        if (whenInterrupted === "return") return state;
        throw stopped();
      }
    }
    return state;
  } catch (error) {
    disposeTree(state);
    throw error;
  } finally {
    await saver?.settle().catch(() => {}); // what matters more is thrown already
    await waitToEnd(batches.close().then(() => job.close?.()), interruption);
    await log.stop();
    runner.dispose();
  }
}
