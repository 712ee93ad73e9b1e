/**
 * A set-up in a process of its own, for tests that kill it or take its rights away. Its one
 * argument is JSON: environment variables and pinned checksums.
 *
 * @module
 */
import { ensureLibrary, SetupError } from "../../../lib/engine/library/mod.ts";
import { isolated } from "./package_server.ts";

const { variables, pinnedChecksums } = JSON.parse(Deno.args[0] ?? "{}");
try {
  const onProgress = ({ step }: { step: string }) => console.log(step);
  const library = await ensureLibrary(
    isolated(variables, { pinnedChecksums, onProgress }),
  );
  console.log(library.path);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  Deno.exit(1);
}
