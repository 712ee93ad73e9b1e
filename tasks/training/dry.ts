/**
 * What a run costs, in words: shapes, parameters, FLOPs, memory, and steps by the clock.
 *
 * @module
 */
import { disposeTree, type Tensor } from "../../lib/engine/mod.ts";
import { costOf } from "../../lib/recipes/measure.ts";
import type { Recipe } from "../../lib/recipes/recipe.ts";
import type { Specifications } from "../../lib/trainers/parameter_groups/mod.ts";
import { formatDuration, noProgress } from "../../lib/trainers/progress.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import type { TrainingJob } from "../../lib/trainers/training_job.ts";
import type { NamedImages } from "./run_to_end.ts";

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

/** Shapes, parameters, FLOPs and memory of a run. */
export function describeDry(
  { recipe, images, job, specifications, channels, classes }: DryDescription,
): string {
  const { imageSize } = recipe.data;
  const cost = costOf(
    recipe,
    classes === undefined ? { channels } : { channels, classes },
  );
  const { parameters, flops, memory, teacher } = cost;
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
    `memory     ${bytes(memory.state)} of weights, gradients and moments; at most ` +
    `${bytes(memory.activations)} of activations`,
    `steps      ${job.steps}`,
  ].join("\n");
}

const timed = 3;

/** Three steps by the clock after the first, which compiles, and how long all will take. */
export async function timedSteps<Batch extends Record<string, Tensor>>(
  job: TrainingJob<Batch>,
): Promise<string> {
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
  const median = times.toSorted((a, b) => a - b)[times.length >> 1]!;
  const write = (value: number): string => `${value.toFixed(value < 1 ? 3 : 1)} s`;
  return [
    `first step ${write(first)} with compiling, then ${times.map(write).join(", ")} ` +
    `(${(job.batchSize / median).toFixed(1)} images/s)`,
    `all        ${formatDuration(first + median * (job.steps - 1))}`,
  ].join("\n");
}
