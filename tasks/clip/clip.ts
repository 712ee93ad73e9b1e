/**
 * `deno task clip` from data to report.
 *
 * @module
 */
import { describeClip } from "../../lib/backbones/clip.ts";
import { randomFlipShift } from "../../lib/data/mod.ts";
import { disposeTree, randomKey } from "../../lib/engine/mod.ts";
import { initializeParameters } from "../../lib/nn/scope.ts";
import { type ClipDataset, clipRecipe, clipSources } from "../../lib/recipes/clip.ts";
import type { SpeakingClip } from "../../lib/trainers/zero_shot.ts";
import { openEvaluations } from "../training/evaluations.ts";
import {
  clipFeatures,
  type Encode,
  evaluateFrozen,
  pixelFeatures,
} from "../training/frozen.ts";
import { describeRun, runToEnd } from "../training/run_to_end.ts";
import { trainClip } from "../training/train_clip.ts";
import { loadClipData, meaningsOf } from "./data.ts";
import { clipMeasures, clipTable, type Row } from "./measures.ts";
import { writePictures } from "./pictures.ts";
import { saveTeacher } from "./save_teacher.ts";

/** The flags of the task. */
export interface ClipTaskOptions {
  data: ClipDataset;
  minutes: number;
  seed: number;
  out: string;
}

/** What a test makes smaller. */
export interface ClipTaskParts {
  recipe?: ReturnType<typeof clipRecipe>;
  load?: typeof loadClipData;
}

/** Trains and measures a tiny CLIP, or does what is left of it; returns the exit status. */
export async function trainAndMeasure(
  { data: dataset, minutes, seed, out }: ClipTaskOptions,
  { recipe = clipRecipe(dataset, minutes), load = loadClipData }: ClipTaskParts = {},
): Promise<number> {
  const data = await load(recipe, seed);
  const wanted = describeRun({
    name: `A tiny CLIP on ${data.train.name}`,
    command:
      `deno task clip --data ${dataset} --minutes ${minutes} --seed ${seed} --out ${out}`,
    recipe: { ...recipe },
    sources: clipSources,
    seeds: [seed],
  }, data);
  return await runToEnd(out, wanted, async (run, surroundings) => {
    const evaluations = await openEvaluations(run, [seed], clipTable(data));
    const clip = await trainClip({
      ...{ seed, dataset: data.train, meanings: meaningsOf(data) },
      augmentation: randomFlipShift({ maxShift: recipe.maxShift, flip: recipe.flip }),
      ...{ patchSize: recipe.patchSize, recipe: recipe.training },
    }, surroundings);
    await saveTeacher(out, clip, data.train.fingerprint);
    await writePictures(run, data, clip);
    const context = {
      seed,
      surroundings,
      evaluations,
      bank: data.train,
      test: data.test,
    };
    const measure = (row: Row, encode: Encode, speaking?: SpeakingClip): Promise<void> =>
      evaluateFrozen(row, encode, clipMeasures(data, seed, speaking), context);
    const specifications = describeClip(clip.configuration, data.train.channels);
    const random = {
      ...clip,
      parameters: initializeParameters(specifications, randomKey(seed)),
    };
    await measure("raw pixels", pixelFeatures);
    await measure("random CLIP", clipFeatures(random), random);
    await measure("CLIP", clipFeatures(clip), clip);
    disposeTree([random.parameters, clip.parameters]);
  });
}
