/**
 * `jsr:@std/assert` is declared in deno.json, but not every network reaches jsr.io. Where it does
 * not answer, tests and type checks use a generated configuration that links a stand-in.
 *
 * @module
 */

const root = new URL("../", import.meta.url);

async function answers(address: string): Promise<boolean> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(4000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** Path of the Deno configuration to test with: deno.json, or its offline twin. */
export async function testConfiguration(): Promise<string> {
  if (await answers("https://jsr.io/@std/assert/meta.json")) return "deno.json";
  const configuration = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  configuration.links = ["./tests/std_assert"];
  // A lock file of its own: the stand-in must not enter the real one.
  configuration.lock = "deno.offline.lock";
  await Deno.copyFile(new URL("deno.lock", root), new URL(configuration.lock, root));
  const path = "deno.offline.json";
  await Deno.writeTextFile(
    new URL(path, root),
    JSON.stringify(configuration, null, 2) + "\n",
  );
  return path;
}

/** Runs a Deno command in the project's folder and passes its output through. */
export async function runDeno(...args: string[]): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), { args, cwd: root }).spawn();
  return (await child.status).code;
}
