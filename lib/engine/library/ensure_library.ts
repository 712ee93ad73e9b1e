/**
 * The one call that the engine needs: TensorFlow's library, fetched on the first run.
 *
 * @module
 */
import { lookForLibrary } from "./find_library.ts";
import type { LibraryOptions, TensorFlowLibrary } from "./tensorflow_library.ts";

/**
 * TensorFlow's C library, ready to be opened: the one that `MIMKIT_TENSORFLOW` names, else the
 * one in the cache, else fetched from PyPI's wheel (0.3 GB; 3.5 GB with NVIDIA's libraries)
 * through the index that pip is configured for. Rejects with a {@link SetupError} whose message
 * is one sentence with the way out.
 *
 * @example
 * ```ts
 * import { ensureLibrary, openLibrary } from "./mod.ts";
 *
 * const tensorflow = openLibrary(await ensureLibrary(), {
 *   TF_Version: { parameters: [], result: "pointer" },
 * });
 * console.log(tensorflow.TF_Version() !== null); // true
 * ```
 */
export async function ensureLibrary(
  options: LibraryOptions = {},
): Promise<TensorFlowLibrary> {
  const found = lookForLibrary(options);
  if (found.library !== undefined) return found.library;
  // Loaded only when needed: every start of the engine comes by here, and few have to fetch.
  const { installLibrary } = await import("./install.ts");
  return await installLibrary(found.target, found.cache, options);
}
