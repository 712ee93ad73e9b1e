/**
 * The table of a CLIP's run: its features beside those of raw pixels and of a CLIP as drawn.
 *
 * @module
 */
import type { RunWriter } from "../../lib/runs/mod.ts";
import type { ContrastiveRecipe } from "../../lib/recipes/recipe.ts";
import { terminalProgress } from "../../lib/trainers/progress.ts";
import type { TrainingSurroundings } from "../../lib/trainers/training_loop.ts";
import type { SpeakingClip } from "../../lib/trainers/zero_shot.ts";
import { type Evaluations, openEvaluations } from "../training/evaluations.ts";
import { clipFeatures, type Encode, pixelFeatures } from "../training/frozen.ts";
import { evaluationImages, type Reading } from "../training/recipe_images.ts";
import {
  classesOf,
  clipMeasures,
  clipTable,
  type Column,
  type MeasuredImages,
  type Row,
} from "./measures.ts";
import { placedFeatures } from "./placed_features.ts";

/** What is measured, and where it is written. */
export interface MeasuredRun extends MeasuredImages {
  recipe: ContrastiveRecipe;
  reading: Reading;
  seed: number;
  run: RunWriter;
  surroundings: TrainingSurroundings;
  clip: SpeakingClip;
  /** The same with parameters as drawn. */
  random: SpeakingClip;
}

/** Takes what is missing of a row's measures; features are computed only if something is. */
async function measureRow(
  row: Row,
  encode: Encode,
  measured: MeasuredRun,
  evaluations: Evaluations<Row, Column>,
  speaking?: SpeakingClip,
): Promise<void> {
  const { bank, queries, recipe, reading, seed, surroundings } = measured;
  const measures = clipMeasures(measured, seed, speaking);
  const columns = Object.keys(measures) as Column[];
  if (evaluations.has(row, columns, seed)) return;
  const { imageSize: crop, evaluation, ...data } = recipe.data;
  const section = { ...data, imageSize: crop, evaluation: { ...evaluation, crop } };
  const { interruption, progress = terminalProgress } = surroundings;
  const featuresOf = (images: typeof bank) =>
    placedFeatures(evaluationImages(images, section, reading), encode, {
      ...{ phase: `features ${row}`, progress },
      ...interruption === undefined ? {} : { interruption },
    });
  const known = classesOf(measured) === undefined ? undefined : await featuresOf(bank);
  const asked = await featuresOf(queries);
  for (const column of columns) {
    await evaluations.once(row, column, seed, () => measures[column]!(known, asked));
  }
}

/** Fills in the table of a CLIP's run; there is none where nothing can be measured. */
export async function measureClip(measured: MeasuredRun): Promise<void> {
  const { run, seed, clip, random } = measured;
  const table = clipTable(measured);
  if (table === undefined) return;
  const evaluations = await openEvaluations(run, [seed], table);
  const measure = (row: Row, encode: Encode, speaking?: SpeakingClip) =>
    measureRow(row, encode, measured, evaluations, speaking);
  await measure("raw pixels", pixelFeatures);
  await measure("random CLIP", clipFeatures(random), random);
  await measure("CLIP", clipFeatures(clip), clip);
}
