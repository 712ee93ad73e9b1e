/**
 * `deno task evaluate` from a run to its report.
 *
 * @module
 */
import { disposeTree } from "../../lib/engine/mod.ts";
import { scope } from "../../lib/nn/scope.ts";
import { classifierOf } from "../../lib/recipes/build_classifier.ts";
import {
  type ClassificationReport,
  evaluateClassifier,
} from "../../lib/trainers/evaluate.ts";
import { evaluateProbe } from "../../lib/trainers/linear_probe_job.ts";
import { terminalProgress } from "../../lib/trainers/progress.ts";
import { probeBackbone } from "../supervised/prepare.ts";
import { describeReport } from "../supervised/report.ts";
import { chooseImages, classNamesOf, openImages } from "../training/choose_images.ts";
import { frozenFeatures } from "../training/frozen_backbone.ts";
import {
  findPretrained,
  pretrainedParameters,
  readTrainedRun,
  runParameters,
  type TrainedRun,
} from "../training/pretrained.ts";
import { evaluationImages } from "../training/recipe_images.ts";

/** What `deno task evaluate` is asked for. */
export interface EvaluateTask {
  folder: string;
  data: string;
  val: string;
  readers: number;
}

type Test = ReturnType<typeof evaluationImages>;

const options = { phase: "test", batchSize: 250, progress: terminalProgress };

async function reportOf(
  run: TrainedRun,
  test: Test,
  { classes, channels }: { classes: number; channels: number },
): Promise<ClassificationReport> {
  const { recipe } = run;
  if (recipe.task !== "finetune" && recipe.task !== "linear") {
    throw new Error(
      `"${run.folder}" holds no classifier: make one with deno task finetune --from ` +
        `${run.folder}, or see deno task knn ${run.folder}`,
    );
  }
  const parameters = await runParameters(run);
  if (recipe.task === "finetune") {
    const { dropPathRate: _, ...backbone } = recipe.model.backbone;
    const model = classifierOf(
      {
        ...recipe,
        model: { ...recipe.model, backbone },
        data: { ...recipe.data, imageSize: recipe.data.evaluation.crop },
      },
      { classes, channels },
    );
    const report = await evaluateClassifier(parameters, model, test, options);
    disposeTree(parameters);
    return report;
  }
  const encoder = await pretrainedParameters(await findPretrained(run.from), new Map());
  const frozen = scope(encoder);
  const backbone = probeBackbone(recipe, channels, encoder);
  const report = await evaluateProbe(
    parameters,
    (batch) => frozenFeatures(frozen, batch, backbone),
    test,
    { ...options, classes },
  );
  disposeTree([parameters, encoder]);
  return report;
}

/** Prints the report; returns the exit status. */
export async function evaluateRun(
  { folder, data, val, readers }: EvaluateTask,
): Promise<number> {
  const run = await readTrainedRun(folder);
  const { inputs } = run;
  const choice = data === ""
    ? await chooseImages(inputs.data, val || inputs.val)
    : await chooseImages(data, val);
  const { train, test } = await openImages(choice);
  const classNames = classNamesOf(train);
  if (test === undefined || classNames === undefined) {
    throw new Error(
      `${train.name} has no labels, or nothing to be tested on: give --val DIR`,
    );
  }
  const images = evaluationImages(test, run.recipe.data, { readers, maxBad: 0.01 });
  const sizes = { classes: classNames.length, channels: test.channels };
  console.log(describeReport(await reportOf(run, images, sizes), classNames));
  return 0;
}
