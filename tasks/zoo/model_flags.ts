/**
 * The flags of every task that uses a model. They stand alone, so that a help text needs no library.
 *
 * @module
 */
import type { Flag } from "../arguments.ts";

// Released models see 448 pixels at most; attention over many more fills any memory.
const widestImage = 2048;

/** What is asked of a model. */
export interface ModelChoice {
  weights: string;
  /** "" leaves the choice to the file. */
  which: string;
  "image-size": number;
}

/** The flags of every task that uses a model. */
export const modelFlags = {
  weights: {
    ...{ kind: "text", default: "" },
    help: "A file of weights in place of the released ones (.pth, .safetensors, .pkl)",
  },
  which: {
    ...{ kind: "text", default: "", choices: ["model", "ema"] },
    help: "Of a file with both, the weights or their moving average",
  },
  "image-size": {
    ...{ kind: "number", default: 0, whole: true, minimum: 0, maximum: widestImage },
    help: "Pixels of a side, 0 for as published; position embeddings are resized",
  },
} satisfies Record<string, Flag>;
