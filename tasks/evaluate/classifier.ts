/**
 * `deno task evaluate` from a run to its report.
 *
 * @module
 */
import { disposeTree } from "../../lib/engine/mod.ts";
import { scope } from "../../lib/nn/scope.ts";
import {
  type ClassificationReport,
  evaluateLogits,
} from "../../lib/trainers/evaluate.ts";
import { terminalProgress } from "../../lib/trainers/progress.ts";
import { describeReport, writeReportFiles } from "../supervised/report.ts";
import { chooseImages, classNamesOf, openImages } from "../training/choose_images.ts";
import { networkOf } from "../training/network.ts";
import { readTrainedRun, type TrainedRun } from "../training/pretrained.ts";
import { evaluationImages } from "../training/recipe_images.ts";

/** What `deno task evaluate` is asked for. */
export interface EvaluateTask {
  folder: string;
  data: string;
  val: string;
  readers: number;
  "max-bad": number;
  /** A folder for the whole report; empty for none. */
  out: string;
}

type Test = ReturnType<typeof evaluationImages>;

const options = { phase: "test", batchSize: 250, progress: terminalProgress };

async function reportOf(
  run: TrainedRun,
  test: Test,
  sizes: { classes: number; channels: number },
): Promise<ClassificationReport> {
  const { folder, recipe: { task } } = run;
  if (task !== "finetune" && task !== "linear") {
    throw new Error(
      `"${folder}" holds no classifier: make one with deno task finetune --from ` +
        `${folder}, or see deno task knn ${folder}`,
    );
  }
  const { parameters, encode } = await networkOf(run, sizes);
  const frozen = scope(parameters);
  const report = await evaluateLogits(
    (images) => encode(frozen, images).logits!,
    ...[test, sizes.classes, options] as const,
  );
  disposeTree(parameters);
  return report;
}

/** Refuses images of other classes than those that the run has learned. */
function requireItsClasses(
  { folder, classNames: learned }: TrainedRun,
  { name }: { name: string },
  classNames: readonly string[],
): void {
  if (learned === undefined) return;
  const index = learned.findIndex((known, index) => known !== classNames[index]);
  if (index < 0 && learned.length === classNames.length) return;
  const place = index < 0 ? learned.length : index;
  const describe = (names: readonly string[]): string =>
    `${names.length} classes, number ${place} is ${JSON.stringify(names[place] ?? null)}`;
  throw new Error(
    `"${folder}" has learned other classes (${
      describe(learned)
    }) than those of ${name} ` +
      `(${describe(classNames)}): name the folders alike`,
  );
}

/** Prints the report; returns the exit status. */
export async function evaluateRun(
  { folder, data, val, readers, "max-bad": maxBad, out }: EvaluateTask,
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
  requireItsClasses(run, train, classNames);
  const images = evaluationImages(test, run.recipe.data, { readers, maxBad });
  const sizes = { classes: classNames.length, channels: test.channels };
  const report = await reportOf(run, images, sizes);
  console.log(describeReport(report, classNames));
  if (out !== "") console.log(await writeReportFiles(out, report, classNames));
  return 0;
}
