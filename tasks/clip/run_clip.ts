/**
 * One training of a CLIP in a run folder of its own: somebody's own, or a teacher that MILAN waits for.
 *
 * @module
 */
import { disposeTree, randomKey } from "../../lib/engine/mod.ts";
import { initializeParameters } from "../../lib/nn/scope.ts";
import type { ContrastiveRecipe } from "../../lib/recipes/recipe.ts";
import type { Run, RunWriter } from "../../lib/runs/mod.ts";
import { averagedParametersOf } from "../../lib/trainers/gradient_job.ts";
import { train, type TrainingSurroundings } from "../../lib/trainers/training_loop.ts";
import { imageFormatOf } from "../../lib/trainers/streamed_images.ts";
import type { SpeakingClip } from "../../lib/trainers/zero_shot.ts";
import { type Reading, someOf } from "../training/recipe_images.ts";
import { describeRun, recipeOfRun, runToEnd } from "../training/run_to_end.ts";
import type { Saving } from "../training/saving.ts";
import { aboutCaptions, type CaptionedImages } from "./captioned_images.ts";
import { measureClip } from "./measure.ts";
import { attentionPicture, writeClipNeighbours } from "./pictures.ts";
import { type ClipTraining, prepareClip } from "./prepare.ts";
import { saveTeacher } from "./save_teacher.ts";

/** One training of a CLIP in a run folder of its own. */
export interface ClipRun {
  recipe: ContrastiveRecipe;
  captioned: CaptionedImages;
  seed: number;
  reading: Reading;
  saving?: Saving;
  folder: string;
  command: string;
  /** What was written after `--data` and `--val`. */
  inputs: { data: string; val: string };
  /** Whether its features are measured; a teacher that somebody waits for is not. */
  measured: boolean;
}

const picturesPerRun = 4;
// Of what is read one by one, as in the runs of other methods.
const [mostBank, mostQueries] = [10_000, 2000];

/** Trains, saves, draws and measures. */
async function work(
  { recipe, captioned, seed, reading, folder, measured }: ClipRun,
  prepared: ClipTraining,
  run: RunWriter,
  surroundings: TrainingSurroundings,
): Promise<void> {
  const { job, tokenizer, configuration, specifications } = prepared;
  const shown = captioned.test ?? captioned.train;
  const writeAttention = await attentionPicture(run, shown, recipe.data, configuration);
  const between = Math.max(1, Math.ceil(job.steps / picturesPerRun));
  const { optimizer, ...state } = await train(job, {
    ...surroundings,
    afterStep: async (step, state, _loss, summaries) => {
      if (step % between !== 0 && step !== job.steps) return;
      await writeAttention(averagedParametersOf(state), step, summaries);
    },
  });
  disposeTree(optimizer!);
  const parameters = averagedParametersOf(state);
  const clip: SpeakingClip = { parameters, configuration, tokenizer };
  await saveTeacher(folder, clip, {
    ...imageFormatOf(prepared.images.dataset),
    fingerprint: captioned.train.fingerprint,
  });
  if (measured && captioned.test !== undefined) {
    await writeClipNeighbours(run, captioned.test, recipe.data, clip);
    const random = {
      ...clip,
      parameters: initializeParameters(specifications, randomKey(seed)),
    };
    const { train: bank, test: queries } = captioned;
    await measureClip({
      ...{ captioned, recipe, reading, seed, run, surroundings, clip, random },
      bank: "source" in prepared.images.dataset ? someOf(bank, mostBank, "bank") : bank,
      queries: "images" in queries ? queries : someOf(queries, mostQueries, "queries"),
    });
    disposeTree(random.parameters);
  }
  disposeTree(state);
}

/** What stands in the run's folder. */
export function describeClipRun(
  { recipe, captioned: { train, test }, seed, command, inputs }: ClipRun,
): Run {
  const images = test === undefined ? { train } : { train, test };
  const described = {
    ...{ name: `${recipe.name} on ${train.name}`, command, seeds: [seed] },
    ...recipeOfRun(recipe),
  };
  return { ...describeRun(described, images), ...{ inputs } };
}

/** Trains a CLIP, or does what is left of it; returns the exit status. */
export async function runClip(clipRun: ClipRun): Promise<number> {
  const prepared = prepareClip(clipRun);
  for (const sentence of aboutCaptions(clipRun.captioned)) console.error(sentence);
  return await runToEnd(
    clipRun.folder,
    describeClipRun(clipRun),
    (run, surroundings) => work(clipRun, prepared, run, surroundings),
    clipRun.saving,
  );
}
