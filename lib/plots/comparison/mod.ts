/** Several runs side by side: what they are, in what they differ, and what came out. */

import { type ComparedRun, readComparedRuns } from "./compared_run.ts";
import { type DifferingSetting, differingSettings } from "./differing_settings.ts";
import { mergedResults } from "./merged_results.ts";
import { groupRuns, type RunGroup } from "./run_groups.ts";
import type { ResultsTable } from "../../runs/run_schema.ts";

export type { ComparedRun, ReadableRun, RunFacts } from "./compared_run.ts";
export type { DifferingSetting } from "./differing_settings.ts";
export type { RunGroup } from "./run_groups.ts";
export { comparisonJson } from "./comparison_json.ts";
export { comparisonPage } from "./comparison_page.ts";
export { comparisonText } from "./comparison_text.ts";

/** A comparison, before it is written as a page, as text or as JSON. */
export interface Comparison {
  readonly runs: readonly ComparedRun[];
  /** The readable runs; those that differ only in their seed together. */
  readonly groups: readonly RunGroup[];
  /** In what the groups, or the runs of one, differ. */
  readonly differing: readonly DifferingSetting[];
  readonly tables: readonly ResultsTable[];
}

/**
 * Reads and compares runs. One that is unfinished or damaged stays in the comparison, as what it is.
 *
 * @example
 * ```ts
 * import { compareRuns, comparisonText } from "./mod.ts";
 *
 * const comparison = await compareRuns(["runs/no-such-run"]);
 * console.log(comparisonText(comparison).includes("There is no folder")); // true
 * ```
 */
export async function compareRuns(folders: readonly string[]): Promise<Comparison> {
  const runs = await readComparedRuns(folders);
  const groups = groupRuns(runs);
  return {
    ...{ runs, groups },
    differing: differingSettings(groups),
    tables: mergedResults(groups),
  };
}
