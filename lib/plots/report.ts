/** Writes reports of runs, and comparisons of them: HTML files that open anywhere, without a network. */

import { type Comparison, comparisonPage } from "./comparison/mod.ts";
import { reportPage } from "./report_page.ts";
import { readRunFolder } from "../runs/run_folder.ts";

/**
 * Writes `report.html` into a run folder: results, loss curves, pictures, recipe with its
 * sources, machine and versions, and the command that runs it again.
 *
 * The folder's files are those of `run_schema.ts`. An unfinished run gives a report that
 * says so. An earlier report is replaced only when the new one is complete.
 *
 * @param runFolder path of the folder
 * @returns path of the report
 * @throws if the folder is missing, is no run folder or cannot be written to
 *
 * @example
 * ```ts
 * import { writeReport } from "./report.ts";
 *
 * try {
 *   console.log(await writeReport("runs/quickstart"));
 * } catch (error) {
 *   console.error(error instanceof Error ? error.message : error);
 * }
 * ```
 */
export async function writeReport(runFolder: string): Promise<string> {
  const folder = runFolder.replace(/[/\\]+$/, "") || runFolder;
  const page = await reportPage(await readRunFolder(folder));
  const path = `${folder}/report.html`;
  await writePage(path, page, "make the folder writable, or copy the run to one that is");
  return path;
}

/**
 * Writes a comparison of runs as one HTML file: the runs side by side, their results in common tables,
 * their curves in common figures, a picture of each, and the settings in which they differ.
 *
 * @throws if the file cannot be written
 *
 * @example
 * ```ts ignore
 * import { compareRuns } from "./comparison/mod.ts";
 * import { writeComparison } from "./report.ts";
 *
 * const comparison = await compareRuns(["runs/mae-tiny", "runs/milan-tiny"]);
 * await writeComparison(comparison, "comparison.html");
 * ```
 */
export async function writeComparison(
  comparison: Comparison,
  path: string,
): Promise<void> {
  const page = await comparisonPage(comparison);
  await writePage(path, page, "choose another file with --out");
}

/** Replaces a page only when the new one is complete. */
async function writePage(path: string, page: string, wayOut: string): Promise<void> {
  const unfinished = `${path}.${Deno.pid}.part`;
  try {
    await Deno.writeTextFile(unfinished, page);
    await Deno.rename(unfinished, path);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {});
    throw new Error(
      `The report cannot be written to "${path}" (${
        error instanceof Error ? error.message : error
      }): ${wayOut}.`,
      { cause: error },
    );
  }
}
