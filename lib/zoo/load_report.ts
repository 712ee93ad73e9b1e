/**
 * How a checkpoint and a model go together, before anything is read.
 *
 * @module
 */
import type { ParameterSpecification } from "../nn/scope.ts";
import { referenceShape } from "./layout.ts";
import type { Entries } from "./key_maps/key_map.ts";
import { type Resizing, resizingOf } from "./resize_positions.ts";

/** A parameter that the checkpoint and the model have in different shapes, in PyTorch's layout. */
export interface OtherShape {
  name: string;
  stored: number[];
  expected: number[];
}

/** How a checkpoint and a model go together; shapes are in PyTorch's layout. */
export interface LoadReport {
  /** The model's parameters that the checkpoint has, the resized ones among them. */
  matched: string[];
  /** The model's parameters that it lacks. */
  missing: string[];
  /** What the checkpoint holds besides, under its own names. */
  unexpected: string[];
  /** Parameters that both have, in different shapes. */
  wrongShape: OtherShape[];
  /** Position embeddings and bias tables that were brought to the model's grid. */
  resized: OtherShape[];
}

/** What a model's parameters are, by name. */
export type Specifications = ReadonlyMap<string, ParameterSpecification>;

/** Where a parameter comes from. */
export interface Source {
  /** Its parameter's name in the checkpoint. */
  from: string;
  /** How it comes to the model's grid; undefined where it is there. */
  resizing: Resizing | undefined;
}

/** What to read for a model. */
export interface LoadPlan {
  /** By the parameters' names, in the model's order: all that match. */
  sources: Map<string, Source>;
  report: LoadReport;
}

/** Options of {@linkcode planLoad}. */
export interface PlanLoadOptions {
  /** The model's name for a name of the checkpoint; undefined leaves the tensor out. */
  rename: (name: string) => string | undefined;
  /** Whether position embeddings and bias tables of another grid are resized. */
  resize: boolean;
  /** False takes what fits, if anything does. */
  strict: boolean;
}

function list(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return names.slice(0, 3).join(", ") + more;
}

function refusal({ missing, unexpected, wrongShape }: LoadReport): string | undefined {
  const shapes = wrongShape.map(({ name, stored, expected }) =>
    `${name} (is [${stored}], the model needs [${expected}])`
  );
  const faults = [
    ...(missing.length > 0 ? [`${missing.length} missing: ${list(missing)}`] : []),
    ...(unexpected.length > 0
      ? [`${unexpected.length} unexpected: ${list(unexpected)}`]
      : []),
    ...(shapes.length > 0 ? [`${shapes.length} of another shape: ${list(shapes)}`] : []),
  ];
  if (faults.length === 0) return undefined;
  return `The checkpoint does not fit the model: ${faults.join("; ")}. ` +
    "Choose the model that the weights are of, or in code take what fits with strict: false";
}

/** Why not even a part of a checkpoint is of use; undefined where some is. */
function nothingFits({ matched, missing, wrongShape }: LoadReport, entries: Entries) {
  if (matched.length > 0) return undefined;
  const [other] = wrongShape;
  if (other !== undefined) {
    return "Nothing of the checkpoint fits the model: " +
      `${other.name} is [${other.stored}], the model needs [${other.expected}]`;
  }
  const [first] = entries.keys();
  if (missing.length === 0) return undefined;
  return `The checkpoint has none of the model's parameters, such as ${missing[0]}: ` +
    (first === undefined ? "it is empty" : `its first is ${first}`);
}

/** The model's name of each of the checkpoint's tensors. */
function findSources(
  specifications: Specifications,
  entries: Entries,
  rename: PlanLoadOptions["rename"],
): { found: Map<string, string>; unexpected: string[] } {
  const found = new Map<string, string>();
  const unexpected: string[] = [];
  for (const from of entries.keys()) {
    const name = rename(from);
    if (name === undefined) continue;
    const other = found.get(name);
    if (other !== undefined) {
      throw new Error(`The tensors ${other} and ${from} both stand for ${name}`);
    }
    if (specifications.has(name)) found.set(name, from);
    else unexpected.push(from);
  }
  return { found, unexpected };
}

/**
 * Holds a checkpoint against a model.
 *
 * @throws {Error} when strict and anything does not fit, when nothing fits, or when two stored names
 *   mean one parameter.
 */
export function planLoad(
  specifications: Specifications,
  entries: Entries,
  { rename, resize, strict }: PlanLoadOptions,
): LoadPlan {
  const { found, unexpected } = findSources(specifications, entries, rename);
  const sources = new Map<string, Source>();
  const report: LoadReport = {
    ...{ matched: [], missing: [], unexpected },
    ...{ wrongShape: [], resized: [] },
  };
  for (const [name, { shape, layout }] of specifications) {
    const from = found.get(name);
    if (from === undefined) {
      report.missing.push(name);
      continue;
    }
    const stored = entries.get(from)!.shape;
    const expected = referenceShape(shape, layout);
    const fits = stored.join() === expected.join();
    const resizing = resize && !fits ? resizingOf(name, stored, expected) : undefined;
    if (!fits && resizing === undefined) {
      report.wrongShape.push({ name, stored, expected });
      continue;
    }
    if (resizing !== undefined) report.resized.push({ name, stored, expected });
    report.matched.push(name);
    sources.set(name, { from, resizing });
  }
  const message = strict ? refusal(report) : nothingFits(report, entries);
  if (message !== undefined) throw new Error(message);
  return { sources, report };
}
