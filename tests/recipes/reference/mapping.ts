/**
 * What a recipe must be, by the reference.
 */
import { backboneRules } from "./backbone_rules.ts";
import { dataRules } from "./data_rules.ts";
import { type Entry, type Facts, factsOf } from "./entry.ts";
import { headRules } from "./head_rules.ts";
import { officialRules } from "./official_rules.ts";
import { matches, type Rule } from "./rule.ts";
import { trainingRules } from "./training_rules.ts";

const rules: Rule[] = [
  {
    from: ["recipe", "name", "id", "project", "config", "source.**"],
    reason: "the recipe's name and its sources",
  },
  {
    from: ["notes", "differs", "linked_from", "results.**", "results"],
    reason: "held in the recipe's notes, and compared there",
  },
  ...dataRules,
  ...trainingRules,
  ...officialRules,
  ...backboneRules,
  ...headRules,
];

/** Values that a recipe must have, by dotted path, and paths that no rule knows. */
export function expected(entry: Entry): { facts: Facts; unknown: string[] } {
  const facts: Facts = {};
  const unknown: string[] = [];
  for (const [path, value] of Object.entries(factsOf(entry))) {
    const rule = rules.find((rule) => matches(rule, path));
    if (rule === undefined) {
      unknown.push(path);
      continue;
    }
    if ("reason" in rule) continue;
    const found = typeof rule.to === "string"
      ? { [rule.to]: value }
      : rule.to(value, entry, path);
    for (const [ours, fact] of Object.entries(found)) {
      if (ours in facts && JSON.stringify(facts[ours]) !== JSON.stringify(fact)) {
        throw new Error(
          `${entry.id}: ${path} says ${ours} is ${JSON.stringify(fact)}, ` +
            `something else said ${JSON.stringify(facts[ours])}`,
        );
      }
      facts[ours] = fact;
    }
  }
  return { facts, unknown };
}
