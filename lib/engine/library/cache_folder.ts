/**
 * Where TensorFlow is kept: one folder per user, shared by every project and notebook, because
 * the library is 0.9 GB (5 GB with NVIDIA's).
 *
 * @module
 */
import { type Environment, homeFolder } from "./environment.ts";
import type { Target } from "./machine.ts";
import { SetupError } from "./setup_error.ts";
import { tensorflowVersion } from "./tensorflow_library.ts";

/**
 * mimkit's cache folder: `MIMKIT_CACHE`, else `XDG_CACHE_HOME/mimkit`, else `~/.cache/mimkit`
 * (`~/Library/Caches/mimkit` on macOS). It need not exist.
 */
export function cacheFolder(
  environment: Environment,
  os: string = Deno.build.os,
): string {
  const own = environment("MIMKIT_CACHE");
  if (own !== undefined) return own.startsWith("/") ? own : `${Deno.cwd()}/${own}`;
  const home = homeFolder(environment);
  if (os === "darwin" && home !== undefined) return `${home}/Library/Caches/mimkit`;
  const shared = environment("XDG_CACHE_HOME");
  // The XDG specification: a relative path there is to be ignored.
  if (shared?.startsWith("/")) return `${shared}/mimkit`;
  if (home !== undefined) return `${home}/.cache/mimkit`;
  throw new SetupError(
    "No place for mimkit's cache: neither MIMKIT_CACHE, XDG_CACHE_HOME nor HOME is set; " +
      "set MIMKIT_CACHE to a folder with 1.2 GB free.",
  );
}

/** The folders of one installation of TensorFlow. */
export interface InstallFolders {
  /** Holds everything below; a lock in it keeps two set-ups apart. */
  readonly root: string;
  readonly lock: string;
  /** Wheels while they are being fetched, so that a broken download can go on. */
  readonly downloads: string;
  /** What is unpacked so far; becomes `installed` by a rename when complete. */
  readonly unfinished: string;
  readonly installed: string;
}

/** The folders for `target`: machines of several kinds may share a home folder. */
export function installFolders(cache: string, target: Target): InstallFolders {
  const root = `${cache}/tensorflow`;
  const name = `${tensorflowVersion}-${target.build}-${target.os}-${target.arch}`;
  return {
    root,
    lock: `${root}/.lock`,
    downloads: `${root}/.downloads`,
    unfinished: `${root}/.unfinished-${name}`,
    installed: `${root}/${name}`,
  };
}
