/**
 * The file of a released model's weights: out of the cache, else fetched.
 *
 * @module
 */
import {
  cacheFolder,
  type Environment,
  processEnvironment,
  type ProgressListener,
} from "../../engine/library/mod.ts";
import { isNotFound } from "../../engine/library/setup_error.ts";
import { asWeightsError, WeightsError } from "./weights_error.ts";
import type { WeightsSource } from "./weights_source.ts";

/** Options of {@linkcode weightsFile}. */
export interface WeightsFileOptions {
  /** mimkit's cache folder. Default: `MIMKIT_CACHE`, else in the user's cache. */
  cache?: string;
  /** Told of every step of a download. Default: a progress bar on stderr. */
  progress?: ProgressListener;
  /** Fetches nothing. Default: false. */
  offline?: boolean;
  /** Where `MIMKIT_CACHE`, `PIP_PROXY` … are looked up. Default: the process's own. */
  environment?: Environment;
}

/** What {@linkcode weightsFile} needs to know of a model. */
export interface ModelWeights {
  readonly name: string;
  readonly weights: WeightsSource;
}

/**
 * Where a file of weights lies, or would lie, in the cache: below `weights/`.
 *
 * @example
 * ```ts
 * import { weightsPath } from "./weights_file.ts";
 * console.log(weightsPath({ file: "ViT-B-16.pt" }, "/cache")); // "/cache/weights/ViT-B-16.pt"
 * ```
 */
export function weightsPath(
  { file }: Pick<WeightsSource, "file">,
  cache: string = cacheFolder(processEnvironment),
): string {
  return `${cache}/weights/${file}`;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function requireRight(
  name: string,
  source: WeightsSource,
  path: string,
): Promise<void> {
  const { checksum, url } = source;
  if (checksum === undefined) return;
  const { checkFile } = await import("./checked_file.ts");
  const found = await checkFile(path, checksum);
  if (found === undefined) return;
  const { algorithm, hex } = checksum;
  throw new WeightsError(
    `${path} is not what the authors of "${name}" published: its ${algorithm} begins with ` +
      `${
        found.slice(0, Math.max(8, hex.length))
      } where ${hex} is right; remove it to have ` +
      `it fetched again, or get it from ${url}`,
  );
}

function showDownload(): Promise<ProgressListener> {
  const words = {
    label: (file: string) => file,
    waiting: "Another process is fetching this file; waiting for it.",
  };
  return import("../../engine/library/progress.ts").then(({ showProgress }) =>
    showProgress(words)
  );
}

/**
 * The path of a model's weights, fetched into the cache if they are not there yet, and checked
 * against their checksum, where one is known. What a broken download has left is taken up again.
 *
 * @throws {WeightsError} one sentence with the address and the path: no network, refused, damaged,
 *   disk full, or a file that only a browser can fetch.
 *
 * @example
 * ```ts
 * import { releasedModel } from "../registry/mod.ts";
 * import { weightsFile } from "./weights_file.ts";
 * const cache = await Deno.makeTempDir();
 * await Deno.mkdir(`${cache}/weights`);
 * const model = releasedModel("milan_official_vit-b_pretrain_400e");
 * await Deno.writeTextFile(`${cache}/weights/${model.weights.file}`, "saved by hand");
 * console.log(await weightsFile(model, { cache })); // where it lies
 * ```
 */
export async function weightsFile(
  { name, weights }: ModelWeights,
  options: WeightsFileOptions = {},
): Promise<string> {
  const { environment = processEnvironment, offline = false } = options;
  const path = weightsPath(weights, options.cache ?? cacheFolder(environment));
  const { url } = weights;
  try {
    if (await isFile(path)) {
      await requireRight(name, weights, path);
      return path;
    }
  } catch (error) {
    throw asWeightsError(error, { url, path });
  }
  if (weights.kind === "by-hand") {
    throw new WeightsError(
      `The weights of "${name}" lie where only a browser gets them: save ${url} as ${path}`,
    );
  }
  if (offline) {
    throw new WeightsError(
      `The weights of "${name}" are not on this machine, and nothing is to be fetched: ` +
        `save ${url} as ${path}`,
    );
  }
  const { fetchWeights } = await import("./fetch_weights.ts");
  const onProgress = options.progress ?? await showDownload();
  await fetchWeights(weights, path, onProgress, environment);
  return path;
}
