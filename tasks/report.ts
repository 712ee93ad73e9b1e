/** `deno task report RUN…`: writes the HTML report of one or several runs. */

import { writeReport } from "../lib/plots/report.ts";

const usage = `Usage: deno task report RUN…

Writes report.html into each run folder and prints its path.`;

/**
 * Writes the reports and returns the exit status: 1 if one failed, 2 without a folder.
 */
export async function report(folders: readonly string[]): Promise<number> {
  if (folders.includes("--help") || folders.includes("-h")) {
    console.log(usage);
    return 0;
  }
  const unknown = folders.find((folder) => folder.startsWith("-"));
  if (folders.length === 0 || unknown !== undefined) {
    if (unknown !== undefined) console.error(`There is no option "${unknown}".`);
    console.error(usage);
    return 2;
  }
  let status = 0;
  for (const folder of folders) {
    try {
      console.log(await writeReport(folder));
    } catch (error) {
      console.error(error instanceof Error ? error.message : String(error));
      status = 1;
    }
  }
  return status;
}

if (import.meta.main) Deno.exit(await report(Deno.args));
