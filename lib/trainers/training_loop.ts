/**
 * The loop that every trainer shares: steps through a jitted pure function, logs, saves, stops
 * cleanly, and goes on exactly where it ended.
 *
 * @module
 */
import {
  disposeTree,
  foldIn,
  jit,
  type Key,
  randomKey,
  type Tensor,
  tf,
} from "../engine/mod.ts";
import type { RunWriter } from "../runs/run.ts";
import {
  loadCheckpoint,
  NonFiniteCheckpoint,
  saveCheckpoint,
  type TensorTree,
} from "./checkpoint.ts";
import { Interrupted, type Interruption } from "./interrupt.ts";
import { type StartProgress, terminalProgress } from "./progress.ts";

/** What a step is given besides state and data. */
export interface StepInputs {
  /** A scalar. */
  learningRate: Tensor;
  /** The number of the step from 1 on, a float32 scalar, for bias correction. */
  step: Tensor;
  /** Differs at every step. */
  key: Key;
}

/** A training job. */
export interface TrainingJob<Batch extends Record<string, Tensor>> {
  /** Names the job in logs, and its checkpoint. */
  phase: string;
  steps: number;
  batchSize: number;
  seed: number;
  /** Makes the state at step 0. */
  initial(): TensorTree;
  /** The data of one step, from its number (from 0) alone; the loop disposes it. */
  batch(step: number): Batch;
  /** From the number of the step, from 0. */
  learningRate(step: number): number;
  /** One step: a pure function, which is traced once. */
  step(
    state: TensorTree,
    batch: Batch,
    inputs: StepInputs,
  ): { state: TensorTree; loss: Tensor };
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
  /** A killed run loses at most this much time, plus a step. Default: 20. */
  secondsBetweenCheckpoints?: number;
  /** Called after a step, such as for a picture; awaited. */
  afterStep?: (step: number, state: TensorTree, loss: number) => Promise<void> | void;
}

/** The loss, or what is trained, was not a finite number. */
export class NonFiniteLoss extends Error {
  override readonly name = "NonFiniteLoss";
}

function nonFinite(what: string, rate: number): NonFiniteLoss {
  const was = rate.toExponential(2);
  return new NonFiniteLoss(
    `${what}: lower the learning rate (it was ${was}); the last checkpoint is kept`,
  );
}

async function startState<Batch extends Record<string, Tensor>>(
  job: TrainingJob<Batch>,
  run: RunWriter | undefined,
): Promise<{ state: TensorTree; step: number }> {
  const path = run?.checkpointPath(job.phase, job.seed);
  const saved = path === undefined ? undefined : await loadCheckpoint(path);
  const step = saved === undefined ? 0 : Number(saved.facts.step);
  if (!Number.isInteger(step) || step < 0 || step > job.steps) {
    throw new Error(
      `The checkpoint "${path}" is at step ${saved?.facts.step} of ${job.steps}, which cannot ` +
        "be: remove it, and this phase starts again at its first step",
    );
  }
  await run?.forgetAfter(job, step);
  if (saved === undefined) return { state: job.initial(), step };
  return { state: saved.tree, step };
}

/**
 * Runs a job to its end, going on from its checkpoint if there is one.
 *
 * @returns the final state, which the caller disposes; an earlier one if it was asked to stop and
 *   `whenInterrupted` is `return`.
 * @throws {NonFiniteLoss} when the loss, or a number to be saved, is NaN or infinite; the last
 *   checkpoint stays.
 * @throws {Interrupted} when somebody asked to stop, after saving.
 */
export async function train<Batch extends Record<string, Tensor>>(
  job: TrainingJob<Batch>,
  surroundings: TrainingSurroundings = {},
): Promise<TensorTree> {
  const { run, interruption, progress: start = terminalProgress, afterStep } =
    surroundings;
  const { whenInterrupted = "throw", secondsBetweenCheckpoints = 20 } = surroundings;
  let { state, step } = await startState(job, run);
  if (step >= job.steps) return state;
  const compiled = jit(
    (state: TensorTree, batch: Batch, inputs: Omit<StepInputs, "key">, key: Key) =>
      job.step(state, batch, {
        ...inputs,
        key: foldIn(key, tf.cast(inputs.step, "int32")),
      }),
    { name: job.phase },
  );
  const key = tf.tidy(() => foldIn(randomKey(job.seed), job.phase));
  const progress = start(job.phase, job.steps, step);
  const save = async (): Promise<void> => {
    if (run === undefined) return;
    const path = run.checkpointPath(job.phase, job.seed);
    try {
      await saveCheckpoint(path, state, { step: String(step) });
    } catch (error) {
      if (!(error instanceof NonFiniteCheckpoint)) throw error;
      const what = `After step ${step} of ${job.phase} ${error.message}`;
      throw nonFinite(what, job.learningRate(Math.max(0, step - 1)));
    }
  };
  let savedAt = performance.now();
  let rate = 0;
  try {
    while (step < job.steps) {
      if (interruption?.requested) {
        await save();
        if (whenInterrupted === "return") return state;
        throw new Interrupted(`${job.phase} stopped after step ${step} of ${job.steps}`);
      }
      const began = performance.now();
      const batch = job.batch(step);
      const inputs = {
        learningRate: tf.scalar(job.learningRate(step)),
        step: tf.scalar(step + 1),
      };
      const result = await compiled(state, batch, inputs, key);
      disposeTree(batch);
      disposeTree(inputs);
      const loss = (await result.loss.data())[0]!;
      result.loss.dispose();
      if (!Number.isFinite(loss)) {
        disposeTree(result.state);
        const what = `The loss of ${job.phase} became ${loss} at step ${step + 1}`;
        throw nonFinite(what, job.learningRate(step));
      }
      disposeTree(state);
      state = result.state;
      step++;
      const imagesPerSecond = job.batchSize / (performance.now() - began) * 1000;
      // A running mean: single steps are noisy.
      rate = rate === 0 ? imagesPerSecond : 0.95 * rate + 0.05 * imagesPerSecond;
      progress.update({ step, loss, imagesPerSecond: rate });
      await run?.log({
        phase: job.phase,
        seed: job.seed,
        step,
        loss,
        learningRate: job.learningRate(step - 1),
        imagesPerSecond,
        time: Date.now(),
      });
      await afterStep?.(step, state, loss);
      const due = performance.now() - savedAt > secondsBetweenCheckpoints * 1000;
      if (step === job.steps || due) {
        await save();
        savedAt = performance.now();
      }
    }
    return state;
  } catch (error) {
    disposeTree(state);
    throw error;
  } finally {
    await progress.stop();
    compiled.dispose();
    key.dispose();
  }
}
