/**
 * Finds the pictures below a folder, in an order that is the same on every machine.
 *
 * @module
 */

/**
 * Endings of the formats that sharp's prebuilt libvips reads (`sharp.format`; a test compares). The
 * content decides when a file is read: a PNG called `.jpg` is no mistake.
 */
export const pictureEndings: readonly string[] = [
  ...[".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif"],
  ...[".gif", ".tif", ".tiff", ".svg", ".svgz"],
];

/** Endings of pictures that it does not read: people should hear that theirs are left out. */
const otherEndings: readonly string[] = [
  ...[".bmp", ".heic", ".heif", ".jp2", ".jxl", ".ppm", ".pgm", ".psd", ".tga"],
  ...[".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2"],
];

/** Pictures in formats that are not read. */
export interface OtherPictures {
  readonly count: number;
  /** The first one's path; empty if there are none. */
  readonly first: string;
}

/** What lies below a folder. */
export interface ScannedFolder {
  /** Paths of pictures relative to the folder, with `/`, in order. */
  readonly pictures: readonly string[];
  /** Names of the folders right below it, hidden ones left out, in order, empty ones too. */
  readonly folders: readonly string[];
  /** Some of the files that are no pictures by their endings, for messages. */
  readonly otherFiles: readonly string[];
  readonly otherPictures: OtherPictures;
}

interface Found {
  pictures: string[];
  otherFiles: string[];
  otherPictures: { count: number; first: string };
  /** Real paths of folders, so that a symbolic link in a circle ends. */
  visited: Set<string>;
}

const KEPT_OTHER_FILES = 3;

/** Whether a file's ending is that of a picture. */
export function isPictureName(name: string): boolean {
  return endsWith(name, pictureEndings);
}

function endsWith(name: string, endings: readonly string[]): boolean {
  const dot = name.lastIndexOf(".");
  return dot > 0 && endings.includes(name.slice(dot).toLowerCase());
}

/**
 * Looks through a folder and all below it, sorted by name, folders among the files. Names that
 * start with a dot are skipped; a folder that symbolic links lead to more than once is entered once.
 *
 * @throws {Error} if a folder is missing or may not be read, in one sentence that names it.
 *
 * @example
 * ```ts
 * import { scanFolder } from "./folder_scan.ts";
 * const emoji = decodeURIComponent(new URL("../../data/emoji", import.meta.url).pathname);
 * console.log((await scanFolder(emoji)).pictures); // [ "noto.webp", "twemoji.webp" ]
 * ```
 */
export async function scanFolder(directory: string): Promise<ScannedFolder> {
  const real = await folderAt(directory);
  const found: Found = {
    ...{ pictures: [], otherFiles: [], visited: new Set([real]) },
    otherPictures: { count: 0, first: "" },
  };
  const folders: string[] = [];
  await walk(directory, "", real, found, folders);
  const { visited: _, ...rest } = found;
  return { ...rest, folders };
}

/**
 * The names of the folders right below a folder, hidden ones left out, sorted.
 *
 * @throws {Error} as {@linkcode scanFolder}.
 */
export async function foldersBelow(directory: string): Promise<string[]> {
  await folderAt(directory);
  const folders: string[] = [];
  for (const entry of await entriesOf(directory)) {
    if ((await kindOf(entry, `${directory}/${entry.name}`)) === "folder") {
      folders.push(entry.name);
    }
  }
  return folders;
}

async function walk(
  directory: string,
  prefix: string,
  real: string,
  found: Found,
  folders?: string[],
): Promise<void> {
  for (const entry of await entriesOf(directory)) {
    const path = `${directory}/${entry.name}`;
    if (await kindOf(entry, path) === "folder") {
      folders?.push(entry.name);
      const realPath = entry.isSymlink
        ? await Deno.realPath(path)
        : `${real}/${entry.name}`;
      if (found.visited.has(realPath)) continue;
      found.visited.add(realPath);
      await walk(path, `${prefix}${entry.name}/`, realPath, found);
    } else if (isPictureName(entry.name)) {
      found.pictures.push(prefix + entry.name);
    } else {
      if (endsWith(entry.name, otherEndings)) {
        const { count, first } = found.otherPictures;
        found.otherPictures = { count: count + 1, first: first || prefix + entry.name };
      }
      if (found.otherFiles.length < KEPT_OTHER_FILES) {
        found.otherFiles.push(prefix + entry.name);
      }
    }
  }
}

async function kindOf(entry: Deno.DirEntry, path: string): Promise<"folder" | "file"> {
  if (!entry.isSymlink) return entry.isDirectory ? "folder" : "file";
  // A link to nothing counts as a file: reading it will fail, and say which.
  const target = await Deno.stat(path).catch(() => undefined);
  return target?.isDirectory ? "folder" : "file";
}

async function entriesOf(directory: string): Promise<Deno.DirEntry[]> {
  const entries: Deno.DirEntry[] = [];
  try {
    for await (const entry of Deno.readDir(directory)) {
      if (!entry.name.startsWith(".")) entries.push(entry);
    }
  } catch (cause) {
    throw unreadableFolder(directory, cause);
  }
  return entries.sort((a, b) => a.name < b.name ? -1 : 1);
}

async function folderAt(directory: string): Promise<string> {
  try {
    if (!(await Deno.stat(directory)).isDirectory) {
      throw new Error(
        `${directory} is a file where a folder of pictures is wanted: unpack it, or, if it is ` +
          "a .tar shard of the WebDataset layout, which is named by itself (in code: tarShards())",
      );
    }
    return await Deno.realPath(directory);
  } catch (cause) {
    throw unreadableFolder(directory, cause);
  }
}

function unreadableFolder(directory: string, cause: unknown): unknown {
  if (cause instanceof Deno.errors.NotFound) {
    return new Error(`There is no folder ${directory}: check the path`, { cause });
  }
  if (cause instanceof Deno.errors.NotCapable) {
    const message = `Reading ${directory} is not allowed: run Deno with ` +
      `--allow-read=${directory}`;
    return new Error(message, { cause });
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    const message = `The folder ${directory} may not be read: give yourself the ` +
      "permission, or take it out of the data set";
    return new Error(message, { cause });
  }
  return cause;
}
