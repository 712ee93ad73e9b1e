/**
 * `deno task parity [--fixtures DIR] [--case NAME]`: compares this code with golden numbers of the
 * original PyTorch implementations. Exits with 1 when any case fails.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { SetupError } from "../lib/engine/library/mod.ts";

function stop(message: string): never {
  console.error(message);
  Deno.exit(1);
}

function readArguments(): { fixtures: string; case?: string } {
  const options = {
    fixtures: { type: "string", default: "tests/fixtures" },
    case: { type: "string" },
  } as const;
  try {
    return parseArgs({ args: Deno.args, options }).values;
  } catch (error) {
    const reason = (error as Error).message.split(". ")[0];
    stop(`${reason}; usage: deno task parity [--fixtures DIR] [--case NAME]`);
  }
}

async function runCases(fixtures: string, wanted: string | undefined): Promise<boolean> {
  // Loaded here, so that a missing TensorFlow library is one sentence instead of a stack trace.
  const { kinds } = await import("../tests/parity/kinds/mod.ts");
  const { describeCase, summarize } = await import("../tests/parity/report.ts");
  const { findCases, runFolder } = await import("../tests/parity/runner.ts");
  const results = [];
  for (const folder of await findCases(fixtures, wanted)) {
    const result = await runFolder(folder, kinds);
    console.log(describeCase(result));
    results.push(result);
  }
  console.log(summarize(results));
  return results.every(({ outcome }) => outcome !== "failed");
}

const { fixtures, case: wanted } = readArguments();
try {
  if (!await runCases(fixtures, wanted)) Deno.exit(1);
} catch (error) {
  const expected = error instanceof SetupError ||
    (error instanceof Error && error.name === "DamagedCaseError");
  if (!expected) throw error;
  stop(error.message);
}
