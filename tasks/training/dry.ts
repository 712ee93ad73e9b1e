/**
 * What a run costs, in words: shapes, parameters, FLOPs, memory, and steps by the clock.
 *
 * @module
 */
import { disposeTree, type Tensor } from "../../lib/engine/mod.ts";
import { type CostInput, costOf, type RecipeCost } from "../../lib/recipes/measure.ts";
import type { BatchSection } from "../../lib/recipes/optimization.ts";
import type { Recipe } from "../../lib/recipes/recipe.ts";
import type { Specifications } from "../../lib/trainers/parameter_groups/mod.ts";
import { formatDuration, noProgress } from "../../lib/trainers/progress.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import type { TrainingJob } from "../../lib/trainers/training_job.ts";
import { type AvailableMemory, availableMemory } from "./available_memory.ts";
import type { NamedImages } from "./run_to_end.ts";
import { fittingImages, memoryOf, patientImages } from "./timed_batch.ts";

/** What is described. */
export interface DryDescription {
  recipe: Recipe;
  images: NamedImages;
  job: Pick<
    TrainingJob<Record<string, Tensor>>,
    "steps" | "batchSize" | "microBatchSize"
  >;
  specifications: Specifications;
  channels: number;
  classes?: number;
  /** Of a CLIP's captions. */
  vocabulary?: NonNullable<CostInput["vocabulary"]>;
}

/** Parameters of one shape that stand for each other in layer after layer. */
function shapeRows(specifications: Specifications): string[] {
  const rows = new Map<string, { name: string; shape: string; count: number }>();
  for (const [name, { shape }] of specifications) {
    const pattern = name.replaceAll(/\.\d+(?=\.|$)/g, ".*");
    const key = `${pattern} ${shape}`;
    const known = rows.get(key);
    if (known !== undefined) known.count++;
    else rows.set(key, { name: pattern, shape: `[${shape.join(", ")}]`, count: 1 });
  }
  const all = [...rows.values()];
  const width = Math.max(...all.map(({ name }) => name.length));
  return all.map(({ name, shape, count }) =>
    `  ${name.padEnd(width)}  ${shape}${count > 1 ? ` × ${count}` : ""}`
  );
}

function bytes(count: number): string {
  return count >= 1e9
    ? `${(count / 1e9).toFixed(2)} GB`
    : `${(count / 1e6).toFixed(1)} MB`;
}

function large(count: number): string {
  return count >= 1e9 ? `${(count / 1e9).toFixed(2)} G` : `${(count / 1e6).toFixed(2)} M`;
}

/** What the network of a run costs. */
function costOfRun(
  { recipe, channels, classes, vocabulary }: DryDescription,
): RecipeCost {
  return costOf(recipe, {
    channels,
    ...classes === undefined ? {} : { classes },
    ...vocabulary === undefined ? {} : { vocabulary },
  });
}

function rematerializes({ model }: Recipe): boolean {
  return "backbone" in model && model.backbone.rematerialize === true;
}

/** Shapes, parameters, FLOPs and memory of a run. */
export function describeDry(description: DryDescription): string {
  const { recipe, images, job, specifications, channels } = description;
  const { imageSize } = recipe.data;
  const { parameters, flops, memory, teacher } = costOfRun(description);
  const { microBatchSize = job.batchSize } = job;
  const parts = Math.ceil(job.batchSize / microBatchSize);
  return [
    `${recipe.name} (${recipe.task}) on ${images.length} images of ${images.name}`,
    `images     [${microBatchSize}, ${imageSize}, ${imageSize}, ${channels}]` +
    (parts > 1 ? `, ${parts} times for an update of ${job.batchSize}` : ""),
    "parameters",
    ...shapeRows(specifications),
    `  ${large(parameters.total)} in all, ${large(parameters.trainable)} of them trained`,
    `FLOPs      ${large(flops)} of a forward pass on one image (a multiply-add is one)`,
    ...teacher === undefined ? [] : [
      `teacher    ${large(teacher.parameters)} parameters, ${large(teacher.flops)} FLOPs`,
    ],
    `steps      ${job.steps}`,
    `memory     ${bytes(memory.state)} of weights, gradients and moments; ${
      rematerializes(recipe) ? "about" : "at most"
    } ` +
    `${bytes(memory.activations)} of activations`,
  ].join("\n");
}

const timed = 3;

type AnyJob<Batch extends Record<string, Tensor>> = TrainingJob<Batch>;

/** Seconds of the first step, which compiles, and of some after it. */
interface Timing {
  first: number;
  times: number[];
  median: number;
}

async function secondsOf<Batch extends Record<string, Tensor>>(
  job: AnyJob<Batch>,
): Promise<Timing> {
  const ends = [performance.now()];
  const steps = Math.min(job.steps, 1 + timed);
  const state = await train({ ...job, steps }, {
    progress: noProgress,
    afterStep: () => void ends.push(performance.now()),
  });
  disposeTree(state);
  const seconds = ends.slice(1).map((end, index) => (end - ends[index]!) / 1000);
  const [first = 0, ...others] = seconds;
  const times = others.length > 0 ? others : [first];
  return { first, times, median: times.toSorted((a, b) => a - b)[times.length >> 1]! };
}

function seconds(value: number): string {
  return `${value.toFixed(value < 1 ? 3 : 1)} s`;
}

/** Three steps by the clock after the first, which compiles, and how long all will take. */
export async function timedSteps<Batch extends Record<string, Tensor>>(
  job: AnyJob<Batch>,
): Promise<string> {
  const { first, times, median } = await secondsOf(job);
  return [
    `first step ${seconds(first)} with compiling, then ${
      times.map(seconds).join(", ")
    } ` +
    `(${(job.batchSize / median).toFixed(1)} images/s)`,
    `all        ${formatDuration(first + median * (job.steps - 1))}`,
  ].join("\n");
}

/** What is said of a batch that does not fit. */
function memoryAdvice(
  cost: RecipeCost,
  { micro }: BatchSection,
  memory: AvailableMemory,
  fitting: number | undefined,
): string {
  const needed = bytes(memoryOf(cost, micro, micro));
  const advice = fitting === undefined
    ? "not even two fit"
    : `--batch.micro ${fitting} fits, with the same gradients in more parts`;
  return `           that is up to ${needed} for ${micro} images at a time, and ${memory.of} has ` +
    `${bytes(memory.bytes)} free: ${advice}`;
}

// Seconds that a timed step may take.
const patience = 10;

/** Steps of the largest batch that can be waited for, of a whole update if possible. */
async function timeLargest<Batch extends Record<string, Tensor>>(
  jobOf: (batch: BatchSection) => AnyJob<Batch> | Promise<AnyJob<Batch>>,
  batch: BatchSection,
  fitting: number,
  few: number,
): Promise<Timing & { batch: BatchSection }> {
  const part = (images: number): BatchSection => ({ total: images, micro: images });
  const larger = [...fitting === batch.micro ? [batch] : [], part(fitting)];
  const whole = few === batch.total ? batch : part(few);
  const first = { batch: whole, ...await secondsOf(await jobOf(whole)) };
  const wanted = larger.find(({ total }) => first.median * total / few <= patience);
  return wanted === undefined || wanted.total <= few
    ? first
    : { batch: wanted, ...await secondsOf(await jobOf(wanted)) };
}

/**
 * Prints a run and the time of some steps: of as many images as fit into memory and can be waited
 * for, from which the time of the whole run follows.
 *
 * @param jobOf the run's job with another batch.
 * @returns the exit status.
 */
export async function showDry<Batch extends Record<string, Tensor>>(
  description: DryDescription,
  jobOf: (batch: BatchSection) => AnyJob<Batch> | Promise<AnyJob<Batch>>,
): Promise<number> {
  const { job, recipe: { batch } } = description;
  console.log(describeDry(description));
  const cost = costOfRun(description);
  const memory = availableMemory();
  const fitting = memory === undefined
    ? batch.micro
    : fittingImages(cost, batch, memory.bytes);
  if (memory !== undefined && fitting !== batch.micro) {
    console.log(memoryAdvice(cost, batch, memory, fitting));
  }
  if (fitting === undefined) {
    console.log(
      "Nothing is timed: the network does not fit into the memory that is free",
    );
    return 1;
  }
  const few = patientImages(cost, fitting);
  const timing = await timeLargest(jobOf, batch, fitting, few);
  const { batch: { total: images }, first, times, median } = timing;
  const updates = batch.total / images;
  console.log([
    ...images === batch.total ? [] : [
      `timed      with ${images} images; an update of ${batch.total} takes about ` +
      `${Number(updates.toFixed(1))} times as long`,
    ],
    `first step ${seconds(first)} with compiling, then ${
      times.map(seconds).join(", ")
    } ` +
    `(${(images / median).toFixed(1)} images/s)`,
    `all        ${formatDuration(first + median * updates * (job.steps - 1))}` +
    (images === batch.total ? "" : ", at this rate"),
  ].join("\n"));
  return 0;
}
