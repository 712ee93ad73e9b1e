/**
 * Key maps at work: which tensors a checkpoint has under another project's names, and what each is
 * made of. Nothing is read to plan that; values follow when they are asked for.
 *
 * @module
 */
import type { StoredTensor } from "../element_types.ts";
import type { CheckpointEntry } from "../pickle/checkpoint_reader.ts";
import {
  fill,
  makingRules,
  readingRule,
  type ReadyRules,
  readyRules,
} from "./key_patterns.ts";
import type { KeyMap } from "./key_rules.ts";
import {
  cutRows,
  joinedShape,
  joinRows,
  splitShape,
  transposedShape,
  transposeMatrix,
} from "./stored_values.ts";

export {
  type KeyMap,
  type KeyRule,
  type MakeBuffer,
  rename,
  reverseKeyMap,
  type ValueChange,
} from "./key_rules.ts";

/** Tensors by name, in PyTorch's layout. */
export type StoredTensors = ReadonlyMap<string, StoredTensor>;

/** What is known of tensors before they are read, by name; shapes are in PyTorch's layout. */
export type Entries = ReadonlyMap<string, Readonly<CheckpointEntry>>;

/** A tensor under its new name, before it is read. */
export interface PlannedTensor extends CheckpointEntry {
  /** The names of the tensors that it is made of; none for a buffer that follows from a shape. */
  of: readonly string[];
  /** Makes it of their values. */
  make(parts: readonly StoredTensor[]): StoredTensor;
}

function same(name: string, { shape, dtype }: CheckpointEntry): PlannedTensor {
  return { shape, dtype, of: [name], make: ([tensor]) => tensor! };
}

function joinParts(
  names: readonly string[],
  to: string,
  entries: Entries,
): PlannedTensor {
  const parts = names.map((name) => {
    const part = entries.get(name);
    if (part === undefined) {
      throw new Error(
        `The checkpoint lacks ${name}: ${to} is made of ${names.join(", ")}`,
      );
    }
    return part;
  });
  const shape = joinedShape(parts, names);
  const make = (tensors: readonly StoredTensor[]) => joinRows(tensors, names);
  return { shape, dtype: parts[0]!.dtype, of: names, make };
}

/** What one tensor of the checkpoint becomes. */
function planOne(
  name: string,
  entry: CheckpointEntry,
  entries: Entries,
  rules: ReadyRules,
): [string, PlannedTensor][] {
  const found = readingRule(rules, name);
  if (found === undefined) return [[name, same(name, entry)]];
  const { rule, wildcards, position } = found;
  const { shape, dtype } = entry;
  switch (rule.kind) {
    case "drop":
    case "derived":
      return [];
    case "rename":
      return [[fill(rule.to, wildcards), same(name, entry)]];
    case "transpose": {
      const make = ([tensor]: readonly StoredTensor[]) => transposeMatrix(tensor!, name);
      const planned = { shape: transposedShape(shape, name), dtype, of: [name], make };
      return [[fill(rule.to, wildcards), planned]];
    }
    case "change": {
      const { apply } = rule;
      const make = ([tensor]: readonly StoredTensor[]) => apply.values(tensor!, name);
      try {
        const planned = { shape: apply.shape(shape), dtype, of: [name], make };
        return [[fill(rule.to, wildcards), planned]];
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
      }
    }
    case "split": {
      const count = rule.to.length;
      const part = splitShape(shape, count, name);
      return rule.to.map((to, index) => [fill(to, wildcards), {
        ...{ shape: part, dtype, of: [name] },
        make: ([tensor]) => cutRows(tensor!, count, index),
      }]);
    }
    case "join": {
      const names = rule.from.map((from) => fill(from, wildcards));
      // One of the parts stands for all of them: the first that is there.
      const first = names.findIndex((part) => entries.has(part));
      if (position !== first) return [];
      const to = fill(rule.to, wildcards);
      return [[to, joinParts(names, to, entries)]];
    }
  }
}

/** The buffers that the other project has beside a tensor. */
function planBuffers(
  name: string,
  { shape }: CheckpointEntry,
  rules: ReadyRules,
): [string, PlannedTensor][] {
  return makingRules(rules, name).map(({ rule, wildcards }) => {
    const buffer = rule.make(shape);
    const make = () => rule.make(shape);
    return [
      fill(rule.to, wildcards),
      { shape: buffer.shape, dtype: buffer.dtype, of: [], make },
    ];
  });
}

/**
 * What tensors are under another project's names, without reading them. Names that no rule reads stay
 * as they are, so that loading them into a model reports them.
 *
 * @param entries shapes and element types by name, as a checkpoint's reader has them.
 * @throws {Error} when a part of a joined tensor is missing, parts do not fit, a shape does not go
 *   with a rule, or two tensors get the same name.
 *
 * @example
 * ```ts
 * import { planKeyMap } from "./key_map.ts";
 * const map = {
 *   from: "A",
 *   to: "B",
 *   rules: [{ kind: "transpose", from: "proj.weight", to: "proj" } as const],
 * };
 * const entries = new Map([["proj.weight", { shape: [2, 3], dtype: "F32" as const }]]);
 * console.log(planKeyMap(map, entries).get("proj")!.shape); // [ 3, 2 ]
 * ```
 */
export function planKeyMap(map: KeyMap, entries: Entries): Map<string, PlannedTensor> {
  const rules = readyRules(map);
  const origins = new Map<string, string>();
  const planned = new Map<string, PlannedTensor>();
  for (const [name, entry] of entries) {
    const made = planBuffers(name, entry, rules);
    for (const [to, tensor] of [...planOne(name, entry, entries, rules), ...made]) {
      const other = origins.get(to);
      if (other !== undefined) {
        throw new Error(
          `Both ${other} and ${name} are "${to}" in the names of ${map.to}`,
        );
      }
      origins.set(to, name);
      planned.set(to, tensor);
    }
  }
  return planned;
}

/**
 * Brings tensors in memory to another project's names. Names that no rule reads stay as they are, so
 * that loading them into a model reports them.
 *
 * @throws {Error} as {@linkcode planKeyMap} does.
 *
 * @example
 * ```ts
 * import { applyKeyMap } from "./key_map.ts";
 * const bias = { shape: [1], dtype: "F32" as const, data: new Float32Array(1) };
 * const mapped = applyKeyMap(
 *   { from: "A", to: "B", rules: [{ kind: "rename", from: "ln*.bias", to: "norm*.bias" }] },
 *   new Map([["ln1.bias", bias]]),
 * );
 * console.log([...mapped.keys()]); // [ "norm1.bias" ]
 * ```
 */
export function applyKeyMap(
  map: KeyMap,
  tensors: StoredTensors,
): Map<string, StoredTensor> {
  return new Map(
    [...planKeyMap(map, tensors)].map(([name, { of, make }]) => [
      name,
      make(of.map((part) => tensors.get(part)!)),
    ]),
  );
}

/**
 * A map as a function of one name, for maps that only rename and drop.
 *
 * @returns the new name, undefined for a tensor that is dropped.
 * @throws {Error} when a rule for the name changes values too.
 *
 * @example
 * ```ts
 * import { renameBy } from "./key_map.ts";
 * import { mmpretrainVit } from "./mmpretrain_vit.ts";
 * const rename = renameBy(mmpretrainVit("linear"));
 * console.log(rename("backbone.layers.3.ln1.bias")); // "blocks.3.norm1.bias"
 * ```
 */
export function renameBy(map: KeyMap): (name: string) => string | undefined {
  const rules = readyRules(map);
  return (name) => {
    const found = readingRule(rules, name);
    if (found === undefined) return name;
    const { rule, wildcards } = found;
    if (rule.kind === "drop" || rule.kind === "derived") return undefined;
    if (rule.kind === "rename") return fill(rule.to, wildcards);
    throw new Error(
      `${name} changes more than its name between ${map.from} and ${map.to}`,
    );
  };
}
