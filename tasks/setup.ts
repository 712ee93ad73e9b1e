/**
 * `deno task setup`: fetches TensorFlow's library if this machine does not have it yet, proves
 * that it opens, and prints where it is. Every other task may count on it afterwards.
 *
 * @module
 */
import { ensureLibrary, openedVersion, SetupError } from "../lib/engine/library/mod.ts";

try {
  const library = await ensureLibrary();
  const version = openedVersion(library);
  const device = library.build === "gpu" ? "NVIDIA GPU" : "CPU";
  // Other tasks run this one first, and their stdout is for their results.
  console.error(`TensorFlow ${version} (${device}, ${library.source}): ${library.path}`);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  Deno.exit(1);
}
