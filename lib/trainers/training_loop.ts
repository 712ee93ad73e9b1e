/**
 * The loop that every trainer shares: steps through a jitted pure function, logs, saves, stops
 * cleanly, and goes on exactly where it ended.
 *
 * @module
 */
import { disposeTree, type SummaryWriter, type Tensor } from "../engine/mod.ts";
import type { RunWriter } from "../runs/run.ts";
import { type BackgroundSaver, backgroundSaver } from "./background_save.ts";
import { batchesAhead } from "./batches_ahead.ts";
import { NonFiniteCheckpoint, type TensorTree } from "./checkpoint.ts";
import {
  type BestCheckpoint,
  type BestChoice,
  type CheckpointFolder,
  checkpointFolder,
  type CheckpointFolderOptions,
} from "./checkpoint_folder.ts";
import { Interrupted, type Interruption } from "./interrupt.ts";
import { firstNonFiniteTensor, nonFiniteError } from "./non_finite.ts";
import { type StartProgress, terminalProgress } from "./progress.ts";
import { type StepRun, stepRunner } from "./step_runner.ts";
import type { TrainingJob } from "./training_job.ts";
import { trainingLog } from "./training_log.ts";

export { NonFiniteLoss } from "./non_finite.ts";
export type {
  Gradients,
  StepHalves,
  StepInputs,
  StepResult,
  TrainingJob,
} from "./training_job.ts";

/** Numbers that are measured now and then while a job trains, such as the accuracy of kNN. */
export interface OnlineEvaluation {
  /** How many steps lie between two; the last step is always followed by one. */
  everySteps: number;
  /** Gives numbers by name; they are logged beside the loss. */
  measure(state: TensorTree, step: number): Promise<Record<string, number>>;
  /** By which of them a checkpoint is the best, which is kept. Default: none is. */
  best?: BestChoice;
}

/** Where a job runs and what it tells. */
export interface TrainingSurroundings {
  /** Without one, nothing is written. */
  run?: RunWriter;
  interruption?: Interruption;
  /**
   * What a request to stop does: `throw`, so that no later phase starts, or `return` the state so
   * far, for a notebook's variables. Default: `throw`.
   */
  whenInterrupted?: "throw" | "return";
  progress?: StartProgress;
  /** A killed run loses at most this much time, plus a step and a write. Default: 20. */
  secondsBetweenCheckpoints?: number;
  /** How many checkpoints are kept, and how they are written. */
  checkpoints?: CheckpointFolderOptions;
  evaluation?: OnlineEvaluation;
  /** Called after a step, such as for a picture; awaited. */
  afterStep?: (
    step: number,
    state: TensorTree,
    loss: number,
    summaries?: SummaryWriter,
  ) => Promise<void> | void;
}

type Job<Batch extends Record<string, Tensor>> = TrainingJob<Batch>;

function factsOf<Batch extends Record<string, Tensor>>(
  { phase, seed, batchSize, steps }: Job<Batch>,
  step: number,
): Record<string, string> {
  const numbers = { step, seed, batchSize, steps };
  const texts = Object.entries(numbers).map(([name, value]) => [name, String(value)]);
  return { phase, ...Object.fromEntries(texts) };
}

/** Where a job goes on. */
interface Start {
  state: TensorTree;
  step: number;
  /** Where the state is saved, if anywhere. */
  folder?: CheckpointFolder;
  saver?: BackgroundSaver;
}

async function startState<Batch extends Record<string, Tensor>>(
  job: Job<Batch>,
  { run, checkpoints }: TrainingSurroundings,
): Promise<Start> {
  if (run === undefined) return { state: job.initial(), step: 0 };
  const path = run.checkpointFolder(job.phase, job.seed);
  const folder = checkpointFolder(path, checkpoints);
  const saved = await folder.newest();
  const step = saved?.step ?? 0;
  if (saved !== undefined) {
    const wrong = step > job.steps
      ? `is at step ${step} of ${job.steps}`
      : saved.facts.batchSize !== String(job.batchSize)
      ? `has batches of ${saved.facts.batchSize} images, not ${job.batchSize}`
      : undefined;
    if (wrong !== undefined) {
      disposeTree(saved.tree);
      throw new Error(
        `The checkpoint "${saved.path}" ${wrong}, which cannot be: remove "${path}", and this ` +
          "phase starts again at its first step",
      );
    }
  }
  await run.forgetAfter(job, step);
  const saver = backgroundSaver(folder, (step) => factsOf(job, step));
  return { state: saved?.tree ?? job.initial(), step, folder, saver };
}

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

/** Whether an evaluation's number is better than the best so far, and which it is. */
function newBest(
  choice: BestChoice | undefined,
  measured: Record<string, number>,
  before: BestCheckpoint | undefined,
): Omit<BestCheckpoint, "step"> | undefined {
  if (choice === undefined) return undefined;
  const { metric, better } = choice;
  const value = measured[metric];
  if (value === undefined) {
    throw new Error(
      `The best checkpoint is to be the one with the ${better} ${metric}, but the evaluation ` +
        `gives ${Object.keys(measured).join(", ") || "nothing"}`,
    );
  }
  const isBetter = before?.metric !== metric ||
    (better === "higher" ? value > before.value : value < before.value);
  return isBetter ? { metric, value } : undefined;
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
 */
export async function train<Batch extends Record<string, Tensor>>(
  job: Job<Batch>,
  surroundings: TrainingSurroundings = {},
): Promise<TensorTree> {
  const { run, interruption, progress: start = terminalProgress } = surroundings;
  const { whenInterrupted = "throw", secondsBetweenCheckpoints = 20 } = surroundings;
  const { evaluation, afterStep } = surroundings;
  const { saver, folder, ...begin } = await startState(job, surroundings);
  let { state, step } = begin;
  if (step >= job.steps) {
    await job.close?.();
    return state;
  }
  const runner = stepRunner(job);
  const batches = batchesAhead(job, runner.parts);
  const log = trainingLog(job, run, start(job.phase, job.steps, step));
  let best = await folder?.best();
  let savedAt = performance.now();

  /** What a failed write says, in the words of training where numbers were to blame. */
  const explained = async (attempt: () => Promise<void> | void): Promise<void> => {
    try {
      await attempt();
    } catch (error) {
      if (!(error instanceof NonFiniteCheckpoint)) throw error;
      const { message, step: at = step } = error;
      const what = `After step ${at} of ${job.phase} ${message}`;
      throw nonFiniteError(what, job.learningRate(Math.max(0, at - 1)));
    }
  };
  const saveNow = async (better?: Omit<BestCheckpoint, "step">): Promise<void> => {
    await explained(async () => {
      await saver?.settle();
      if (saver?.saved === step && better === undefined) return;
      saver?.begin(step, state, better);
      await saver?.settle();
    });
    savedAt = performance.now();
  };

  try {
    while (step < job.steps) {
      if (interruption?.requested) {
        await saveNow();
        if (whenInterrupted === "return") return state;
        const sentence = `${job.phase} stopped after step ${step} of ${job.steps}`;
        throw new Interrupted(sentence, interruption.signal);
      }
      const began = performance.now();
      const result = await runner.run(state, step, batches.next).catch(async (error) => {
        // Data that cannot be read, most likely: what has been trained is good.
        await saveNow().catch(() => {});
        throw error;
      });
      const { loss, metrics } = await readScalars(result);
      if (!Number.isFinite(loss)) {
        const inputs = runner.inputs(step, runner.parts - 1);
        const first = firstNonFiniteTensor(job, state, result.batch, inputs);
        disposeTree([result.state, result.batch, { ...inputs }]);
        const what = `The loss of ${job.phase} became ${loss} at step ${step + 1}`;
        throw nonFiniteError(what, job.learningRate(step), first);
      }
      disposeTree([result.batch, state]);
      state = result.state;
      step++;
      const milliseconds = performance.now() - began;
      const due = evaluation !== undefined &&
        (step % evaluation.everySteps === 0 || step === job.steps);
      const measured = due ? await evaluation.measure(state, step) : {};
      await log.write({
        ...{ step, loss, milliseconds, metrics: { ...metrics, ...measured } },
        waitedMilliseconds: result.waitedMilliseconds,
      });
      await afterStep?.(step, state, loss, log.summaries);
      await explained(() => saver?.check());
      const better = due ? newBest(evaluation.best, measured, best) : undefined;
      if (better !== undefined) best = { step, ...better };
      if (step === job.steps || better !== undefined) await saveNow(better);
      else if (performance.now() - savedAt > secondsBetweenCheckpoints * 1000) {
        if (saver?.begin(step, state)) savedAt = performance.now();
      }
    }
    return state;
  } catch (error) {
    disposeTree(state);
    throw error;
  } finally {
    await saver?.settle().catch(() => {}); // what matters more is thrown already
    await batches.close();
    await job.close?.();
    await log.stop();
    runner.dispose();
  }
}
