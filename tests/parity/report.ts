/**
 * A case's outcome as text.
 *
 * @module
 */
import type { Difference } from "./compare.ts";
import type { CaseResult, ModeResult } from "./runner.ts";

/** `1e-7` for small differences, `0` for none. */
function short(value: number): string {
  return value === 0 ? "0" : Number.isFinite(value) ? value.toExponential(0) : "∞";
}

function worst(differences: readonly Difference[]): string {
  const absolute = Math.max(...differences.map((difference) => difference.absolute));
  const relative = Math.max(...differences.map((difference) => difference.relative));
  return `${short(absolute)}/${short(relative)}`;
}

/** The worst of every output over all ways of running; a table's entries are one output. */
function perOutput(results: readonly ModeResult[]): string {
  if (results[0]?.mode === "plain") {
    return `${results[0].differences.length} numbers ${worst(results[0].differences)}`;
  }
  const all = results.flatMap(({ differences }) => differences);
  return [...Map.groupBy(all, ({ name }) => name)]
    .map(([name, differences]) => `${name.replace(/^out\//, "")} ${worst(differences)}`)
    .join(", ");
}

/**
 * The lines that are printed for a case: one, and for a failure one more that says where it begins.
 * Errors are given as absolute/relative, the relative one as a share of the largest magnitude.
 */
export function describeCase(result: CaseResult): string {
  const title = `${result.outcome.padEnd(7)} ${result.name} (${result.kind})`;
  if (result.outcome === "skipped") return `${title}: this kind is not built yet`;
  if ("error" in result) return `${title}\n        ${result.error}`;
  const { results } = result;
  const modes = results.map(({ mode, differences }) => `${mode} ${worst(differences)}`);
  const line = `${title}: ${modes.join(", ")} | ${perOutput(results)}`;
  if (result.outcome === "passed") return line;
  const firsts = results.flatMap(({ mode, differences }) => {
    const first = differences.find(({ passed }) => !passed);
    if (first === undefined) return [];
    const count = differences.filter(({ passed }) => !passed).length;
    const others = count > 1 ? ` (and ${count - 1} after it)` : "";
    return [`        ${mode}: first to diverge: ${first.name} ${first.reason}${others}`];
  });
  return [line, ...firsts].join("\n");
}

/** The last line. */
export function summarize(results: readonly CaseResult[]): string {
  const count = (outcome: CaseResult["outcome"]): number =>
    results.filter((result) => result.outcome === outcome).length;
  return `${count("passed")} passed, ${count("failed")} failed, ${
    count("skipped")
  } skipped`;
}
