/**
 * The checkpoints of one phase of a run: files numbered by step, of which the last few are kept and
 * the best by a metric. The newest that is whole is gone on from.
 *
 * @module
 */
import { disposeTree } from "../engine/mod.ts";
import { explainWriting, syncFolderOf, writeAtomically } from "../runs/files.ts";
import { type BestCheckpoint, parseBest, readBest } from "./best_checkpoint.ts";
import {
  type CheckpointFacts,
  DamagedCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
  type TensorTree,
} from "./checkpoint.ts";

/** A checkpoint that was read back. */
export interface LoadedCheckpoint {
  tree: TensorTree;
  facts: CheckpointFacts;
  path: string;
  step: number;
  /** The best up to this step, itself included. */
  best?: BestCheckpoint;
}

/** The checkpoints of a phase. */
export interface CheckpointFolder {
  readonly folder: string;
  /** The path of the checkpoint after a step. */
  path(step: number): string;
  /** Steps of which there is a checkpoint, in rising order. */
  steps(): Promise<number[]>;
  /**
   * The newest that is whole; damaged ones after it are named on stderr.
   *
   * @throws {DamagedCheckpoint} when there are some, and none is whole.
   */
  newest(): Promise<LoadedCheckpoint | undefined>;
  /**
   * The same for who goes on from it and is alone in the folder: damaged ones are put aside, what a
   * killed process left half written is removed, and the best is what it was at that step.
   *
   * @throws {DamagedCheckpoint} when there are some, and none is whole.
   */
  restore(): Promise<LoadedCheckpoint | undefined>;
  /**
   * Writes one, then removes those that are too many. The tree may be disposed as soon as this has
   * been called.
   *
   * @param best the best up to this step, which may be itself.
   */
  save(
    step: number,
    tree: TensorTree,
    facts: CheckpointFacts,
    best?: BestCheckpoint,
  ): Promise<void>;
  /** Renames one so that nobody goes on from it, if it is there. */
  putAside(step: number, why: "damaged" | "diverged"): Promise<void>;
  /** The best that is there. */
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

function makeFolderNow(folder: string): void {
  try {
    Deno.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw explainWriting(error, folder);
  }
}

// The fact of a checkpoint that says which is the best up to its step.
const bestFact = "best";

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
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
      if (step !== best?.step) await removeIfThere(path(step));
    }
  };

  const putAside = async (step: number, why: string): Promise<void> => {
    try {
      await Deno.rename(path(step), `${path(step)}.${why}`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw explainWriting(error, folder);
    }
  };

  const noteBest = (best: BestCheckpoint): Promise<void> =>
    writeAtomically(bestPath, JSON.stringify(best) + "\n");

  /** The newest that is whole, and the steps of the damaged ones after it. */
  const find = async (): Promise<[LoadedCheckpoint?, ...number[]]> => {
    const damaged: DamagedCheckpoint[] = [];
    const steps = (await stepsIn(folder)).reverse();
    for (const step of steps) {
      try {
        const loaded = await loadCheckpoint(path(step));
        if (loaded === undefined) continue;
        for (const { message } of damaged) {
          say(`${message}: going on from step ${step}`);
        }
        const best = parseBest(loaded.facts[bestFact] ?? "") ?? await readBest(bestPath);
        const isKnown = best !== undefined && best.step <= step;
        return [
          { ...loaded, path: path(step), step, ...isKnown ? { best } : {} },
          ...steps.filter((other) => other > step),
        ];
      } catch (error) {
        if (!(error instanceof DamagedCheckpoint)) throw error;
        damaged.push(error);
      }
    }
    if (damaged[0] === undefined) return [];
    throw new DamagedCheckpoint(
      `${damaged[0].message}, and no older one is whole: ` +
        `remove "${folder}", and this phase starts again at its first step`,
    );
  };

  return {
    folder,
    path,
    steps: () => stepsIn(folder),
    newest: async () => (await find())[0],
    async restore() {
      const [found, ...damaged] = await find();
      try {
        await removePartial(folder);
        // Put aside and not removed: somebody may want to know what became of the disk.
        for (const step of damaged) {
          await putAside(step, "damaged");
        }
        const { best } = found ?? {};
        if (best !== undefined && best.step !== (await readBest(bestPath))?.step) {
          await noteBest(best);
        }
        if (best === undefined) await removeIfThere(bestPath);
        return found;
      } catch (error) {
        if (found !== undefined) disposeTree(found.tree);
        throw explainWriting(error, folder);
      }
    },
    putAside,
    async best() {
      const best = await readBest(bestPath);
      return best !== undefined && (await stepsIn(folder)).includes(best.step)
        ? best
        : undefined;
    },
    async save(step, tree, facts, best) {
      const isNew = best?.step === step;
      const known = best === undefined ? {} : { [bestFact]: JSON.stringify(best) };
      // Nothing is waited for before the tensors are held: the caller may dispose the tree.
      makeFolderNow(folder);
      await write(path(step), tree, { ...facts, ...known });
      await syncFolderOf(folder); // it may be new itself
      if (isNew) await noteBest(best);
      await prune();
    },
  };
}
