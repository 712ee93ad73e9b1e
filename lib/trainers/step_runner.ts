/**
 * A job's step, compiled: at once, or in parts whose gradients are added up (gradient accumulation).
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
import type { TensorTree } from "./checkpoint.ts";
import {
  type Gradients,
  partSizes,
  type StepInputs,
  type StepResult,
  type TrainingJob,
} from "./training_job.ts";

/** Data of one part of a step, made while something else runs, and how long that was waited for. */
export interface ReadyBatch<Batch> {
  batch: Batch;
  waitedMilliseconds: number;
}

/** Gives the next part; the runner asks as soon as the part before is being computed. */
export type NextBatch<Batch> = (step: number, part: number) => Promise<ReadyBatch<Batch>>;

/** A step that was run. */
export interface StepRun<Batch> extends StepResult {
  waitedMilliseconds: number;
  /** The part that was computed last, for who wants to look at it; the caller disposes it. */
  batch: Batch;
}

/** Runs steps. */
export interface StepRunner<Batch> {
  run(state: TensorTree, step: number, next: NextBatch<Batch>): Promise<StepRun<Batch>>;
  /** What a step, or a part of it, is given; the caller disposes it. */
  inputs(step: number, part: number): StepInputs;
  /** Parts of each step. */
  readonly parts: number;
  dispose(): void;
}

type Compiled = Omit<StepInputs, "key">;

/** The state with other running statistics. */
function withStatistics(state: TensorTree, statistics: Gradients["statistics"]) {
  return { ...state, parameters: { ...state.parameters as TensorTree, ...statistics } };
}

function scaled(record: Record<string, Tensor>, share: Tensor): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, value.mul(share)]),
  );
}

function added(one: Record<string, Tensor>, other: Record<string, Tensor>) {
  return Object.fromEntries(
    Object.entries(one).map(([name, value]) => [name, value.add(other[name]!)]),
  );
}

/** A step's own key. */
function stepKey(key: Key, step: Tensor): Key {
  return foldIn(key, tf.cast(step, "int32"));
}

function wholeSteps<Batch extends Record<string, Tensor>>(
  job: TrainingJob<Batch>,
  key: Key,
  inputsOf: (step: number) => Compiled,
): Pick<StepRunner<Batch>, "run" | "dispose"> {
  const compiled = jit(
    (state: TensorTree, batch: Batch, inputs: Compiled, key: Key) =>
      job.step(state, batch, { ...inputs, key: stepKey(key, inputs.step) }),
    { name: job.phase, precision: job.precision ?? "float32" },
  );
  return {
    async run(state, step, next) {
      const { batch, waitedMilliseconds } = await next(step, 0);
      const inputs = inputsOf(step);
      try {
        const result = await compiled(state, batch, inputs, key);
        return { ...result, batch, waitedMilliseconds };
      } catch (error) {
        disposeTree(batch);
        throw error;
      } finally {
        disposeTree(inputs);
      }
    },
    dispose: compiled.dispose,
  };
}

function stepsInParts<Batch extends Record<string, Tensor>>(
  job: TrainingJob<Batch>,
  key: Key,
  inputsOf: (step: number) => Compiled,
): Pick<StepRunner<Batch>, "run" | "dispose"> {
  const { halves, phase, batchSize } = job;
  if (halves === undefined) {
    throw new Error(
      `${phase} cannot take its batches in parts: leave microBatchSize out`,
    );
  }
  const sizes = partSizes(job);
  const options = { precision: job.precision ?? "float32" } as const;
  const differentiate = jit(
    (
      state: TensorTree,
      batch: Batch,
      inputs: { step: Tensor; part: Tensor; share: Tensor },
      key: Key,
    ): Gradients => {
      const { step, part, share } = inputs;
      const given = { step, key: foldIn(stepKey(key, step), part) };
      const { loss, gradients, metrics, statistics } = halves.differentiate(
        state,
        batch,
        given,
      );
      return {
        loss: loss.mul(share),
        gradients: scaled(gradients, share),
        metrics: scaled(metrics, share),
        statistics,
      };
    },
    { ...options, name: `${phase} part` },
  );
  const add = jit(
    (one: Gradients, other: Gradients): Gradients => ({
      loss: one.loss.add(other.loss),
      gradients: added(one.gradients, other.gradients),
      metrics: added(one.metrics, other.metrics),
      statistics: other.statistics,
    }),
    { name: `${phase} sum` },
  );
  const update = jit(
    (state: TensorTree, gradients: Gradients, inputs: Compiled, key: Key) =>
      halves.update(state, gradients, { ...inputs, key: stepKey(key, inputs.step) }),
    { ...options, name: `${phase} update` },
  );

  return {
    async run(state, step, next) {
      const inputs = inputsOf(step);
      let sum: Gradients | undefined;
      let batch: Batch | undefined;
      let waitedMilliseconds = 0;
      try {
        for (const [part, size] of sizes.entries()) {
          if (batch !== undefined) disposeTree(batch);
          const ready = await next(step, part);
          batch = ready.batch;
          waitedMilliseconds += ready.waitedMilliseconds;
          const ofPart = {
            step: inputs.step,
            part: tf.scalar(part, "int32"),
            share: tf.scalar(size / batchSize),
          };
          const seen = sum === undefined ? state : withStatistics(state, sum.statistics);
          const gradients = await differentiate(seen, batch, ofPart, key);
          tf.dispose([ofPart.part, ofPart.share]);
          if (sum === undefined) sum = gradients;
          else {
            const before: Gradients = sum;
            sum = await add(before, gradients);
            disposeTree([before, gradients]);
          }
        }
        const result = await update(state, sum!, inputs, key);
        return { ...result, batch: batch!, waitedMilliseconds };
      } catch (error) {
        if (batch !== undefined) disposeTree(batch);
        throw error;
      } finally {
        disposeTree(inputs);
        if (sum !== undefined) disposeTree(sum);
      }
    },
    dispose: () => [differentiate, add, update].forEach(({ dispose }) => dispose()),
  };
}

/** Compiles a job's step when it runs first. */
export function stepRunner<Batch extends Record<string, Tensor>>(
  job: TrainingJob<Batch>,
): StepRunner<Batch> {
  const parts = partSizes(job).length;
  const key = tf.tidy(() => foldIn(randomKey(job.seed), job.phase));
  const inputsOf = (step: number): Compiled => ({
    learningRate: tf.scalar(job.learningRate(step)),
    step: tf.scalar(step + 1),
  });
  const runner = (parts === 1 ? wholeSteps : stepsInParts)(job, key, inputsOf);
  return {
    parts,
    run: runner.run,
    inputs: (step, part) =>
      tf.tidy(() => {
        const inputs = inputsOf(step);
        const own = stepKey(key, inputs.step);
        return { ...inputs, key: parts === 1 ? own : foldIn(own, part) } as never;
      }),
    dispose: () => {
      runner.dispose();
      key.dispose();
    },
  };
}
