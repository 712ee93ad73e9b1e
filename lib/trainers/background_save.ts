/**
 * Checkpoints written while training goes on: the step loop stops for no longer than it takes to hold
 * the state's tensors, and at most one is written at a time.
 *
 * @module
 */
import {
  type CheckpointFacts,
  NonFiniteCheckpoint,
  type TensorTree,
} from "./checkpoint.ts";
import type { BestCheckpoint } from "./best_checkpoint.ts";
import type { CheckpointFolder } from "./checkpoint_folder.ts";

/** What goes with a state. */
export interface SavedBeside {
  /** The best up to this step, which may be itself. */
  best?: BestCheckpoint | undefined;
  facts?: CheckpointFacts | undefined;
}

/** Saves the states of a phase. */
export interface BackgroundSaver {
  /**
   * Begins to write. The state may be disposed afterwards.
   *
   * @returns false, and does nothing, while another is written.
   */
  begin(step: number, state: TensorTree, more?: SavedBeside): boolean;
  /** Throws what went wrong in the background. */
  check(): void;
  /** Waits for what is written, and throws if that went wrong. */
  settle(): Promise<void>;
  /** The step of the newest checkpoint that is whole, as far as this process wrote one. */
  readonly saved: number | undefined;
}

/** A saver into a folder of checkpoints. */
export function backgroundSaver(
  checkpoints: Pick<CheckpointFolder, "save">,
  factsOf: (step: number) => CheckpointFacts,
): BackgroundSaver {
  let writing: Promise<void> | undefined;
  let failure: { error: unknown } | undefined;
  let saved: number | undefined;
  const check = (): void => {
    if (failure === undefined) return;
    const { error } = failure;
    failure = undefined; // said once
    throw error;
  };
  return {
    begin(step, state, { best, facts } = {}) {
      if (writing !== undefined) return false;
      const all = { ...factsOf(step), ...facts };
      writing = checkpoints.save(step, state, all, best).then(
        () => {
          saved = step;
        },
        (error) => {
          if (error instanceof NonFiniteCheckpoint) error.step = step;
          failure = { error };
        },
      ).finally(() => {
        writing = undefined;
      });
      return true;
    },
    check,
    async settle() {
      await writing;
      check();
    },
    get saved() {
      return saved;
    },
  };
}
