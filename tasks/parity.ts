/**
 * `deno task parity [--fixtures DIR] [--case NAME]`: compares this code with golden numbers of the
 * original PyTorch implementations.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { DamagedCaseError } from "../tests/parity/golden_case.ts";
import { kinds } from "../tests/parity/kinds/mod.ts";
import { describeCase, summarize } from "../tests/parity/report.ts";
import { type CaseResult, findCases, runFolder } from "../tests/parity/runner.ts";

function stop(message: string): never {
  console.error(message);
  Deno.exit(1);
}

function readArguments(): { fixtures: string; case?: string } {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: {
        fixtures: { type: "string", default: "tests/fixtures" },
        case: { type: "string" },
      },
    });
    return values;
  } catch (error) {
    stop(
      `${(error as Error).message.split(". ")[0]}; ` +
        "usage: deno task parity [--fixtures DIR] [--case NAME]",
    );
  }
}

async function chooseCases(
  folder: string,
  wanted: string | undefined,
): Promise<string[]> {
  const names = await findCases(folder);
  if (wanted === undefined) return names;
  if (names.includes(wanted)) return [wanted];
  stop(`${folder} has no case "${wanted}"; it has: ${names.join(", ")}`);
}

const { fixtures, case: wanted } = readArguments();
const folder = fixtures.replace(/\/+$/, "");
const results: CaseResult[] = [];
try {
  for (const name of await chooseCases(folder, wanted)) {
    const result = await runFolder(`${folder}/${name}`, kinds);
    console.log(describeCase(result));
    results.push(result);
  }
} catch (error) {
  if (!(error instanceof DamagedCaseError)) throw error;
  stop(error.message);
}
console.log(summarize(results));
if (results.some(({ outcome }) => outcome === "failed")) Deno.exit(1);
