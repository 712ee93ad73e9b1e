/**
 * Which rule of a key map reads a name, and what its wildcards stand for.
 *
 * @module
 */
import type { KeyMap, KeyRule } from "./key_rules.ts";

/** A rule that takes tensors over, or leaves them out. */
export type ReadingRule = Exclude<KeyRule, { kind: "make" }>;

/** A rule that adds tensors. */
export type MakingRule = Extract<KeyRule, { kind: "make" }>;

/** A rule with each name compiled once. */
interface Ready<Rule> {
  rule: Rule;
  patterns: RegExp[];
}

/** The rules of a map, ready to be asked. */
export interface ReadyRules {
  reading: Ready<ReadingRule>[];
  making: Ready<MakingRule>[];
}

/** A rule that reads a name. */
export interface FoundRule<Rule> {
  rule: Rule;
  wildcards: string[];
  /** Which of the names of a join it was. */
  position: number;
}

function matcher(pattern: string): RegExp {
  const source = pattern.split(/(\*\*|\*)/).map((part) =>
    part === "**" ? "(.+)" : part === "*" ? "([^.]+)" : part.replaceAll(".", "\\.")
  );
  return new RegExp(`^${source.join("")}$`);
}

/** A name with its wildcards filled in. */
export function fill(pattern: string, wildcards: readonly string[]): string {
  const rest = wildcards[Symbol.iterator]();
  return pattern.replaceAll(/\*\*|\*/g, () => rest.next().value ?? "");
}

function namesOf(rule: ReadingRule): readonly string[] {
  return rule.kind === "join" ? rule.from : [rule.from];
}

/** Compiles a map's names. */
export function readyRules({ rules }: KeyMap): ReadyRules {
  const ready: ReadyRules = { reading: [], making: [] };
  for (const rule of rules) {
    if (rule.kind === "make") ready.making.push({ rule, patterns: [matcher(rule.of)] });
    else ready.reading.push({ rule, patterns: namesOf(rule).map(matcher) });
  }
  return ready;
}

function* rulesFor<Rule>(
  rules: readonly Ready<Rule>[],
  name: string,
): Generator<FoundRule<Rule>> {
  for (const { rule, patterns } of rules) {
    for (const [position, pattern] of patterns.entries()) {
      const found = pattern.exec(name);
      if (found !== null) yield { rule, wildcards: found.slice(1), position };
    }
  }
}

/** The first rule that reads a name; undefined where none does. */
export function readingRule(
  { reading }: ReadyRules,
  name: string,
): FoundRule<ReadingRule> | undefined {
  return rulesFor(reading, name).next().value ?? undefined;
}

/** All rules that add something to the tensor of a name. */
export function makingRules(
  { making }: ReadyRules,
  name: string,
): FoundRule<MakingRule>[] {
  return [...rulesFor(making, name)];
}
