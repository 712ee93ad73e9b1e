/**
 * `deno task predict` from pictures to lines.
 *
 * @module
 */
import { imageFolder } from "../../lib/data/mod.ts";
import { requireClassifier } from "../../lib/zoo/model.ts";
import { likeliest, predictEach, type SeenPicture } from "../../lib/zoo/predict.ts";
import type { ModelChoice } from "./model_flags.ts";
import { openModel } from "./open_model.ts";

/** What `deno task predict` is asked for. */
export interface PredictTask extends ModelChoice {
  /** The name of a released model or of an architecture, or a run folder. */
  model: string;
  /** Pictures, and folders of them. */
  pictures: readonly string[];
  top: number;
  json: boolean;
}

/** Pictures, with folders as what lies in them. */
async function picturesOf(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(async (path) => {
    const isFolder = await Deno.stat(path).then((info) => info.isDirectory, () => false);
    if (!isFolder) return [path];
    const folder = await imageFolder({ directory: path, classes: "none" });
    const { count, first } = folder.otherPictures;
    if (count > 0) {
      console.error(
        `${path}: left out as mimkit does not read their format: ${first}` +
          (count > 1 ? ` and ${count - 1} more` : ""),
      );
    }
    return folder.paths.map((_, index) => folder.describe(index));
  }));
  return found.flat();
}

function lineOf(
  { picture, prediction }: Extract<SeenPicture, { prediction: unknown }>,
  { top, json }: PredictTask,
  classNames: readonly string[] | undefined,
): string {
  const classes = likeliest(prediction.scores, top, classNames);
  if (json) {
    const { predClass, predLabel, predScore } = prediction;
    return JSON.stringify({ picture, predClass, predLabel, predScore, top: classes });
  }
  const lines = classes.map(({ name, label, score }) =>
    `  ${(100 * score).toFixed(1).padStart(5)} %  ${name}${
      name === `${label}` ? "" : ` (${label})`
    }`
  );
  return [`${picture}`, ...lines].join("\n");
}

/** Prints what the model sees; returns the exit status, 1 when a picture could not be read. */
export async function predictPictures(task: PredictTask): Promise<number> {
  const pictures = await picturesOf(task.pictures);
  requireClassifier(task.model);
  using model = await openModel(task.model, task);
  let unread = 0;
  for await (const seen of predictEach(model, pictures)) {
    if ("error" in seen) {
      console.error(seen.error.message);
      unread++;
    } else console.log(lineOf(seen, task, model.classNames));
  }
  return unread > 0 ? 1 : 0;
}
