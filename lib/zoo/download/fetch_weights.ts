/**
 * Fetches a file of weights into the cache, for one process at a time: it grows as `.partial`,
 * which a broken download leaves for the next run, and gets its name when it is whole and right.
 *
 * @module
 */
import {
  type Environment,
  processEnvironment,
} from "../../engine/library/environment.ts";
import { readPipConfig } from "../../engine/library/pip_config.ts";
import type { ProgressListener } from "../../engine/library/progress.ts";
import { isNotFound } from "../../engine/library/setup_error.ts";
import { receiveFile } from "../../engine/library/transfer.ts";
import { openWeb } from "../../engine/library/web.ts";
import { rememberChecked } from "./checked_file.ts";
import { asWeightsError } from "./weights_error.ts";
import type { WeightsSource } from "./weights_source.ts";

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  if (await isThere(path)) await Deno.remove(path);
}

/** Whether `path` still is the file that was opened: another process may have renamed it. */
async function isStill(file: Deno.FsFile, path: string): Promise<boolean> {
  if (!await isThere(path)) return false;
  const [opened, named] = await Promise.all([file.stat(), Deno.stat(path)]);
  return opened.ino === named.ino && opened.dev === named.dev;
}

/** Opens the partial file once no other process has it. */
async function openLocked(
  path: string,
  onProgress: ProgressListener,
): Promise<Deno.FsFile> {
  while (true) {
    const file = await Deno.open(path, { read: true, write: true, create: true });
    // The system gives the lock back when a process ends in any way, kill -9 included.
    if (!await file.tryLock(true)) {
      onProgress({ step: "waiting" });
      await file.lock(true);
    }
    if (await isStill(file, path)) return file;
    file.close();
  }
}

/**
 * Fetches `source` and saves it as `path`. Proxy and certificates are those that the environment
 * and pip's settings name.
 *
 * @throws {WeightsError}
 */
export async function fetchWeights(
  source: WeightsSource & { kind: "download" },
  path: string,
  onProgress: ProgressListener,
  environment: Environment = processEnvironment,
): Promise<void> {
  const { url, file: name, checksum } = source;
  const partial = `${path}.partial`;
  const editionNote = `${partial}.edition`;
  try {
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    using file = await openLocked(partial, onProgress);
    if (await isThere(path)) { // another process was faster
      await removeIfThere(partial);
      return;
    }
    using web = disposable(openWeb(readPipConfig(environment), {
      what: name,
      wayOut:
        `check the network (HTTPS_PROXY and PIP_PROXY name a proxy), or get ${url} ` +
        `by other means and save it as ${path}`,
    }));
    const edition = await Deno.readTextFile(editionNote).catch(() => undefined);
    const onEdition = (seen: string) => Deno.writeTextFile(editionNote, seen);
    const transfer = { url: new URL(url), file: name, checksum, edition, onEdition };
    try {
      await receiveFile(web, transfer, file, onProgress);
    } catch (error) {
      // What is refused or damaged leaves nothing to go on with.
      if ((await file.stat()).size === 0) {
        await removeIfThere(partial);
        await removeIfThere(editionNote);
      }
      throw error;
    }
    await Deno.rename(partial, path);
    await removeIfThere(editionNote);
    if (checksum !== undefined) await rememberChecked(path, checksum);
  } catch (error) {
    throw asWeightsError(error, { url, path });
  }
}

function disposable<T extends { close(): void }>(resource: T): T & Disposable {
  return Object.assign(resource, { [Symbol.dispose]: () => resource.close() });
}
