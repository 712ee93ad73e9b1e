/**
 * Finds a TensorFlow library that is already on this machine, without the network: the user's own
 * (`MIMKIT_TENSORFLOW`) or the one that set-up has put into the cache. It runs on every start of
 * the engine, so it only looks at a few files.
 *
 * @module
 */
import { cacheFolder, installFolders } from "./cache_folder.ts";
import { type Environment, processEnvironment } from "./environment.ts";
import { checkDeno, chooseTarget, type Target, thisMachine } from "./machine.ts";
import { readManifest } from "./manifest.ts";
import { nvidiaPreload } from "./nvidia_libraries.ts";
import { asSetupError, isNotFound, SetupError } from "./setup_error.ts";
import {
  type LibraryOptions,
  type TensorFlowLibrary,
  tensorflowVersion,
} from "./tensorflow_library.ts";

/** The file name of TensorFlow's C library. */
export function libraryFileName(os: string): string {
  return os === "darwin" ? "libtensorflow_cc.2.dylib" : "libtensorflow_cc.so.2";
}

function statIfThere(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw asSetupError(error, `looking for ${path}`);
  }
}

/** The user's own library, if `MIMKIT_TENSORFLOW` names one; a wrong path is an error. */
function ownLibrary(environment: Environment, os: string): TensorFlowLibrary | undefined {
  const named = environment("MIMKIT_TENSORFLOW");
  if (named === undefined) return undefined;
  const absolute = named.startsWith("/") ? named : `${Deno.cwd()}/${named}`;
  const file = libraryFileName(os);
  // The library itself, its folder, or the site-packages folder around it.
  const path = [absolute, `${absolute}/${file}`, `${absolute}/tensorflow/${file}`]
    .find((candidate) => statIfThere(candidate)?.isFile);
  if (path === undefined) {
    throw new SetupError(
      `MIMKIT_TENSORFLOW is "${named}", but there is no ${file}: set it to that file or its ` +
        "folder, or unset it to let mimkit fetch the library.",
    );
  }
  const preload = nvidiaPreload(path);
  const build = preload.length > 0 ? "gpu" : "cpu";
  return { path, preload, version: undefined, build, source: "MIMKIT_TENSORFLOW" };
}

/** The library of a complete installation for `target` in the cache. */
export function cachedLibrary(
  installed: string,
  target: Target,
): TensorFlowLibrary | undefined {
  const path = `${installed}/tensorflow/${libraryFileName(target.os)}`;
  const manifest = readManifest(installed);
  if (manifest === undefined) return undefined;
  const preload = target.build === "gpu" ? nvidiaPreload(path) : [];
  return {
    path,
    preload,
    version: tensorflowVersion,
    build: target.build,
    source: "cache",
  };
}

/** A library that is ready to be opened, or where to install one. */
export type Found =
  | { readonly library: TensorFlowLibrary }
  | { readonly library?: never; readonly target: Target; readonly cache: string };

/** Looks for the library; says where it would have to be installed if there is none. */
export function lookForLibrary(options: LibraryOptions = {}): Found {
  const environment = options.environment ?? processEnvironment;
  try {
    const machine = options.machine ?? thisMachine();
    checkDeno(machine.deno);
    const own = ownLibrary(environment, machine.os);
    if (own !== undefined) return { library: own };
    const target = chooseTarget(machine, environment);
    const cache = cacheFolder(environment, machine.os);
    const cached = cachedLibrary(installFolders(cache, target).installed, target);
    return cached === undefined ? { target, cache } : { library: cached };
  } catch (error) {
    throw asSetupError(error, "looking for TensorFlow's library");
  }
}

/**
 * The TensorFlow library on this machine, or undefined where `deno task setup` has to fetch it
 * first. Throws a {@link SetupError} for a wrong `MIMKIT_TENSORFLOW` or an unsupported machine.
 *
 * @example
 * ```ts
 * import { findLibrary } from "./find_library.ts";
 *
 * console.log(findLibrary()?.path ?? "run `deno task setup` first");
 * ```
 */
export function findLibrary(options: LibraryOptions = {}): TensorFlowLibrary | undefined {
  return lookForLibrary(options).library;
}
