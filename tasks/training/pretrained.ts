/**
 * What was trained before: the run folder of another task, one of its checkpoints, or weights from
 * elsewhere.
 *
 * @module
 */
import { disposeTree } from "../../lib/engine/mod.ts";
import type { Parameters, ParameterSpecification } from "../../lib/nn/scope.ts";
import type { Recipe } from "../../lib/recipes/recipe.ts";
import { recipeSchema } from "../../lib/recipes/schema.ts";
import { readRunFolder } from "../../lib/runs/mod.ts";
import { loadCheckpoint, type TensorTree } from "../../lib/trainers/checkpoint.ts";
import { checkpointFolder } from "../../lib/trainers/checkpoint_folder.ts";
import { averagedParametersOf } from "../../lib/trainers/gradient_job.ts";
import { openCheckpoint } from "../../lib/zoo/checkpoint_file.ts";
import type { TensorReader } from "../../lib/zoo/key_maps/map_reader.ts";
import { loadCheckpointInto } from "../../lib/zoo/load_checkpoint.ts";
import type { LoadReport } from "../../lib/zoo/load_report.ts";
import { kitReader, type Project } from "../../lib/zoo/namings.ts";
import { releasedWeights } from "./released_weights.ts";

/** A finished or unfinished run of a task that has a recipe. */
export interface TrainedRun {
  folder: string;
  recipe: Recipe;
  seed: number;
  /** What was written after `--data` and `--val`. */
  inputs: { data: string; val: string };
  /** The run whose encoder a probe is on. */
  from: string;
  /** The run whose network, drawn anew, a probe is on. */
  like: string;
  /** Of a classifier, in the order of its outputs. */
  classNames?: readonly string[];
}

/** The name of a recipe's phase in its run. */
export function phaseOf(recipe: Recipe): string {
  return recipe.task === "pretrain" || recipe.task === "clip"
    ? recipe.model.kind
    : recipe.task;
}

/** What a task writes into run.json beside the run. */
interface TaskNotes {
  inputs?: { data?: string; val?: string };
  from?: string;
  like?: string;
  classNames?: readonly string[];
}

/**
 * Reads what a run was.
 *
 * @throws {Error} when the folder holds no run, or one without a recipe.
 */
export async function readTrainedRun(folder: string): Promise<TrainedRun> {
  const { run } = await readRunFolder(folder);
  const { teacherFrom: _, from: __, like: ___, ...values } = run.recipe;
  const parsed = recipeSchema.safeParse({ sources: run.sources ?? {}, ...values });
  if (!parsed.success) {
    throw new Error(
      `"${folder}" is no run of deno task pretrain, finetune or linear-probe: its recipe is ` +
        "another one",
    );
  }
  const { inputs = {}, from = "", like = "", classNames } = run as TaskNotes;
  const { data = parsed.data.data.dataset, val = "" } = inputs;
  return {
    ...{ folder, recipe: parsed.data, seed: run.seeds[0]!, from, like },
    ...classNames === undefined ? {} : { classNames },
    inputs: { data, val },
  };
}

/** The parameters to evaluate, and nothing else of a checkpoint. */
function parametersIn(tree: TensorTree): Parameters {
  const { optimizer, ...others } = tree;
  if (optimizer !== undefined) disposeTree(optimizer);
  return averagedParametersOf(others);
}

/** The newest parameters of a run. */
export async function runParameters(
  { folder, recipe, seed }: Pick<TrainedRun, "folder" | "recipe" | "seed">,
): Promise<Parameters> {
  const path = `${folder}/checkpoints/${phaseOf(recipe)}-seed${seed}`;
  const saved = await checkpointFolder(path).newest();
  if (saved === undefined) {
    throw new Error(`"${path}" holds no checkpoint: let its run get further first`);
  }
  return parametersIn(saved.tree);
}

/** Something to start from. */
export type Pretrained =
  | { kind: "run"; run: TrainedRun }
  | { kind: "file"; path: string };

/**
 * Finds out what `--from` means; the weights of a released model are fetched if need be.
 *
 * @throws {Error} when there is neither a run folder nor a file, nor a released model.
 */
export async function findPretrained(from: string): Promise<Pretrained> {
  const info = await Deno.stat(from).catch(() => undefined);
  if (info?.isDirectory) return { kind: "run", run: await readTrainedRun(from) };
  if (info?.isFile) return { kind: "file", path: from };
  const released = await releasedWeights(from);
  if (released !== undefined) return { kind: "file", path: released };
  throw new Error(
    `There is no "${from}": give --from the folder of a run, one of its checkpoints, a file of ` +
      "weights (.pth, .safetensors, .pkl), or the name of a released model (deno task models)",
  );
}

/** A checkpoint's tensors as a network has them, at its root or below `backbone`. */
function asNetworkHas(
  reader: TensorReader,
  specifications: ReadonlyMap<string, ParameterSpecification>,
): TensorReader {
  const names = new Map(
    [...reader.entries.keys()].map((name) => {
      const bare = name.replace(/^backbone\./, "");
      return [specifications.has(name) ? name : bare, name] as const;
    }),
  );
  return {
    entries: new Map([...names].map(([name, from]) => [name, reader.entries.get(from)!])),
    read: (name, take) => reader.read(names.get(name)!, take),
  };
}

/** What was taken from a file; what was not must be seen, for it is drawn anew. */
function describeLoad(
  { matched, missing, wrongShape, resized }: LoadReport,
  wanted: number,
  project: Project,
): string {
  const some = (names: readonly string[]) =>
    names.slice(0, 3).join(", ") +
    (names.length > 3 ? ` and ${names.length - 3} more` : "");
  const shapes = wrongShape.map(({ name, stored, expected }) =>
    `${name} ([${stored}], not [${expected}])`
  );
  const tables = resized.map(({ name, stored, expected }) =>
    `${name} ([${stored}] to [${expected}])`
  );
  return [
    `${matched.length} of the network's ${wanted} parameters (under the names of ${project})`,
    ...missing.length > 0 ? [`not in the file: ${some(missing)}`] : [],
    ...shapes.length > 0 ? [`of another shape: ${some(shapes)}`] : [],
    ...tables.length > 0 ? [`resized: ${some(tables)}`] : [],
  ].join("; ");
}

/** Weights from elsewhere, whosever names they have. */
async function foreignParameters(
  path: string,
  specifications: ReadonlyMap<string, ParameterSpecification>,
): Promise<Parameters> {
  using file = await openCheckpoint(path);
  try {
    const { reader, naming: { project } } = kitReader(file);
    const fitting = asNetworkHas(reader, specifications);
    const { parameters, report } = await loadCheckpointInto(specifications, fitting, {
      strict: false,
    });
    console.error(`${path}: ${describeLoad(report, specifications.size, project)}`);
    return parameters;
  } catch (error) {
    const { message } = error as Error;
    const isOther = /^(Nothing of the checkpoint|The checkpoint has none)/.test(message);
    const way = "; name a recipe of the network that the file is of (deno task recipes)";
    throw new Error(`${path}: ${message}${isOther ? way : ""}`, { cause: error });
  }
}

/** Whether a file is a checkpoint of a run. */
async function isOfRun(path: string): Promise<boolean> {
  using file = await openCheckpoint(path);
  return [...file.entries.keys()].some((name) => name.startsWith("parameters/"));
}

/** The parameters of something to start from. */
export async function pretrainedParameters(
  found: Pretrained,
  specifications: ReadonlyMap<string, ParameterSpecification>,
): Promise<Parameters> {
  if (found.kind === "run") return await runParameters(found.run);
  if (!await isOfRun(found.path)) {
    return await foreignParameters(found.path, specifications);
  }
  const saved = await loadCheckpoint(found.path);
  return parametersIn(saved!.tree);
}
