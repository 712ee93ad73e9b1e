/**
 * What a trainer hands to the training loop: a state, batches by number, and a step as a pure
 * function.
 *
 * @module
 */
import type { Key, Precision, Tensor } from "../engine/mod.ts";
import type { Parameters } from "../nn/scope.ts";
import type { TensorTree } from "./checkpoint.ts";

/** What a step is given besides state and data. */
export interface StepInputs {
  /** A scalar. */
  learningRate: Tensor;
  /** The number of the step from 1 on, a float32 scalar, for bias correction. */
  step: Tensor;
  /** Differs at every step. */
  key: Key;
}

/** What a step gives; a type and not an interface, so that `tf.tidy` takes it. */
export type StepResult = {
  state: TensorTree;
  /** A scalar. */
  loss: Tensor;
  /** Scalars that are logged beside the loss. */
  metrics?: Record<string, Tensor>;
};

/** The first half of a step: everything is a mean over the images of the batch. */
export interface Gradients {
  /** A scalar. */
  loss: Tensor;
  gradients: Parameters;
  /** Scalars by name. */
  metrics: Parameters;
  /** The next values of what is not trained, such as running means. */
  statistics: Parameters;
}

/**
 * A step in its halves: with them a batch may come in parts, and what is not finite can be found.
 * Parts change the statistics one after the other, and only these of the state.
 */
export interface StepHalves<Batch extends Record<string, Tensor>> {
  differentiate(
    state: TensorTree,
    batch: Batch,
    inputs: Pick<StepInputs, "step" | "key">,
  ): Gradients;
  update(state: TensorTree, gradients: Gradients, inputs: StepInputs): StepResult;
}

/** A training job. */
export interface TrainingJob<Batch extends Record<string, Tensor>> {
  /** Names the job in logs, and its checkpoints. */
  phase: string;
  steps: number;
  /** Images of a step, all parts together. */
  batchSize: number;
  /**
   * Images of each part of a batch that goes through the model in parts (gradient accumulation); the
   * last part has what remains. Default: all at once. It needs `halves`.
   */
  microBatchSize?: number;
  seed: number;
  /** The element type of matrix products. Default: float32. */
  precision?: Precision;
  /** Makes the state at step 0. */
  initial(): TensorTree;
  /**
   * The data of one step (from 0), or of one part of it (from 0), from these numbers alone; the loop
   * disposes it. It is asked for while the part before it is computed.
   */
  batch(step: number, part?: number): Batch | Promise<Batch>;
  /** Ends what makes batches; called when the training has ended, however it did. */
  close?(): Promise<void>;
  /** From the number of the step, from 0. */
  learningRate(step: number): number;
  /** One step: a pure function, which is traced once. */
  step(state: TensorTree, batch: Batch, inputs: StepInputs): StepResult;
  halves?: StepHalves<Batch>;
}

/** How many images each part of a batch has; the last may have fewer. */
export function partSizes(
  { batchSize, microBatchSize = batchSize }: {
    batchSize: number;
    microBatchSize?: number | undefined;
  },
): number[] {
  if (!(Number.isInteger(microBatchSize) && microBatchSize >= 1)) {
    throw new Error(
      `A part of a batch has one image or more, got microBatchSize ${microBatchSize}`,
    );
  }
  const sizes: number[] = [];
  for (let start = 0; start < batchSize; start += microBatchSize) {
    sizes.push(Math.min(microBatchSize, batchSize - start));
  }
  return sizes;
}
