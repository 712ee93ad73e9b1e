/**
 * `deno task convert MODEL FOLDER --to saved-model`: a model for TensorFlow Serving and Python.
 *
 * @module
 */
import { exportSavedModel } from "../../lib/zoo/saved_model.ts";
import type { ModelChoice } from "../zoo/model_flags.ts";
import { openModel } from "../zoo/open_model.ts";

/** What is written where. */
export interface SavedModelTask extends ModelChoice {
  /** The name of a released model or of an architecture, or a run folder. */
  model: string;
  folder: string;
  force: boolean;
}

async function refuseOverwriting(folder: string): Promise<void> {
  const isThere = await Deno.stat(`${folder}/saved_model.pb`).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new Error(
    `There is a model in "${folder}" already: name another folder, or replace it with --force`,
  );
}

/** Writes a SavedModel, and says how it is called. */
export async function convertToSavedModel(
  { model: name, folder, force, ...choice }: SavedModelTask,
): Promise<string> {
  if (!force) await refuseOverwriting(folder);
  using model = await openModel(name, choice);
  const { variables } = await exportSavedModel(model, folder, { overwrite: force });
  const { imageSize, mean } = model.preprocessing;
  const images = `(N, ${imageSize}, ${imageSize}, ${mean.length})`;
  const gives = model.classNames === undefined ? "features" : "features and logits";
  return [
    `${folder}: ${name} with ${variables.length} variables, images ${images} → ${gives}`,
    `tf.saved_model.load("${folder}").signatures: serving_default takes normalised float32, pixels ` +
    "takes uint8; --model_base_path of TensorFlow Serving is the folder above, and this one's " +
    "name a number",
  ].join("\n");
}
