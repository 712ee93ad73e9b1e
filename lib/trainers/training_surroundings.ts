/**
 * Where a training job runs, what it tells, and what is measured of it meanwhile.
 *
 * @module
 */
import type { SummaryWriter } from "../engine/mod.ts";
import type { RunWriter } from "../runs/run.ts";
import type { BestChoice } from "./best_checkpoint.ts";
import type { TensorTree } from "./checkpoint.ts";
import type { CheckpointFolderOptions } from "./checkpoint_folder.ts";
import type { Interruption } from "./interrupt.ts";
import type { StartProgress } from "./progress.ts";

/** Numbers that are measured now and then while a job trains, such as the accuracy of kNN. */
export interface OnlineEvaluation {
  /** How many steps lie between two; the last step is always followed by one. */
  everySteps: number;
  /**
   * Gives numbers by name; they are logged beside the loss. When it throws, an `Interrupted` or
   * anything else, the run begins with it the next time.
   */
  measure(
    state: TensorTree,
    step: number,
    interruption?: Interruption,
  ): Promise<Record<string, number>>;
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
