/**
 * How a value of the reference is read: where it is in a recipe, or why it is not there.
 */
import type { Entry, Fact, Facts } from "./entry.ts";

/** What becomes of a value at some paths of the reference. */
export type Rule =
  | {
    /** Paths of the reference; `*` for any one name. */
    from: string[];
    /** The path in a recipe that has the same value, or paths with values. */
    to: string | ((value: Fact, entry: Entry, path: string) => Facts);
  }
  | {
    from: string[];
    /** Why no recipe has it. */
    reason: string;
  };

/** Whether a path is one that a rule is for. */
export function matches({ from }: Rule, path: string): boolean {
  return from.some((pattern) =>
    pattern === path ||
    (pattern.endsWith(".**") && path.startsWith(pattern.slice(0, -2))) ||
    (pattern.includes("*") && !pattern.endsWith("**") &&
      new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^.]+")}$`).test(
        path,
      ))
  );
}

/** A value by a table; whatever is not in the table is an error. */
export function translated<Value>(table: Record<string, Value>, value: Fact): Value {
  const key = String(value);
  if (!Object.hasOwn(table, key)) throw new Error(`Nothing is known of "${key}"`);
  return table[key]!;
}
