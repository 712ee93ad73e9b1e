/** `deno task report RUN…`: the HTML report of each run, and several runs side by side. */

import { closest } from "fastest-levenshtein";
import {
  compareRuns,
  comparisonJson,
  comparisonText,
  writeComparison,
  writeReport,
} from "../lib/plots/mod.ts";
import { type Flag, helpText, readArguments, runTask, UsageError } from "./arguments.ts";

const flags = {
  out: {
    kind: "text",
    default: "",
    help: "The comparison's page; without it comparison.html beside the runs",
  },
  json: { kind: "switch", help: "Prints the comparison as JSON instead of tables" },
} as const satisfies Record<string, Flag>;

const usage = `Usage: deno task report RUN… [--out comparison.html] [--json]

Writes report.html into each run folder. Several runs are compared as well: on one page that
opens without a network, and as tables here.`;

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Names of the run folders in a folder; none if there is no such folder. */
async function runsIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (!isFile && await exists(`${folder}/${name}/run.json`)) names.push(name);
    }
  } catch {
    return [];
  }
  return names.sort();
}

/**
 * A path as it was meant, without slashes at its end.
 *
 * @throws {UsageError} that names the nearest run folder, if there is none of this name
 */
async function runFolder(given: string): Promise<string> {
  const path = given.replace(/[/\\]+$/, "") || given;
  if (await exists(`${path}/run.json`)) return path;
  if (await exists(`${path}/metrics.jsonl`)) return path; // a damaged one
  const inside = await runsIn(path);
  if (inside.length > 0) {
    throw new UsageError(
      `"${given}" is no run folder, but holds ${inside.length}: did you mean ` +
        `${path}/${inside[0]}, or ${path}/*/ for all of them?`,
    );
  }
  const [, parent = ".", name = path] = /^(.*)[/\\]([^/\\]+)$/.exec(path) ?? [];
  const beside = (await runsIn(parent || "/")).filter((other) => other !== name);
  const what = await exists(path)
    ? `"${given}" is no run folder: it has no run.json`
    : `There is no folder "${given}"`;
  const prefix = path.slice(0, path.length - name.length);
  throw new UsageError(
    beside.length > 0
      ? `${what}; did you mean ${prefix}${closest(name, beside)}?`
      : `${what}; give the folder that a training task printed`,
  );
}

/** The folder that all of these are in. */
function commonFolder(folders: readonly string[]): string {
  const parents = folders.map((folder) => folder.split("/").slice(0, -1));
  const [first = []] = parents;
  const differs = first.findIndex((part, at) =>
    parents.some((parent) => parent[at] !== part)
  );
  const common = differs < 0 ? first : first.slice(0, differs);
  return common.join("/") || (folders.every((path) => path.startsWith("/")) ? "/" : ".");
}

/** The width of the terminal, where there is one. */
function terminalColumns(): number | undefined {
  return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : undefined;
}

/**
 * Writes the pages and prints the comparison.
 *
 * @returns the exit status: 1 if a page could not be written
 * @throws {UsageError} without a run folder, or with a wrong flag
 */
export async function report(args: readonly string[]): Promise<number> {
  const { values, positionals, help } = readArguments(args, flags);
  if (help) {
    console.log(helpText(usage, flags));
    return 0;
  }
  // The shell's runs/* finds earlier comparisons beside the runs.
  const given = positionals.filter((path) => !path.endsWith(".html"));
  if (given.length === 0) {
    throw new UsageError("Give one run folder or more: deno task report RUN…");
  }
  const folders = [...new Set(await Promise.all(given.map(runFolder)))];
  let status = 0;
  const attempt = async (write: () => Promise<string>): Promise<string | undefined> => {
    try {
      return await write();
    } catch (error) {
      console.error(error instanceof Error ? error.message : String(error));
      status = 1;
      return undefined;
    }
  };
  const pages: string[] = [];
  for (const folder of folders) {
    const page = await attempt(() => writeReport(folder));
    if (page !== undefined) pages.push(page);
  }
  const several = folders.length > 1 || values.out !== "";
  const comparison = several || values.json ? await compareRuns(folders) : undefined;
  if (comparison !== undefined && several) {
    const path = values.out || `${commonFolder(folders)}/comparison.html`;
    const page = await attempt(() => writeComparison(comparison, path).then(() => path));
    if (page !== undefined) pages.push(page);
  }
  if (comparison !== undefined && values.json) {
    console.log(JSON.stringify({ ...comparisonJson(comparison), pages }, null, 2));
    return status;
  }
  if (comparison !== undefined) {
    console.log(comparisonText(comparison, terminalColumns()));
  }
  for (const page of pages) console.log(page);
  return status;
}

if (import.meta.main) await runTask(() => report(Deno.args));
