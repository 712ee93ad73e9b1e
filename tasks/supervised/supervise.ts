/**
 * `deno task finetune` and `deno task linear-probe` from images to report.
 *
 * @module
 */
import { disposeTree } from "../../lib/engine/mod.ts";
import type { Parameters, ParameterSpecification } from "../../lib/nn/scope.ts";
import { classifierOf } from "../../lib/recipes/build_classifier.ts";
import type { FinetuneRecipe, LinearRecipe } from "../../lib/recipes/recipe.ts";
import {
  type ClassificationReport,
  evaluateClassifier,
} from "../../lib/trainers/evaluate.ts";
import { averagedParametersOf } from "../../lib/trainers/gradient_job.ts";
import { evaluateProbe } from "../../lib/trainers/linear_probe_job.ts";
import { imageFormatOf } from "../../lib/trainers/streamed_images.ts";
import { train, type TrainingSurroundings } from "../../lib/trainers/training_loop.ts";
import {
  classNamesOf,
  type ImagesChoice,
  nameOfImages,
  openImages,
} from "../training/choose_images.ts";
import { showDry } from "../training/dry.ts";
import { openEvaluations, type TableLayout } from "../training/evaluations.ts";
import {
  phaseOf,
  type Pretrained,
  pretrainedParameters,
} from "../training/pretrained.ts";
import {
  evaluationImages,
  type Reading,
  sayIfFew,
  trainingImages,
} from "../training/recipe_images.ts";
import {
  defaultFolder,
  describeRun,
  recipeOfRun,
  runToEnd,
} from "../training/run_to_end.ts";
import type { Saving } from "../training/saving.ts";
import type { SupervisedRecipe } from "./adapt.ts";
import { drawnParameters } from "./drawn.ts";
import { fewLabels } from "./few_labels.ts";
import {
  type AnyJob,
  describeClassifier,
  describeProbed,
  prepareFinetuning,
  prepareProbe,
} from "./prepare.ts";
import { describeReport, writeReportFiles } from "./report.ts";

/** What one of the tasks is asked for. */
export interface SupervisedTask {
  recipe: SupervisedRecipe;
  choice: ImagesChoice;
  pretrained: Pretrained | undefined;
  /** What was written after `--from`. */
  from: string;
  /** What was written after `--like`: the weights are drawn anew. */
  like: string;
  /** Share of the labels. */
  labels: number;
  seed: number;
  out: string;
  dry: boolean;
  reading: Reading;
  saving?: Saving;
  command: string;
  inputs: { data: string; val: string };
}

/** A job, and how good its parameters are. */
interface Prepared {
  job: AnyJob;
  specifications: ReadonlyMap<string, ParameterSpecification>;
  evaluate(
    parameters: Parameters,
    surroundings: TrainingSurroundings,
  ): Promise<ClassificationReport>;
}

type Test = ReturnType<typeof evaluationImages>;

function optionsOf({ interruption, progress }: TrainingSurroundings) {
  return {
    ...{ phase: "test", batchSize: 250 },
    ...interruption === undefined ? {} : { interruption },
    ...progress === undefined ? {} : { progress },
  };
}

interface Parts {
  training: ReturnType<typeof trainingImages>;
  test: Test;
  classes: number;
}

/** The parameters to start from, if there are any. */
async function startOf(
  { pretrained, like, seed }: SupervisedTask,
  specifications: ReadonlyMap<string, ParameterSpecification>,
  channels: number,
): Promise<Parameters | undefined> {
  if (pretrained === undefined) return undefined;
  if (like === "") return await pretrainedParameters(pretrained, specifications);
  return drawnParameters(pretrained, { channels, seed });
}

async function finetuning(
  recipe: FinetuneRecipe,
  { training: images, test, classes }: Parts,
  task: SupervisedTask,
): Promise<Prepared> {
  const { seed } = task;
  const { channels } = imageFormatOf(images.dataset);
  const { imageSize, evaluation } = recipe.data;
  const specifications = describeClassifier(classifierOf(recipe, { classes, channels }), {
    ...{ imageSize, channels },
  });
  const start = await startOf(task, specifications, channels);
  const { job } = prepareFinetuning({ recipe, images, seed, classes, pretrained: start });
  const { dropPathRate: _, ...backbone } = recipe.model.backbone;
  const frozen = classifierOf(
    {
      ...recipe,
      model: { ...recipe.model, backbone },
      data: { ...recipe.data, imageSize: evaluation.crop },
    },
    { classes, channels },
  );
  return {
    ...{ job, specifications },
    evaluate: (parameters, surroundings) =>
      evaluateClassifier(parameters, frozen, test, optionsOf(surroundings)),
  };
}

/** Throws when what a probe is on has not all of the encoder. */
function requireEncoder(
  start: Parameters,
  described: ReadonlyMap<string, ParameterSpecification>,
  { from }: SupervisedTask,
): void {
  const missing = [...described.keys()].filter((name) =>
    !(name in start) && !(`backbone.${name}` in start)
  );
  if (missing.length === 0) return;
  throw new Error(
    `${from} has no ${
      missing.slice(0, 2).join(" and ")
    }, which the encoder needs: a linear probe ` +
      "is for what was pretrained and not fine-tuned",
  );
}

async function probing(
  recipe: LinearRecipe,
  { training: images, test, classes }: Parts,
  task: SupervisedTask,
): Promise<Prepared> {
  const { seed } = task;
  const { channels } = imageFormatOf(images.dataset);
  const described = describeProbed(recipe, channels);
  const start = (await startOf(task, described, channels))!;
  requireEncoder(start, described, task);
  const { job, encode } = prepareProbe({
    ...{ recipe, images, seed, classes, pretrained: start },
  });
  return {
    ...{ job, specifications: described },
    evaluate: (parameters, surroundings) =>
      evaluateProbe(parameters, encode, test, { ...optionsOf(surroundings), classes }),
  };
}

const layoutOf = (name: string, count: number): TableLayout<string, "top1" | "top5"> => ({
  title: `Accuracy on ${count} test images`,
  note:
    "Of the parameters after the last step, or of their moving average if there is one.",
  columns: [
    { key: "top1", label: "top-1", unit: "%", better: "higher", digits: 1 },
    { key: "top5", label: "top-5", unit: "%", better: "higher", digits: 1 },
  ],
  rows: [name],
});

/** Trains and evaluates, or does what is left of it; returns the exit status. */
export async function supervise(task: SupervisedTask): Promise<number> {
  const { recipe, choice, reading, seed, labels, command } = task;
  const all = await openImages(choice);
  const labelled = fewLabels(all.train, labels, seed);
  sayIfFew(labelled, recipe);
  const { test } = all;
  if (test === undefined || classNamesOf(test) === undefined) {
    throw new Error(
      `There are no labelled images to test ${all.train.name} with: give --val DIR`,
    );
  }
  const classNames = classNamesOf(labelled)!;
  const parts: Parts = {
    training: trainingImages(labelled, recipe.data, reading),
    test: evaluationImages(test, recipe.data, reading),
    classes: classNames.length,
  };
  const prepare = (recipe: SupervisedRecipe): Promise<Prepared> =>
    recipe.task === "finetune"
      ? finetuning(recipe, parts, task)
      : probing(recipe, parts, task);
  const prepared = await prepare(recipe);
  const { job, specifications } = prepared;
  if (task.dry) {
    const { channels } = imageFormatOf(parts.training.dataset);
    const { classes } = parts;
    return await showDry(
      { recipe, images: labelled, job, specifications, channels, classes },
      async (batch) => (await prepare({ ...recipe, batch })).job,
    );
  }
  const out = task.out || defaultFolder(
    `${recipe.name}${task.from === "" ? "-scratch" : ""}`,
    `${nameOfImages(choice)}${labels < 1 ? `-${labels}` : ""}`,
    seed,
  );
  const start = task.like !== ""
    ? `from random weights, like ${task.like},`
    : task.from === ""
    ? "from scratch"
    : `from ${task.from}`;
  const wanted = {
    ...describeRun({
      ...{ name: `${recipe.name} ${start} on ${labelled.name}`, command, seeds: [seed] },
      ...recipeOfRun(recipe, {
        from: task.from,
        ...task.like === "" ? {} : { like: task.like },
      }),
    }, { train: labelled, test }),
    ...{ inputs: task.inputs, from: task.from, like: task.like, classNames },
  };
  return await runToEnd(out, wanted, async (run, surroundings) => {
    const everySteps = Math.max(
      1,
      Math.round(recipe.evaluation.everyEpochs * job.steps / recipe.epochs),
    );
    let latest: { step: number; report: ClassificationReport } | undefined;
    const state = await train(job, {
      ...surroundings,
      evaluation: {
        everySteps,
        measure: async (state, step, interruption) => {
          const asked = interruption === undefined ? {} : { interruption };
          const report = await prepared.evaluate(averagedParametersOf(state), asked);
          latest = { step, report };
          return { top1: report.top1, top5: report.top5 };
        },
        best: { metric: "top1", better: "higher" },
      },
    });
    disposeTree(state.optimizer!);
    const evaluations = await openEvaluations(
      run,
      [seed],
      layoutOf(phaseOf(recipe), test.length),
    );
    const row = phaseOf(recipe);
    if (evaluations.has(row, ["top1", "top5"], seed)) return;
    // The last step is always measured, unless this run only goes on after it.
    const report = latest?.step === job.steps
      ? latest.report
      : await prepared.evaluate(averagedParametersOf(state), surroundings);
    await evaluations.once(row, "top1", seed, () => report.top1);
    await evaluations.once(row, "top5", seed, () => report.top5);
    console.log(describeReport(report, classNames));
    console.log(await writeReportFiles(run.folder, report, classNames));
  }, task.saving);
}
