/**
 * Batches made while the device computes: the next one is asked for as soon as a step runs.
 *
 * @module
 */
import { disposeTree, type Tensor } from "../engine/mod.ts";
import type { NextBatch, ReadyBatch } from "./step_runner.ts";
import type { TrainingJob } from "./training_job.ts";

/** Gives batches, one ahead. */
export interface BatchesAhead<Batch> {
  next: NextBatch<Batch>;
  /** Disposes the batch that nobody took. */
  close(): Promise<void>;
}

interface Prepared<Batch> {
  step: number;
  part: number;
  batch: Promise<Batch>;
}

/** The batches of a job with so many parts a step. */
export function batchesAhead<Batch extends Record<string, Tensor>>(
  { steps, batch }: Pick<TrainingJob<Batch>, "steps" | "batch">,
  parts: number,
): BatchesAhead<Batch> {
  let ahead: Prepared<Batch> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Also what a job throws at once becomes a promise. */
  const prepare = (step: number, part: number): Prepared<Batch> => {
    const promise = (async () => await batch(step, part))();
    promise.catch(() => {}); // whoever takes it is told
    return { step, part, batch: promise };
  };
  const following = (step: number, part: number): [number, number] =>
    part + 1 < parts ? [step, part + 1] : [step + 1, 0];

  async function next(step: number, part: number): Promise<ReadyBatch<Batch>> {
    clearTimeout(timer);
    const began = performance.now();
    if (ahead?.step !== step || ahead.part !== part) {
      await drop();
      ahead = prepare(step, part);
    }
    const taken = ahead;
    ahead = undefined;
    const made = await taken.batch;
    const waitedMilliseconds = performance.now() - began;
    const [nextStep, nextPart] = following(step, part);
    // Not before the step has left this thread: making a batch would hold it up.
    timer = setTimeout(() => {
      if (nextStep < steps) ahead = prepare(nextStep, nextPart);
    }, 0);
    return { batch: made, waitedMilliseconds };
  }

  async function drop(): Promise<void> {
    const unwanted = ahead;
    ahead = undefined;
    if (unwanted !== undefined) disposeTree(await unwanted.batch.catch(() => ({})));
  }

  return {
    next,
    close: async () => {
      clearTimeout(timer);
      await drop();
    },
  };
}
