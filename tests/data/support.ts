// What several tests of the data room need: a folder that goes away, and what an error must be.
import { assert, assertRejects, assertStringIncludes } from "@std/assert";

/** Runs `use` with the path of a new empty folder, and removes the folder afterwards. */
export async function inTemporaryFolder(
  use: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    await use(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/** Asserts that `attempt` fails with one line that holds all of `parts`. */
export async function assertOneSentence(
  attempt: () => Promise<unknown>,
  ...parts: string[]
): Promise<void> {
  const error = await assertRejects(attempt, Error);
  assert(!error.message.includes("\n"), `more than one line: ${error.message}`);
  for (const part of parts) assertStringIncludes(error.message, part);
}
