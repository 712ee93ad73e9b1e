/** Runs that differ in nothing but their seed belong together: one row, one curve, one spread. */

import { type ComparedRun, isReadable, type ReadableRun } from "./compared_run.ts";

/** Runs that are one row of a table and one curve of a figure. */
export interface RunGroup {
  readonly name: string;
  /** Place in the palette; none without anything to draw. */
  readonly color: number | undefined;
  /** One run, or several finished ones that differ in their seed. */
  readonly runs: readonly ReadableRun[];
}

/** A run folder's name without the seed that tasks put at its end. */
function withoutSeed(text: string): string {
  return text.replace(/[-_/]?seed[-_]?\d+/g, "");
}

/**
 * What runs that belong together have in common. A part of the images is named after its seed, and so
 * is the folder of the run that was gone on from.
 */
function identityOf({ settings, content, state, folder }: ReadableRun): string {
  if (state === "unfinished") return folder;
  const named = ["from", "teacherFrom"];
  const values = [...settings].map(([path, value]) => [
    path,
    named.includes(path) ? withoutSeed(value) : value,
  ]);
  return JSON.stringify([values, withoutSeed(content.run.dataset.name)]);
}

function nameOf(runs: readonly ReadableRun[]): string {
  const [first] = runs;
  if (runs.length === 1) return first!.name;
  const seeds = runs.flatMap(({ facts }) => facts.seeds);
  return `${withoutSeed(first!.name)} (seeds ${seeds.join(", ")})`;
}

/**
 * The groups in the order of their first runs. Two runs of the same seed are no two samples: they stay
 * apart.
 */
export function groupRuns(runs: readonly ComparedRun[]): RunGroup[] {
  const groups: { identity: string; seeds: Set<number>; runs: ReadableRun[] }[] = [];
  for (const run of runs.filter(isReadable)) {
    const identity = identityOf(run);
    const { seeds } = run.facts;
    const group = groups.find((group) =>
      group.identity === identity && seeds.every((seed) => !group.seeds.has(seed))
    );
    if (group === undefined) {
      groups.push({ identity, seeds: new Set(seeds), runs: [run] });
    } else {
      group.runs.push(run);
      seeds.forEach((seed) => group.seeds.add(seed));
    }
  }
  let colors = 0;
  const firstSeed = ({ facts }: ReadableRun): number => facts.seeds[0] ?? 0;
  return groups.map((group) => {
    const runs = group.runs.toSorted((a, b) => firstSeed(a) - firstSeed(b));
    const hasCurve = runs.some(({ content }) => content.metrics.length > 0);
    return { name: nameOf(runs), color: hasCurve ? colors++ : undefined, runs };
  });
}
