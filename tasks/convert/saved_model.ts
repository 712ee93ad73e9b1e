/**
 * `deno task convert MODEL FOLDER --to saved-model`: a model for TensorFlow Serving and Python.
 *
 * @module
 */
import { exportSavedModel } from "../../lib/zoo/saved_model.ts";
import { type ModelChoice, openModel } from "../zoo/open_model.ts";

/** What is written where. */
export interface SavedModelTask extends ModelChoice {
  /** The name of a released model or of an architecture, or a run folder. */
  model: string;
  folder: string;
  force: boolean;
}

async function requireModel(name: string): Promise<void> {
  const isFile = await Deno.stat(name).then((info) => info.isFile, () => false);
  if (!isFile) return;
  throw new Error(
    `"${name}" is a file of weights, which do not tell their network: deno task convert MODEL ` +
      `OUT --to saved-model --weights ${name} (deno task models lists the models)`,
  );
}

/** Writes a SavedModel, and says how it is called. */
export async function convertToSavedModel(
  { model: name, folder, force, ...choice }: SavedModelTask,
): Promise<string> {
  await requireModel(name);
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
