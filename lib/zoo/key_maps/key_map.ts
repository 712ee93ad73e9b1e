/**
 * Key maps: how the tensors of a checkpoint go over from one project's names to another's. A map
 * is a list of rules that reads in both directions.
 *
 * In a name `*` stands for anything without a dot and `**` for anything; the wildcards of the one
 * name are those of the other, in their order.
 *
 * @module
 */
import type { StoredTensor } from "../element_types.ts";
import { joinRows, splitRows, transposeMatrix } from "./stored_values.ts";

/** How one kind of tensor goes over. */
export type KeyRule =
  | { kind: "rename"; from: string; to: string }
  /** A matrix that the other project stores transposed. */
  | { kind: "transpose"; from: string; to: string }
  /** Several tensors that the other project stores as one, along the first axis. */
  | { kind: "join"; from: readonly string[]; to: string }
  /** One tensor that the other project stores as several of equal size. */
  | { kind: "split"; from: string; to: readonly string[] }
  /** A tensor that the other project does not have. */
  | { kind: "drop"; from: string };

/** The rule that renames. */
export function rename(from: string, to: string): KeyRule {
  return { kind: "rename", from, to };
}

/** From one project's names to another's. */
export interface KeyMap {
  /** Whose names it reads, for messages. */
  from: string;
  /** Whose names it writes. */
  to: string;
  rules: readonly KeyRule[];
}

/** Tensors by name, in PyTorch's layout. */
export type StoredTensors = ReadonlyMap<string, StoredTensor>;

function matcher(pattern: string): RegExp {
  const source = pattern.split(/(\*\*|\*)/).map((part) =>
    part === "**" ? "(.+)" : part === "*" ? "([^.]+)" : part.replaceAll(".", "\\.")
  );
  return new RegExp(`^${source.join("")}$`);
}

function fill(pattern: string, wildcards: readonly string[]): string {
  const rest = wildcards[Symbol.iterator]();
  return pattern.replaceAll(/\*\*|\*/g, () => rest.next().value ?? "");
}

/** What a rule reads, with each pattern compiled once. */
interface ReadyRule {
  rule: KeyRule;
  patterns: RegExp[];
}

function readyRules({ rules }: KeyMap): ReadyRule[] {
  return rules.map((rule) => ({
    rule,
    patterns: (rule.kind === "join" ? rule.from : [rule.from as string]).map(matcher),
  }));
}

/** The first rule that reads a name, and what its wildcards stand for. */
function ruleFor(
  rules: readonly ReadyRule[],
  name: string,
): { rule: KeyRule; wildcards: string[]; position: number } | undefined {
  for (const { rule, patterns } of rules) {
    for (const [position, pattern] of patterns.entries()) {
      const found = pattern.exec(name);
      if (found !== null) return { rule, wildcards: found.slice(1), position };
    }
  }
  return undefined;
}

function joined(
  names: readonly string[],
  to: string,
  tensors: StoredTensors,
): StoredTensor {
  const parts = names.map((name) => {
    const part = tensors.get(name);
    if (part === undefined) {
      throw new Error(
        `The checkpoint lacks ${name}: ${to} is made of ${names.join(", ")}`,
      );
    }
    return part;
  });
  return joinRows(parts, names);
}

/** What one tensor of the checkpoint becomes. */
function convert(
  name: string,
  tensor: StoredTensor,
  tensors: StoredTensors,
  rules: readonly ReadyRule[],
): [string, StoredTensor][] {
  const found = ruleFor(rules, name);
  if (found === undefined) return [[name, tensor]];
  const { rule, wildcards, position } = found;
  switch (rule.kind) {
    case "drop":
      return [];
    case "rename":
      return [[fill(rule.to, wildcards), tensor]];
    case "transpose":
      return [[fill(rule.to, wildcards), transposeMatrix(tensor, name)]];
    case "split": {
      const parts = splitRows(tensor, rule.to.length, name);
      return rule.to.map((to, index) => [fill(to, wildcards), parts[index]!]);
    }
    case "join": {
      const names = rule.from.map((from) => fill(from, wildcards));
      // One of the parts stands for all of them: the first that is there.
      const first = names.findIndex((part) => tensors.has(part));
      if (position !== first) return [];
      const to = fill(rule.to, wildcards);
      return [[to, joined(names, to, tensors)]];
    }
  }
}

/**
 * Brings tensors to another project's names. Names that no rule reads stay as they are, so that
 * loading them into a model reports them.
 *
 * @throws {Error} when a part of a joined tensor is missing, parts do not fit, or two tensors get
 *   the same name.
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
  const rules = readyRules(map);
  const origins = new Map<string, string>();
  const mapped = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    for (const [to, value] of convert(name, tensor, tensors, rules)) {
      const other = origins.get(to);
      if (other !== undefined) {
        throw new Error(
          `Both ${other} and ${name} are "${to}" in the names of ${map.to}`,
        );
      }
      origins.set(to, name);
      mapped.set(to, value);
    }
  }
  return mapped;
}

function reverseRule(rule: KeyRule): KeyRule[] {
  switch (rule.kind) {
    case "rename":
    case "transpose":
      return [{ kind: rule.kind, from: rule.to, to: rule.from }];
    case "join":
      return [{ kind: "split", from: rule.to, to: rule.from }];
    case "split":
      return [{ kind: "join", from: rule.to, to: rule.from }];
    case "drop":
      return [];
  }
}

/** The map in the other direction; what a map drops does not come back. */
export function reverseKeyMap({ from, to, rules }: KeyMap): KeyMap {
  return { from: to, to: from, rules: rules.flatMap(reverseRule) };
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
    const found = ruleFor(rules, name);
    if (found === undefined) return name;
    if (found.rule.kind === "drop") return undefined;
    if (found.rule.kind === "rename") return fill(found.rule.to, found.wildcards);
    throw new Error(
      `${name} changes more than its name between ${map.from} and ${map.to}`,
    );
  };
}
