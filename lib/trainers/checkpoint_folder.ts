/**
 * The checkpoints of one phase of a run: files numbered by step, of which the last few are kept and
 * the best by a metric. The newest that is whole is gone on from.
 *
 * @module
 */
import { explainWriting, writeAtomically } from "../runs/files.ts";
import {
  type CheckpointFacts,
  DamagedCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
  type TensorTree,
} from "./checkpoint.ts";

/** The best checkpoint so far. */
export interface BestCheckpoint {
  step: number;
  metric: string;
  value: number;
}

/** The metric by which a checkpoint is the best. */
export interface BestChoice {
  /** A name among what the job's evaluation gives. */
  metric: string;
  better: "higher" | "lower";
}

/** A checkpoint that was read back. */
export interface LoadedCheckpoint {
  tree: TensorTree;
  facts: CheckpointFacts;
  path: string;
  step: number;
}

/** The checkpoints of a phase. */
export interface CheckpointFolder {
  readonly folder: string;
  /** The path of the checkpoint after a step. */
  path(step: number): string;
  /** Steps of which there is a checkpoint, in rising order. */
  steps(): Promise<number[]>;
  /**
   * The newest that is whole; damaged ones after it are named on stderr and put aside.
   *
   * @throws {DamagedCheckpoint} when there are some, and none is whole.
   */
  newest(): Promise<LoadedCheckpoint | undefined>;
  /**
   * Writes one, then removes those that are too many. The tree may be disposed as soon as this has
   * been called.
   *
   * @param best what it is the best by, when it is.
   */
  save(
    step: number,
    tree: TensorTree,
    facts: CheckpointFacts,
    best?: Omit<BestCheckpoint, "step">,
  ): Promise<void>;
  best(): Promise<BestCheckpoint | undefined>;
}

/** Options of {@linkcode checkpointFolder}. */
export interface CheckpointFolderOptions {
  /** How many of the newest are kept, at least 1. Default: 2, should the newest be damaged. */
  keep?: number;
  /** How a checkpoint is written. Default: to the disk. */
  write?: typeof saveCheckpoint;
  /** Told about damaged checkpoints. Default: stderr. */
  say?: (sentence: string) => void;
}

// Digits of a step: files in the order of their names are in the order of their steps.
const digits = 8;
const namePattern = /^step-(\d+)\.safetensors$/;

async function stepsIn(folder: string): Promise<number[]> {
  const steps: number[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      const step = namePattern.exec(name)?.[1];
      if (step !== undefined) steps.push(Number(step));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return steps.sort((one, other) => one - other);
}

async function readBest(path: string): Promise<BestCheckpoint | undefined> {
  try {
    const { step, metric, value } = JSON.parse(await Deno.readTextFile(path));
    const isBest = Number.isInteger(step) && typeof metric === "string" &&
      typeof value === "number";
    return isBest ? { step, metric, value } : undefined;
  } catch (error) {
    // It only says which file is not to be removed: a damaged one is made again.
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return;
    throw error;
  }
}

function makeFolderNow(folder: string): void {
  try {
    Deno.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw explainWriting(error, folder);
  }
}

/** What a killed process left half written. */
async function removePartial(folder: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (/\.(partial|part)$/.test(name)) await Deno.remove(`${folder}/${name}`);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * The checkpoints of a folder, which is made when the first is saved.
 *
 * @throws {Error} when none would be kept.
 *
 * @example
 * ```ts
 * import { checkpointFolder } from "./checkpoint_folder.ts";
 * import { tf } from "../engine/mod.ts";
 * const checkpoints = checkpointFolder(await Deno.makeTempDir(), { keep: 2 });
 * for (const step of [1, 2, 3]) await checkpoints.save(step, { weight: tf.scalar(step) }, {});
 * console.log(await checkpoints.steps()); // [ 2, 3 ]
 * ```
 */
export function checkpointFolder(
  folder: string,
  options: CheckpointFolderOptions = {},
): CheckpointFolder {
  const { keep = 2, write = saveCheckpoint, say = console.error } = options;
  if (!(Number.isInteger(keep) && keep >= 1)) {
    throw new Error(`At least one checkpoint is kept, got ${keep}: use 1 or more`);
  }
  const path = (step: number): string =>
    `${folder}/step-${String(step).padStart(digits, "0")}.safetensors`;
  const bestPath = `${folder}/best.json`;

  const prune = async (): Promise<void> => {
    const steps = await stepsIn(folder);
    const best = await readBest(bestPath);
    for (const step of steps.slice(0, -keep)) {
      if (step !== best?.step) await Deno.remove(path(step));
    }
  };

  const newest = async (): Promise<LoadedCheckpoint | undefined> => {
    await removePartial(folder);
    const damaged: DamagedCheckpoint[] = [];
    for (const step of (await stepsIn(folder)).reverse()) {
      try {
        const loaded = await loadCheckpoint(path(step));
        if (loaded === undefined) continue;
        for (const { message } of damaged) {
          say(`${message}: going on from step ${step}`);
        }
        // Put aside and not removed: somebody may want to know what became of the disk.
        for (const later of (await stepsIn(folder)).filter((other) => other > step)) {
          await Deno.rename(path(later), `${path(later)}.damaged`);
        }
        return { ...loaded, path: path(step), step };
      } catch (error) {
        if (!(error instanceof DamagedCheckpoint)) throw error;
        damaged.push(error);
      }
    }
    if (damaged[0] !== undefined) {
      throw new DamagedCheckpoint(
        `${damaged[0].message}, and no older one is whole: ` +
          `remove "${folder}", and this phase starts again at its first step`,
      );
    }
  };

  return {
    folder,
    path,
    steps: () => stepsIn(folder),
    newest,
    best: () => readBest(bestPath),
    async save(step, tree, facts, best) {
      // Nothing is waited for before the tensors are held: the caller may dispose the tree.
      makeFolderNow(folder);
      await write(path(step), tree, facts);
      if (best !== undefined) {
        await writeAtomically(bestPath, JSON.stringify({ step, ...best }) + "\n");
      }
      await prune();
    },
  };
}
