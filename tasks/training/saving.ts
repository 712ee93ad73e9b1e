/**
 * How a task saves what it trains, and whether it may go on with other settings.
 *
 * @module
 */
import type { Flag, FlagValues } from "../arguments.ts";

/** The flags of every task that trains; they may differ from one part of a run to the next. */
export const savingFlags = {
  keep: {
    ...{ kind: "number", default: 2, whole: true, minimum: 1 },
    help: "Checkpoints that are kept, the newest; the best one is kept besides",
  },
  "save-every": {
    ...{ kind: "number", default: 20, minimum: 0 },
    help: "Seconds between checkpoints: what a killed run loses at most",
  },
  "change-settings": {
    kind: "switch",
    help:
      "Goes on with a run though its recipe has changed (a smaller --optimizer.lr, more " +
      "--epochs); run.json notes what",
  },
} satisfies Record<string, Flag>;

/** How a run is saved. */
export interface Saving {
  /** Checkpoints. */
  keep: number;
  secondsBetweenCheckpoints: number;
  /** Whether a run may go on with another recipe. */
  changeSettings: boolean;
}

/** What the flags say. */
export function savingOf(values: FlagValues<typeof savingFlags>): Saving {
  return {
    keep: values.keep,
    secondsBetweenCheckpoints: values["save-every"],
    changeSettings: values["change-settings"],
  };
}
