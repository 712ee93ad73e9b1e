/**
 * What the proof found, as a table.
 *
 * @module
 */
import { alignColumns } from "../../../tasks/bench/table.ts";
import type { ManifestRow } from "./manifest_files.ts";
import type { ProofRow } from "./run_case.ts";

/** The greatest difference of some rows, in words. */
function greatest(rows: readonly ProofRow[]): string {
  if (rows.length === 0) return "–";
  if (rows.some(({ fault }) => fault !== undefined)) return "WRONG";
  const differences = rows.flatMap((row) => Object.values(row.differences));
  return Math.max(...differences).toExponential(1);
}

/** A line for each model: all its files, and all ways that were gone with them. */
export function renderProof(rows: readonly ProofRow[]): string {
  const models = Map.groupBy(rows, ({ model }) => model);
  const lines = [...models].map(([model, rows]) => {
    const way = (begin: string): string =>
      greatest(rows.filter(({ way }) => way.startsWith(begin)));
    const files = new Set(rows.map(({ file }) => file));
    const largest = Math.max(...rows.map(({ megabytes }) => megabytes));
    return [
      model,
      `${files.size}`,
      `${largest.toFixed(largest < 10 ? 1 : 0)} MB`,
      way("here"),
      way("back"),
      way("over"),
    ];
  });
  const head = ["", "files", "largest", "here", "back", "over"];
  return alignColumns([head, ...lines]).join("\n");
}

/** A line for each file that was made from a list of parameters. */
export function renderManifests(rows: readonly ManifestRow[]): string {
  return alignColumns([
    ["", "names of", "tensors", "size", "there and back"],
    ...rows.map(({ name, project, tensors, bytes, fault }) => [
      name,
      project,
      `${tensors}`,
      `${(bytes / 1e6).toFixed(0)} MB`,
      fault === undefined ? "bit by bit" : "WRONG",
    ]),
  ]).join("\n");
}

/** What is wrong, one line each. */
export function faultsOf(
  rows: readonly ProofRow[],
  manifests: readonly ManifestRow[],
): string[] {
  return [
    ...rows.filter(({ fault }) => fault !== undefined)
      .map(({ model, file, way, fault }) => `${model}, ${file}, ${way}: ${fault}`),
    ...manifests.filter(({ fault }) => fault !== undefined)
      .map(({ name, fault }) => `${name}: ${fault}`),
  ];
}
