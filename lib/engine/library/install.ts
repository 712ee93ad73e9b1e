/**
 * Installs TensorFlow's shared libraries from PyPI's wheels into the cache, all or nothing: what
 * is unpacked becomes visible by one rename, under a lock that keeps a second set-up waiting.
 *
 * @module
 */
import { type InstallFolders, installFolders } from "./cache_folder.ts";
import { chooseWheel, type ChosenWheel } from "./choose_wheel.ts";
import { downloadWheel } from "./download.ts";
import { processEnvironment } from "./environment.ts";
import { cachedLibrary } from "./find_library.ts";
import type { Target } from "./machine.ts";
import { isIntact, type Manifest, manifestName, type UnpackedWheel } from "./manifest.ts";
import { askIndexes } from "./package_index.ts";
import { pinnedChecksums } from "./pinned_checksums.ts";
import { type PipConfig, readPipConfig } from "./pip_config.ts";
import { type ProgressListener, showProgress } from "./progress.ts";
import { readExtra, type Requirement } from "./requirements.ts";
import { asSetupError, isNotFound, SetupError } from "./setup_error.ts";
import {
  type LibraryOptions,
  type TensorFlowLibrary,
  tensorflowVersion,
} from "./tensorflow_library.ts";
import { unpackWheel } from "./unpack_wheel.ts";
import { openWeb, shown, type Web } from "./web.ts";

/** What the steps of one installation share. */
interface Job {
  readonly target: Target;
  readonly folders: InstallFolders;
  readonly config: PipConfig;
  readonly web: Web;
  readonly pinned: Readonly<Record<string, string>>;
  readonly onProgress: ProgressListener;
}

// The libraries, the licences and the list of requirements; of NVIDIA's compiler wheel what XLA
// calls: ptxas, libnvvm and libdevice.
const wanted: readonly RegExp[] = [
  /^tensorflow\/libtensorflow_(cc|framework)\.(so\.2|2\.dylib)$/,
  /^tensorflow\/THIRD_PARTY_NOTICES\.txt$/,
  /^nvidia\/[^/]+\/lib\/[^/]+\.so[^/]*$/,
  /^nvidia\/cuda_nvcc\/(bin\/ptxas|nvvm\/.+\.(so|bc))$/,
  /^[^/]+\.dist-info\/(METADATA|(licenses\/)?licen[cs]e[^/]*)$/i,
];

// The wheel without CUDA has a name of its own only where there is one with CUDA.
function tensorflowProject(target: Target): string {
  const hasOwnName = target.build === "cpu" && target.os === "linux" &&
    target.arch === "x86_64";
  return hasOwnName ? "tensorflow-cpu" : "tensorflow";
}

async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function noteName(wheel: ChosenWheel): string {
  return `.${wheel.link.file}.json`;
}

/** What an earlier run that was broken off has already unpacked of `wheel`. */
async function alreadyUnpacked(
  wheel: ChosenWheel,
  folder: string,
): Promise<UnpackedWheel | undefined> {
  try {
    const note: UnpackedWheel = JSON.parse(
      await Deno.readTextFile(`${folder}/${noteName(wheel)}`),
    );
    return note.sha256 === wheel.sha256 && isIntact(folder, note) ? note : undefined;
  } catch (error) {
    if (isNotFound(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function fetchWheel(job: Job, requirement: Requirement): Promise<UnpackedWheel> {
  const { config, folders, onProgress, pinned, target, web } = job;
  const offer = await askIndexes(web, config, requirement.project);
  const onlyPinned = requirement.project.startsWith("tensorflow");
  const wheel = chooseWheel({ requirement, target, pinned, onlyPinned }, offer, config);
  const earlier = await alreadyUnpacked(wheel, folders.unfinished);
  if (earlier !== undefined) return earlier;

  const { file, url } = wheel.link;
  const path = await downloadWheel(web, wheel, folders.downloads, onProgress);
  const files = await unpackWheel(
    path,
    file,
    (name) => wanted.some((pattern) => pattern.test(name)),
    folders.unfinished,
    onProgress,
  );
  const unpacked = { file, sha256: wheel.sha256, url: shown(url), files };
  await Deno.writeTextFile(
    `${folders.unfinished}/${noteName(wheel)}`,
    JSON.stringify(unpacked),
  );
  await Deno.remove(path);
  return unpacked;
}

async function fetchAll(job: Job): Promise<Manifest> {
  const tensorflow = await fetchWheel(job, {
    project: tensorflowProject(job.target),
    range: `==${tensorflowVersion}`,
  });
  const wheels = [tensorflow];
  if (job.target.build === "gpu") {
    const metadata = Object.keys(tensorflow.files).find((name) =>
      name.endsWith("/METADATA")
    );
    const text = await Deno.readTextFile(`${job.folders.unfinished}/${metadata}`);
    for (const requirement of readExtra(text, "and-cuda")) {
      wheels.push(await fetchWheel(job, requirement));
    }
  }
  return { tensorflow: tensorflowVersion, build: job.target.build, wheels };
}

/** Makes what was unpacked visible as a complete installation. */
async function publish(folders: InstallFolders, manifest: Manifest): Promise<void> {
  for (const wheel of manifest.wheels) {
    await Deno.remove(`${folders.unfinished}/.${wheel.file}.json`);
  }
  const file = await Deno.create(`${folders.unfinished}/${manifestName}`);
  const bytes = new TextEncoder().encode(JSON.stringify(manifest, null, 1) + "\n");
  try {
    for (let done = 0; done < bytes.length;) {
      done += await file.write(bytes.subarray(done));
    }
    await file.sync();
  } finally {
    file.close();
  }
  await remove(folders.installed); // a damaged installation, or there would be nothing to do
  await Deno.rename(folders.unfinished, folders.installed);
  await remove(folders.downloads);
}

async function lockFile(
  path: string,
  onProgress: ProgressListener,
): Promise<Deno.FsFile> {
  const file = await Deno.open(path, { write: true, create: true });
  // The system gives the lock back when a process ends in any way, kill -9 included.
  if (!await file.tryLock(true)) {
    onProgress({ step: "waiting" });
    await file.lock(true);
  }
  return file;
}

/**
 * Fetches TensorFlow for `target` into `cache`, or takes what another process has put there
 * meanwhile. Rejects with a {@link SetupError}; an installation that was there stays as it was.
 */
export async function installLibrary(
  target: Target,
  cache: string,
  options: LibraryOptions = {},
): Promise<TensorFlowLibrary> {
  const environment = options.environment ?? processEnvironment;
  const onProgress = options.onProgress ?? showProgress();
  const folders = installFolders(cache, target);
  let lock: Deno.FsFile;
  try {
    await Deno.mkdir(folders.root, { recursive: true });
    lock = await lockFile(folders.lock, onProgress);
  } catch (error) {
    throw asSetupError(error, "preparing mimkit's cache", folders.root);
  }
  let web: Web | undefined;
  try {
    const already = cachedLibrary(folders.installed, target);
    if (already !== undefined) return already;
    const config = readPipConfig(environment, target.os);
    web = openWeb(config);
    await Deno.mkdir(folders.downloads, { recursive: true });
    await Deno.mkdir(folders.unfinished, { recursive: true });
    const pinned = options.pinnedChecksums ?? pinnedChecksums;
    await publish(
      folders,
      await fetchAll({ target, folders, config, web, pinned, onProgress }),
    );
    const library = cachedLibrary(folders.installed, target);
    if (library !== undefined) return { ...library, source: "download" };
    throw new SetupError(
      `${folders.installed} is not complete after unpacking: check that disk, or set ` +
        "MIMKIT_CACHE to a folder on another one.",
    );
  } catch (error) {
    throw asSetupError(error, "installing TensorFlow's library", folders.root);
  } finally {
    web?.close();
    lock.close();
  }
}
