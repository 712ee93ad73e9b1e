/**
 * `deno task test`: the quick tests. Further arguments go to `deno test`, such as a file name.
 *
 * @module
 */
import { runDeno, testConfiguration } from "./offline.ts";

// What the library, its tasks (which some tests start as processes) and sharp need.
const permissions = [
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-ffi",
  "--allow-sys",
  "--allow-net",
  "--allow-run",
];

if (import.meta.main) {
  const configuration = await testConfiguration();
  const wanted = Deno.args.length > 0 ? Deno.args : ["tests/"];
  Deno.exit(await runDeno("test", "--config", configuration, ...permissions, ...wanted));
}
