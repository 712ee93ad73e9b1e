/** In what runs differ: of some hundred settings the few that matter for a comparison. */

import type { ReadableRun } from "./compared_run.ts";
import type { RunGroup } from "./run_groups.ts";

/** A setting that has not the same value in all runs. */
export interface DifferingSetting {
  /** Dotted, such as "masker.ratio". */
  readonly path: string;
  /** By group of runs, in their order; `undefined` where runs have no such setting. */
  readonly values: readonly (string | undefined)[];
}

/** The recipe's settings, and what else decides what comes out. */
function allSettings({ settings, content }: ReadableRun): Map<string, string> {
  const { run } = content;
  const counts = Object.entries(run.dataset.counts)
    .map(([use, count]) => [`images.${use}`, String(count)] as const);
  const versions = Object.entries(run.versions)
    .map(([name, version]) => [`version.${name}`, version] as const);
  const { cpu, cores, os, accelerator } = run.machine;
  return new Map([
    // The recipe's name stands above the table, and its remarks change nothing.
    ...[...settings].filter(([path]) => path !== "name" && path !== "notes"),
    ["seed", run.seeds.join(", ")],
    ["images", run.dataset.name],
    ["images.fingerprint", run.dataset.fingerprint],
    ...counts,
    ["machine.processor", `${cores} cores of ${cpu}`],
    ["machine.system", os],
    ...accelerator === undefined ? [] : [["machine.accelerator", accelerator] as const],
    ...versions,
  ]);
}

/** The settings in which runs differ, in the order of the recipes. */
export function differingSettings(groups: readonly RunGroup[]): DifferingSetting[] {
  const all = groups.map(({ runs }) => runs.map(allSettings));
  const paths = new Set(all.flat().flatMap((settings) => [...settings.keys()]));
  return [...paths].flatMap((path) => {
    const ofGroups = all.map((runs) =>
      new Set(runs.map((settings) => settings.get(path)))
    );
    const distinct = new Set(ofGroups.flatMap((values) => [...values]));
    if (distinct.size < 2) return [];
    // Runs that differ only in their seed stand in one column: 0, 1, 2.
    const values = ofGroups.map((values) => {
      const known = [...values].filter((value) => value !== undefined);
      return known.length === 0 ? undefined : known.join(", ");
    });
    return [{ path, values }];
  });
}
