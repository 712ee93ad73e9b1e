/**
 * `deno task pretrain` from images to report.
 *
 * @module
 */
import { disposeTree, randomKey } from "../../lib/engine/mod.ts";
import { initializeParameters } from "../../lib/nn/scope.ts";
import type { PretrainRecipe } from "../../lib/recipes/recipe.ts";
import { averagedParametersOf } from "../../lib/trainers/gradient_job.ts";
import { onlineKnn } from "../../lib/trainers/online_evaluation.ts";
import {
  type OnlineEvaluation,
  train,
  type TrainingSurroundings,
} from "../../lib/trainers/training_loop.ts";
import {
  classNamesOf,
  type ImagesChoice,
  nameOfImages,
  openImages,
  type TaskImages,
} from "../training/choose_images.ts";
import { openEvaluations } from "../training/evaluations.ts";
import { frozenFeatures } from "../../lib/methods/frozen_features.ts";
import {
  frozenTable,
  type LabelledParts,
  measureFrozen,
} from "../training/measure_frozen.ts";
import {
  evaluationImages,
  fewImages,
  type Reading,
  sayIfFew,
  someOf,
  trainingImages,
} from "../training/recipe_images.ts";
import {
  defaultFolder,
  describeRun,
  recipeOfRun,
  runToEnd,
} from "../training/run_to_end.ts";
import { requireTeacherOfRun } from "../training/teacher_file.ts";
import type { Saving } from "../training/saving.ts";
import { writeMethodPicture } from "../training/write_picture.ts";
import { dryRun } from "./dry_run.ts";
import { findTeacher, requireTeachable } from "./find_teacher.ts";
import { overfit } from "./overfit.ts";
import { preparePretraining, type Pretraining } from "./prepare.ts";

/** What `deno task pretrain` is asked for. */
export interface PretrainTask {
  recipe: PretrainRecipe;
  choice: ImagesChoice;
  seed: number;
  /** Default: by recipe and images. */
  out: string;
  /** A folder or file; empty for what the recipe says. */
  teacher: string;
  reading: Reading;
  saving?: Saving;
  dry: boolean;
  /** Images to be learned by heart; 0 for none. */
  overfit: number;
  command: string;
  /** What was written after `--data` and `--val`. */
  inputs: { data: string; val: string };
  /** Whether nobody chose a recipe. */
  first: boolean;
}

// Enough to see features get better, and seconds on two cores.
const [mostBank, mostQueries] = [10_000, 10_000];
const picturesPerRun = 4;
const shownImages = 8;

/** Labelled images to measure features with, if there are labels. */
function labelledParts(
  { train, test }: TaskImages,
  recipe: PretrainRecipe,
  reading: Reading,
): LabelledParts | undefined {
  const classes = classNamesOf(train);
  if (classes === undefined || test === undefined || classNamesOf(test) === undefined) {
    return undefined;
  }
  const data = {
    ...recipe.data,
    evaluation: { ...recipe.data.evaluation, crop: recipe.data.imageSize },
  };
  return {
    bank: evaluationImages(someOf(train, mostBank, "bank"), data, reading),
    queries: evaluationImages(someOf(test, mostQueries, "queries"), data, reading),
    classes: classes.length,
  };
}

function onlineEvaluation(
  { evaluation, epochs }: PretrainRecipe,
  { backbone, optimization }: Pretraining,
  parts: LabelledParts | undefined,
): OnlineEvaluation | undefined {
  if (parts === undefined || evaluation.neighboursEveryEpochs === 0) return undefined;
  const everySteps = evaluation.neighboursEveryEpochs * optimization.steps / epochs;
  return onlineKnn({
    ...parts,
    everySteps: Math.max(1, Math.round(everySteps)),
    batchSize: 250,
    encode: (scope, images) => frozenFeatures(scope, images, backbone),
  });
}

/** Trains, measures and draws. */
async function work(
  task: PretrainTask,
  recipe: PretrainRecipe,
  images: TaskImages,
  prepared: Pretraining,
  run: Parameters<Parameters<typeof runToEnd>[2]>[0],
  surroundings: TrainingSurroundings,
): Promise<void> {
  const { job, pretext, specifications, backbone } = prepared;
  const { seed } = task;
  const parts = labelledParts(images, recipe, task.reading);
  const shown = await fewImages(images.test ?? images.train, recipe.data, shownImages);
  const picture = { run, pretext, images: shown, phase: job.phase };
  const online = onlineEvaluation(recipe, prepared, parts);
  const between = Math.max(1, Math.ceil(job.steps / picturesPerRun));
  const state = await train(job, {
    ...surroundings,
    ...online === undefined ? {} : { evaluation: online },
    afterStep: async (step, state, _loss, summaries) => {
      if (step % between !== 0 && step !== job.steps) return;
      await writeMethodPicture(picture, averagedParametersOf(state), step, summaries);
    },
  });
  disposeTree(state.optimizer!);
  const parameters = averagedParametersOf(state);
  if (parts === undefined) return;
  const rows = ["random weights", recipe.name];
  const note = `k-nearest neighbours (k = 20) and linear probe: labels of ` +
    `${imageCount(parts.bank)} images, tested on ${imageCount(parts.queries)}.`;
  const evaluations = await openEvaluations(run, [seed], frozenTable(rows, note));
  const random = initializeParameters(specifications, randomKey(seed));
  const measure = (row: string, of: () => typeof random) =>
    measureFrozen(row, seed, of, backbone, parts, evaluations, surroundings);
  await measure(rows[0]!, () => random);
  await measure(rows[1]!, () => parameters);
  disposeTree([random, parameters]);
}

function imageCount(images: LabelledParts["bank"]): number {
  return "source" in images ? images.source.length : images.length;
}

function sayHowToGoOn(out: string): void {
  console.log([
    "",
    "How to go on:",
    "  deno task recipes                              all recipes; --help lists their flags",
    "  deno task pretrain mae-tiny --data emoji       another method, other images",
    "  deno task pretrain milan-tiny --data FOLDER    your own pictures, in class folders",
    `  deno task finetune --from ${out}   a classifier out of this one`,
    `  deno task knn ${out}               nearest neighbours again`,
  ].join("\n"));
}

/** Pretrains, or does what is left of it; returns the exit status. */
export async function pretrain(task: PretrainTask): Promise<number> {
  const { recipe, choice, seed, reading, command } = task;
  const images = await openImages(choice);
  if (task.overfit === 0) sayIfFew(images.train, recipe);
  if (task.overfit === 0) requireTeachable({ ...task, images });
  if (task.dry) return await dryRun({ recipe, images, seed, reading });
  if (task.overfit > 0) {
    return await overfit({ recipe, images, seed, count: task.overfit });
  }
  const out = task.out || defaultFolder(recipe.name, nameOfImages(choice), seed);
  const held = await findTeacher({ ...task, images, out });
  if (typeof held === "number") return held;
  await requireTeacherOfRun(out, held?.file);
  const prepared = preparePretraining({
    ...{ recipe, seed, teacher: held?.teacher },
    images: trainingImages(images.train, recipe.data, reading),
  });
  const wanted = {
    ...describeRun({
      ...{ name: `${recipe.name} on ${images.train.name}`, command, seeds: [seed] },
      ...recipeOfRun(recipe, task.teacher === "" ? {} : { teacherFrom: task.teacher }),
    }, images),
    inputs: task.inputs,
    ...held?.file === undefined ? {} : { teacher: held.file },
  };
  const status = await runToEnd(
    out,
    wanted,
    (run, surroundings) => work(task, recipe, images, prepared, run, surroundings),
    task.saving,
  );
  held?.dispose();
  if (status === 0 && task.first) sayHowToGoOn(out);
  return status;
}
