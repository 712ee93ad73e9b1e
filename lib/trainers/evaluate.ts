/**
 * How good a classifier is: top-1 and top-5 accuracy, for each class, and which classes it takes for
 * which.
 *
 * @module
 */
import type { ImageDataset } from "../data/mod.ts";
import type { Tensor } from "../engine/mod.ts";
import { type ClassifierConfiguration, classify } from "../methods/classification.ts";
import { type Parameters, scope } from "../nn/scope.ts";
import { encodeAll, type ExtractOptions, requireLabels } from "./features.ts";
import type { StreamedImages } from "./streamed_images.ts";

/** What is known of a classifier on a data set. */
export interface ClassificationReport {
  /** Images. */
  count: number;
  /** In percent. */
  top1: number;
  /** In percent; with five classes or fewer it is 100. */
  top5: number;
  /** Of each class: its images, and top-1 in percent (NaN where there are none). */
  perClass: { count: number; top1: number }[];
  /** Images by true class (row) and predicted one (column), `(classes, classes)`. */
  confusion: Int32Array;
}

/** Counts right answers. */
export interface ClassificationTally {
  /** Takes logits `(n, classes)` and the true classes `(n)`. */
  add(logits: Float32Array, labels: ArrayLike<number>): void;
  report(): ClassificationReport;
}

/**
 * A tally over so many classes. Of equal logits the first class wins.
 *
 * @example
 * ```ts
 * import { classificationTally } from "./evaluate.ts";
 * const tally = classificationTally(2);
 * tally.add(Float32Array.of(0, 1, 1, 0), [1, 1]);
 * console.log(tally.report().top1); // 50
 * ```
 */
export function classificationTally(classes: number): ClassificationTally {
  const confusion = new Int32Array(classes * classes);
  const counts = new Int32Array(classes);
  let count = 0;
  let amongFive = 0;
  const add = (logits: Float32Array, labels: ArrayLike<number>): void => {
    if (logits.length !== labels.length * classes) {
      throw new Error(
        `${labels.length} images and ${classes} classes need ${
          labels.length * classes
        } ` +
          `logits, got ${logits.length}`,
      );
    }
    for (let row = 0; row < labels.length; row++) {
      const values = logits.subarray(row * classes, (row + 1) * classes);
      const label = labels[row]!;
      const own = values[label];
      if (own === undefined) {
        throw new Error(
          `There is no class ${label} among ${classes}: look at the labels`,
        );
      }
      let best = 0;
      let before = 0;
      for (let index = 0; index < classes; index++) {
        const value = values[index]!;
        if (Number.isNaN(value)) {
          throw new Error("A logit is NaN: the parameters or the images are not finite");
        }
        if (value > values[best]!) best = index;
        if (value > own || (value === own && index < label)) before++;
      }
      count++;
      counts[label]!++;
      confusion[label * classes + best]!++;
      if (before < 5) amongFive++;
    }
  };
  const right = (label: number): number => confusion[label * classes + label]!;
  const percent = (part: number, whole: number): number => 100 * part / whole;
  return {
    add,
    report: () => {
      const all = Array.from(counts, (_, label) => right(label));
      return {
        count,
        top1: percent(all.reduce((sum, n) => sum + n, 0), count),
        top5: percent(amongFive, count),
        perClass: Array.from(counts, (count, label) => ({
          count,
          top1: percent(right(label), count),
        })),
        confusion: confusion.slice(),
      };
    },
  };
}

/**
 * Evaluates anything that gives logits.
 *
 * @param logitsOf normalised images `(B, H, W, C)` → `(B, classes)`; traced once.
 * @throws {Error} when the data set has no labels, or classes that the logits do not have.
 * @throws {Interrupted} when somebody asked to stop.
 */
export async function evaluateLogits(
  logitsOf: (images: Tensor) => Tensor,
  dataset: ImageDataset | StreamedImages,
  classes: number,
  options: ExtractOptions,
): Promise<ClassificationReport> {
  requireLabels(dataset, options.phase);
  const tally = classificationTally(classes);
  await encodeAll(dataset, logitsOf, options, ({ values, labels }) => {
    tally.add(values, labels!);
  });
  return tally.report();
}

/**
 * Evaluates a fine-tuned classifier.
 *
 * @param parameters to evaluate a moving average, those of `averagedParametersOf`.
 */
export function evaluateClassifier(
  parameters: Parameters,
  model: ClassifierConfiguration,
  dataset: ImageDataset | StreamedImages,
  options: ExtractOptions,
): Promise<ClassificationReport> {
  const frozen = scope(parameters);
  return evaluateLogits(
    (images) => classify(frozen, images, model).logits,
    dataset,
    model.classes,
    options,
  );
}

/** Accuracy in percent of a fine-tuned classifier. */
export async function classifierAccuracy(
  parameters: Parameters,
  model: ClassifierConfiguration,
  dataset: ImageDataset | StreamedImages,
  options: ExtractOptions,
): Promise<number> {
  return (await evaluateClassifier(parameters, model, dataset, options)).top1;
}
