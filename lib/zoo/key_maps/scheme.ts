/**
 * A project's names for one family of networks, written down once and read in both directions.
 *
 * @module
 */
import type { Family, Naming, Project } from "./naming.ts";
import type { Entries } from "./key_map.ts";
import { type KeyMap, type KeyRule, reverseKeyMap } from "./key_rules.ts";

/** What a family's names depend on, besides the project. */
export interface Outline {
  /** What stands before all names of the backbone, as in "resnet."; often nothing. */
  prefix: string;
  /** Stages of the network. */
  stages: number;
}

/** A project's names for one family. `Shape` is what they depend on. */
export interface Scheme<Shape extends Outline> {
  family: Family;
  project: Project;
  /** What a checkpoint of this project holds; undefined where it is another's. */
  outline(entries: Entries): Shape | undefined;
  /** The same of a model under the kit's names. */
  outlineInKit(entries: Entries): Shape;
  /** From its names to the kit's. */
  rules(shape: Shape): KeyRule[];
  /** The kit's names that it has no place for. */
  lacks?: readonly string[];
  /** What else a map to the kit must do for these tensors. */
  completed?(map: KeyMap, entries: Entries): KeyMap;
}

/** More stages than any network has. */
const mostNumbered = 64;
/** detectron2 calls the first stage after the stem the second. */
const latestFirst = 2;

/** The kit has openmixup's names for networks of stages. */
const kit = "openmixup";

/** A scheme as a naming. */
export function schemeNaming<Shape extends Outline>(scheme: Scheme<Shape>): Naming {
  const { family, project, lacks = [] } = scheme;
  const mapFor = (shape: Shape): KeyMap => ({
    ...{ from: project, to: kit },
    rules: scheme.rules(shape),
  });
  const orNone = (map: KeyMap): KeyMap | undefined =>
    map.rules.length === 0 ? undefined : map;
  return {
    family,
    project,
    recognizes: (entries) => scheme.outline(entries) !== undefined,
    toKit(entries) {
      const shape = scheme.outline(entries);
      if (shape === undefined) {
        throw new Error(`These are not ${project}'s names of a ${family}`);
      }
      const map = mapFor(shape);
      return orNone(scheme.completed?.(map, entries) ?? map);
    },
    fromKit(entries) {
      const { from, to, rules } = reverseKeyMap(mapFor(scheme.outlineInKit(entries)));
      const drops = lacks.map((name): KeyRule => ({ kind: "drop", from: name }));
      return orNone({ from, to, rules: [...drops, ...rules] });
    },
  };
}

/** What stands in a name before what a pattern finds at its end; undefined where no name has it. */
export function prefixBefore(entries: Entries, ending: string): string | undefined {
  for (const name of entries.keys()) {
    const start = name.length - ending.length;
    if (name.endsWith(ending) && (start === 0 || name[start - 1] === ".")) {
      return name.slice(0, start);
    }
  }
  return undefined;
}

/**
 * How many there are of something that is numbered in names: one more than the highest.
 *
 * @throws {Error} when numbers are left out: a single name must not make it many.
 */
export function countOf(entries: Entries, numbered: RegExp): number {
  const numbers = new Set<number>();
  for (const name of entries.keys()) {
    const found = numbered.exec(name)?.[1];
    if (found === undefined) continue;
    numbers.add(Number(found));
    if (numbers.size > mostNumbered) break;
  }
  if (numbers.size === 0) return 0;
  const [lowest, highest] = [Math.min(...numbers), Math.max(...numbers)];
  if (highest - lowest < numbers.size && lowest <= latestFirst) return highest + 1;
  throw new Error(
    `Its names count from ${lowest} to ${highest} (${numbered.source}) and leave out numbers: the ` +
      "checkpoint is damaged, or no such network",
  );
}

/** Text for a regular expression that finds just this text. */
export function literally(text: string): string {
  return text.replaceAll(".", "\\.");
}

/** The numbers 0, 1, … below a count. */
export function upTo(count: number): number[] {
  return [...Array(count).keys()];
}
