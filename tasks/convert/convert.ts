/**
 * What `deno task convert` does with its arguments.
 *
 * @module
 */
import { convertCheckpoint, type ConvertOptions } from "../../lib/zoo/convert.ts";
import { describeConversion } from "../../lib/zoo/describe_conversion.ts";
import { releasedWeights } from "../training/released_weights.ts";
import type { ModelChoice } from "../zoo/model_flags.ts";
import { stoppable } from "./stoppable.ts";

/** The task's arguments, whose values are checked. */
export interface ConvertArguments extends ModelChoice {
  input: string;
  output: string;
  to: string;
  only: string;
  force: boolean;
}

/** The newest checkpoint of a run. */
async function newestCheckpoint(folder: string): Promise<string> {
  // TensorFlow comes with these, and a file needs none.
  const { phaseOf, readTrainedRun } = await import("../training/pretrained.ts");
  const { checkpointFolder } = await import("../../lib/trainers/checkpoint_folder.ts");
  const { recipe, seed } = await readTrainedRun(folder);
  const phase = `${folder}/checkpoints/${phaseOf(recipe)}-seed${seed}`;
  const checkpoints = checkpointFolder(phase);
  const step = (await checkpoints.steps()).at(-1);
  if (step !== undefined) return checkpoints.path(step);
  throw new Error(`"${phase}" holds no checkpoint: let its run get further first`);
}

async function findInput(path: string): Promise<string> {
  const { NotADirectory, NotFound } = Deno.errors;
  const found = await Deno.stat(path).catch((error) => {
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    throw error;
  });
  if (found !== undefined) {
    return found.isDirectory ? await newestCheckpoint(path) : path;
  }
  const released = await releasedWeights(path);
  if (released !== undefined) return released;
  throw new Error(
    `There is no "${path}": give a checkpoint, the folder of a run, or the name of a released ` +
      "model (deno task models)",
  );
}

/** A checkpoint has the weights and the size that it has. */
function requireNoModelFlags(
  { weights, "image-size": imageSize }: Pick<ModelChoice, "weights" | "image-size">,
): void {
  const flag = weights !== "" ? "--weights" : imageSize > 0 ? "--image-size" : undefined;
  if (flag === undefined) return;
  throw new Error(`${flag} is for --to saved-model: give the file itself as IN`);
}

/** Converts, and says what was done. */
export async function convert(
  { input, output, to, only, which, force, ...choice }: ConvertArguments,
): Promise<string> {
  if (to === "saved-model") {
    if (only !== "everything") {
      throw new Error(
        `A SavedModel gives features with or without a classifier: leave out --only ${only}`,
      );
    }
    const { convertToSavedModel } = await import("./saved_model.ts");
    return await convertToSavedModel({
      model: input,
      folder: output,
      force,
      which,
      ...choice,
    });
  }
  requireNoModelFlags(choice);
  const options: ConvertOptions = {
    to: to as ConvertOptions["to"],
    only: only as NonNullable<ConvertOptions["only"]>,
    ...which === "" ? {} : { which: which as NonNullable<ConvertOptions["which"]> },
    force,
  };
  const path = await findInput(input);
  return await stoppable(async (signal) =>
    describeConversion(await convertCheckpoint(path, output, { ...options, signal }))
  );
}
