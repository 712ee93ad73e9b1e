/**
 * Flags that several tasks have: which images, and how they are read.
 *
 * @module
 */
import type { Flag } from "./arguments.ts";
import { savingFlags } from "./training/saving.ts";

/** Where a classifier or its features are tested, and how pictures are read. */
export const testFlags = {
  val: {
    kind: "text",
    default: "",
    help: "Images to be tested on, as a folder or shards",
  },
  readers: {
    ...{ kind: "number", default: 16, whole: true, minimum: 1 },
    help: "Pictures that are read at a time",
  },
  "max-bad": {
    ...{ kind: "number", default: 0.01, minimum: 0, maximum: 1 },
    help: "Share of the pictures that may be unreadable",
  },
} satisfies Record<string, Flag>;

/** What every training task from a recipe has. */
export const recipeFlags = {
  ...testFlags,
  out: { kind: "text", default: "", help: "The run folder [runs/RECIPE-DATA]" },
  seed: { kind: "number", default: 0, whole: true, minimum: 0, help: "The seed" },
  ...savingFlags,
  dry: {
    kind: "switch",
    help:
      "Prints shapes, FLOPs, memory, three timed steps and the time of all; trains nothing",
  },
} satisfies Record<string, Flag>;
