/** A comparison for other programs. */

import type { Comparison } from "./mod.ts";

/**
 * Plain JSON: the runs with their facts, the groups of runs that differ in their
 * seed alone, the settings in which these groups differ, and the tables of results with a value for each seed.
 */
export function comparisonJson(comparison: Comparison): Record<string, unknown> {
  const { runs, groups, differing, tables } = comparison;
  return {
    runs: runs.map((run) => {
      const { name, folder, state } = run;
      return run.state === "damaged"
        ? { name, folder, state, problem: run.problem }
        : { name, folder, state, ...run.facts, warnings: run.content.warnings };
    }),
    groups: groups.map(({ name, runs }) => ({
      name,
      runs: runs.map(({ name }) => name),
    })),
    differing: differing.map(({ path, values }) => ({
      setting: path,
      values: Object.fromEntries(
        groups.map(({ name }, index) => [name, values[index] ?? null]),
      ),
    })),
    tables,
  };
}
