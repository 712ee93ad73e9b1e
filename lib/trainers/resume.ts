/**
 * Where a training job begins: at its first step, or after the newest checkpoint that is whole and
 * that fits the job.
 *
 * @module
 */
import { disposeTree, type Tensor } from "../engine/mod.ts";
import type { RunWriter } from "../runs/run.ts";
import { type BackgroundSaver, backgroundSaver } from "./background_save.ts";
import type { BestCheckpoint } from "./best_checkpoint.ts";
import { type CheckpointFacts, type TensorTree, walkTree } from "./checkpoint.ts";
import {
  type CheckpointFolder,
  checkpointFolder,
  type CheckpointFolderOptions,
  type LoadedCheckpoint,
} from "./checkpoint_folder.ts";
import type { TrainingJob } from "./training_job.ts";
import type { LoggedStep } from "./training_log.ts";

/** A step whose update is done, and not yet its evaluation and its line in the log. */
export type UnfinishedStep = Omit<LoggedStep, "step">;

/** Where a job goes on. */
export interface Start {
  state: TensorTree;
  step: number;
  /** The last step, if it was saved before it was evaluated and logged. */
  unfinished?: UnfinishedStep;
  best?: BestCheckpoint;
  /** Where the state is saved, if anywhere. */
  folder?: CheckpointFolder;
  saver?: BackgroundSaver;
}

const unfinishedFact = "unfinished";

/** How a checkpoint says that its last step is not finished. */
export function unfinishedFacts(
  { loss, metrics, milliseconds, waitedMilliseconds }: UnfinishedStep,
): CheckpointFacts {
  const kept = { loss, metrics, milliseconds, waitedMilliseconds };
  return { [unfinishedFact]: JSON.stringify(kept) };
}

function unfinishedIn(facts: CheckpointFacts): UnfinishedStep | undefined {
  const text = facts[unfinishedFact];
  return text === undefined ? undefined : JSON.parse(text) as UnfinishedStep;
}

type Job<Batch extends Record<string, Tensor>> = TrainingJob<Batch>;

function factsOf<Batch extends Record<string, Tensor>>(
  { phase, seed, batchSize, steps }: Job<Batch>,
  step: number,
): CheckpointFacts {
  const numbers = { step, seed, batchSize, steps };
  const texts = Object.entries(numbers).map(([name, value]) => [name, String(value)]);
  return { phase, ...Object.fromEntries(texts) };
}

function shapesOf(tree: TensorTree): Map<string, string> {
  const shapes = new Map<string, string>();
  walkTree(tree, (path, { shape, dtype }) => shapes.set(path, `${dtype} [${shape}]`));
  return shapes;
}

/** The first tensor in which a saved state is not what the job's own is. */
function firstMisfit(saved: TensorTree, own: TensorTree): string | undefined {
  const [there, wanted] = [shapesOf(saved), shapesOf(own)];
  for (const [name, shape] of wanted) {
    const found = there.get(name);
    if (found === undefined) return `has no ${name}`;
    if (found !== shape) return `has ${name} as ${found}, not ${shape}`;
  }
  const more = [...there.keys()].find((name) => !wanted.has(name));
  return more === undefined ? undefined : `has ${more}, which this job does not know`;
}

/** Why a checkpoint cannot be gone on from, if it cannot. */
function misfitOf<Batch extends Record<string, Tensor>>(
  { step, facts, tree }: LoadedCheckpoint,
  job: Job<Batch>,
): string | undefined {
  if (step > job.steps) return `is at step ${step} of ${job.steps}`;
  if (facts.batchSize !== String(job.batchSize)) {
    return `has batches of ${facts.batchSize} images, not ${job.batchSize}`;
  }
  const own = job.initial();
  try {
    return firstMisfit(tree, own);
  } finally {
    disposeTree(own);
  }
}

/** A saver that brings the metrics up to each checkpoint onto the disk with it. */
function saverFor<Batch extends Record<string, Tensor>>(
  job: Job<Batch>,
  run: RunWriter,
  folder: CheckpointFolder,
): BackgroundSaver {
  const save: CheckpointFolder["save"] = async (...checkpoint) => {
    const ends = await Promise.allSettled([folder.save(...checkpoint), run.flush()]);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  };
  return backgroundSaver({ save }, (step) => factsOf(job, step));
}

/**
 * The state that a job begins with.
 *
 * @throws {DamagedCheckpoint} when there are checkpoints, and none is whole.
 * @throws {Error} when the newest is of another job: nothing begins again by itself.
 */
export async function startOf<Batch extends Record<string, Tensor>>(
  job: Job<Batch>,
  run: RunWriter | undefined,
  options: CheckpointFolderOptions = {},
): Promise<Start> {
  if (run === undefined) return { state: job.initial(), step: 0 };
  const path = run.checkpointFolder(job.phase, job.seed);
  const folder = checkpointFolder(path, options);
  const saver = saverFor(job, run, folder);
  const saved = await folder.restore();
  if (saved === undefined) {
    const forgotten = await run.forgetAfter(job, 0);
    if (forgotten > 0) {
      const { say = console.error } = options;
      say(
        `There is no checkpoint of the ${forgotten} steps of ${job.phase} that were logged: it ` +
          "starts again at its first step",
      );
    }
    return { state: job.initial(), step: 0, folder, saver };
  }
  const { step, tree, best } = saved;
  const misfit = misfitOf(saved, job);
  if (misfit !== undefined) {
    disposeTree(tree);
    throw new Error(
      `The checkpoint "${saved.path}" ${misfit}, which cannot be: remove "${path}", and this ` +
        "phase starts again at its first step",
    );
  }
  const unfinished = unfinishedIn(saved.facts);
  await run.forgetAfter(job, unfinished === undefined ? step : step - 1);
  return {
    ...{ state: tree, step, folder, saver },
    ...best === undefined ? {} : { best },
    ...unfinished === undefined ? {} : { unfinished },
  };
}
