/**
 * XLA's compiled programs, kept on disk: the second process that needs a program reads it instead of
 * compiling it, which is most of a small job's start-up time.
 *
 * @module
 */
import { cacheFolder, instructionSets, tensorflowVersion } from "./library/mod.ts";
import { textHash } from "./text_hash.ts";

/** The folder for this TensorFlow and this processor, or undefined where it is switched off. */
export function compileCacheFolder(): string | undefined {
  const wanted = Deno.env.get("MIMKIT_COMPILE_CACHE");
  if (wanted === "off") return undefined;
  if (wanted) return wanted;
  // A program compiled for another processor could hold instructions that this one lacks.
  const features = textHash(`${Deno.build.arch} ${instructionSets().join(" ")}`) >>> 0;
  const processor = features.toString(16).padStart(8, "0");
  const folder = cacheFolder((name) => Deno.env.get(name) || undefined);
  return `${folder}/compiled/${tensorflowVersion}-${processor}`;
}

/** Tells XLA about the folder, if it is there or can be made. Before TensorFlow is opened. */
export function useCompileCache(): void {
  const flags = Deno.env.get("TF_XLA_FLAGS") ?? "";
  if (flags.includes("persistent_cache")) return;
  try {
    const folder = compileCacheFolder();
    if (folder === undefined) return;
    if (!exists(folder)) Deno.mkdirSync(folder, { recursive: true });
    Deno.env.set(
      "TF_XLA_FLAGS",
      `${flags} --tf_xla_persistent_cache_directory=${folder}`.trim(),
    );
    // XLA tries an entry as text first, and logs that it is none.
    Deno.env.set("TF_CPP_MIN_LOG_LEVEL", Deno.env.get("TF_CPP_MIN_LOG_LEVEL") ?? "3");
  } catch {
    // Without permission, home or a writable disk there is no cache: slower, and just as right.
  }
}

function exists(folder: string): boolean {
  try {
    return Deno.statSync(folder).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What to say when a message of TensorFlow's is about the cache, or undefined. */
export function compileCacheProblem(message: string): string | undefined {
  const isWrite = message.includes("xla_compile_cache");
  if (!isWrite && !message.includes("Read less bytes than requested")) return undefined;
  const problem = isWrite ? "cannot be written" : "is damaged";
  return `the folder of compiled programs, ${compileCacheFolder()}, ${problem} (${message}): ` +
    "free some space or remove the folder, or set MIMKIT_COMPILE_CACHE=off to go without";
}
