/**
 * What the engine needs to know about TensorFlow's library to open it, and the options that
 * finding and fetching it share.
 *
 * @module
 */
import type { Environment } from "./environment.ts";
import type { Machine } from "./machine.ts";
import type { SetupProgress } from "./progress.ts";

/** The release of TensorFlow that mimkit's binding and kernels are written and tested for. */
export const tensorflowVersion = "2.21.0";

/** TensorFlow for the processor alone, or with NVIDIA's CUDA kernels. */
export type TensorFlowBuild = "cpu" | "gpu";

/** A TensorFlow library on disk that is ready to be opened. */
export interface TensorFlowLibrary {
  /** Absolute path of `libtensorflow_cc`. */
  readonly path: string;
  /** NVIDIA's libraries, to be opened in this order before `path`; none for a CPU build. */
  readonly preload: readonly string[];
  /** The release, or undefined where `MIMKIT_TENSORFLOW` names a library of the user's own. */
  readonly version: string | undefined;
  readonly build: TensorFlowBuild;
  /** `MIMKIT_TENSORFLOW` where it is set, else the cache, `download` if just fetched into it. */
  readonly source: "MIMKIT_TENSORFLOW" | "cache" | "download";
}

/** What a caller may choose; every field has a default that serves the user. */
export interface LibraryOptions {
  /** Where `MIMKIT_*`, `PIP_*` and folders are looked up (default: the process's own). */
  readonly environment?: Environment;
  /** The machine to install for (default: this one). */
  readonly machine?: Machine;
  /** Told of every step (default: a progress bar on stderr). */
  readonly onProgress?: (progress: SetupProgress) => void;
  /** sha256 by wheel file name (default: those of {@link tensorflowVersion} on PyPI). */
  readonly pinnedChecksums?: Readonly<Record<string, string>>;
}
