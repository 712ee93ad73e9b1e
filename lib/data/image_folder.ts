/**
 * A folder of pictures, read one by one: with a folder for each class, as ImageNet and most people's
 * own sets lie on disk, or without classes.
 *
 * @module
 */
import { createHash } from "node:crypto";
import {
  foldersBelow,
  type OtherPictures,
  scanFolder,
  type ScannedFolder,
} from "./folder_scan.ts";
import { parsePictureList } from "./picture_list.ts";
import { checkIndex, imagenetMean, imagenetStd, type ImageSource } from "./source.ts";

/** What to read, and how. */
export interface ImageFolderOptions {
  readonly directory: string | URL;
  /**
   * `folders`: every folder right below is a class, in the order of their names, and holds its
   * pictures at any depth. `none`: there are no classes, and pictures at any depth count. By
   * default `folders` if there are any, and pictures lie in them alone.
   */
  readonly classes?: "folders" | "none";
  /** A text file that says which pictures count, in its order; see `parsePictureList`. */
  readonly list?: string | URL;
  /** For messages and run folders; the last part of the path by default. */
  readonly name?: string;
  /** ImageNet's by default. */
  readonly mean?: readonly number[];
  /** ImageNet's by default. */
  readonly std?: readonly number[];
  /** Red, green, blue, 0 … 255; white by default. */
  readonly background?: readonly [number, number, number];
}

/** Pictures of a folder. */
export interface ImageFolder extends ImageSource {
  readonly channels: 3;
  /** `(N)` relative to the folder. */
  readonly paths: readonly string[];
  /** Pictures that are left out, as their formats are not read; of a list there are none. */
  readonly otherPictures: OtherPictures;
}

/** Some pictures lie in class folders and some beside them, so that these have no class. */
export class PicturesBesideFolders extends Error {
  override readonly name = "PicturesBesideFolders";
}

interface Choice {
  readonly paths: readonly string[];
  readonly otherPictures: OtherPictures;
  readonly labels?: Int32Array;
  readonly classNames?: readonly string[];
}

/**
 * Looks a folder through; the pictures themselves are read later, each when it is needed. A million
 * files take some seconds and about 100 MB.
 *
 * The fingerprint is made of all paths and classes, and of the sizes of a thousand of the files:
 * it does not see every changed pixel.
 *
 * @throws {PicturesBesideFolders} if some pictures have a class folder and some have none.
 * @throws {Error} if there is no such folder, no pictures in it, or a class without any, in one
 * sentence with the way out.
 *
 * @example
 * ```ts
 * import { imageFolder } from "./image_folder.ts";
 * const source = await imageFolder({ directory: new URL("../../data/emoji", import.meta.url) });
 * console.log(source.length, source.labels); // 2 undefined
 * ```
 */
export async function imageFolder(options: ImageFolderOptions): Promise<ImageFolder> {
  const directory = pathOf(options.directory);
  const { paths, labels, classNames, otherPictures } = options.list === undefined
    ? chooseAll(await scanFolder(directory), directory, options.classes)
    : await chooseListed(directory, pathOf(options.list), options.classes);
  const { mean = imagenetMean, std = imagenetStd } = options;
  const name = options.name ?? directory.slice(directory.lastIndexOf("/") + 1);
  const describe = (index: number): string => {
    checkIndex(name, paths.length, index);
    return `${directory}/${paths[index]}`;
  };
  return {
    name,
    length: paths.length,
    channels: 3,
    ...(labels && classNames ? { labels, classNames } : {}),
    mean,
    std,
    background: options.background ?? [255, 255, 255],
    fingerprint: `${name}:${await fingerprintOf(directory, paths, labels)}`,
    paths,
    otherPictures,
    describe,
    read: async (index) => ({ encoded: await Deno.readFile(describe(index)) }),
  };
}

function pathOf(path: string | URL): string {
  const text = typeof path === "string" ? path : decodeURIComponent(path.pathname);
  return text.length > 1 ? text.replace(/\/+$/, "") : text;
}

function chooseAll(
  { pictures, folders, otherFiles, otherPictures }: ScannedFolder,
  directory: string,
  classes: "folders" | "none" | undefined,
): Choice {
  if (pictures.length === 0) {
    const others = otherFiles.length > 0 ? ` (only files like ${otherFiles[0]})` : "";
    throw new Error(
      `${directory} holds no pictures${others}: mimkit reads .jpg, .png, .webp, .avif, .gif, ` +
        ".tif and .svg",
    );
  }
  const loose = pictures.filter((path) => !path.includes("/"));
  if (classes === "none" || (classes === undefined && loose.length === pictures.length)) {
    return { paths: pictures, otherPictures };
  }
  if (loose.length > 0) {
    throw new PicturesBesideFolders(
      `${directory} holds pictures (${loose[0]}) beside folders (${
        folders[0] ?? "none"
      }): ` +
        'move them into class folders, or read all without classes with { classes: "none" }',
    );
  }
  const labelOf = new Map(folders.map((folder, label) => [folder, label]));
  const labels = Int32Array.from(
    pictures,
    (path) => labelOf.get(path.slice(0, path.indexOf("/")))!,
  );
  const filled = new Set(labels);
  const empty = folders.find((_, label) => !filled.has(label));
  if (empty !== undefined) {
    throw new Error(
      `The class folder ${directory}/${empty} holds no pictures: fill or remove it`,
    );
  }
  return { paths: pictures, labels, classNames: folders, otherPictures };
}

const noOthers: OtherPictures = { count: 0, first: "" };

async function chooseListed(
  directory: string,
  listPath: string,
  classes: "folders" | "none" | undefined,
): Promise<Choice> {
  const text = await Deno.readTextFile(listPath).catch((cause) => {
    if (cause instanceof Deno.errors.NotFound) {
      throw new Error(`There is no list ${listPath}: check the path`, { cause });
    }
    throw cause;
  });
  const listed = parsePictureList(text, listPath);
  const folders = await foldersBelow(directory);
  const paths = listed.paths.map((path) => inClassFolder(path, folders));
  const first = `${directory}/${paths[0]}`;
  if (!await Deno.stat(first).then(() => true, () => false)) {
    throw new Error(
      `${listPath} begins with ${
        paths[0]
      }, but there is no ${first}: give the folder that ` +
        "the list's paths are relative to",
    );
  }
  if (classes === "none") return { paths, otherPictures: noOthers };
  const { labels } = listed;
  if (labels !== undefined) {
    return { paths, labels, classNames: namesOf(paths, labels), otherPictures: noOthers };
  }
  if (classes === undefined && paths.every((path) => !path.includes("/"))) {
    return { paths, otherPictures: noOthers };
  }
  const labelOf = new Map(folders.map((folder, label) => [folder, label]));
  const fromFolders = Int32Array.from(paths, (path) => {
    const label = labelOf.get(path.slice(0, path.indexOf("/")));
    if (label === undefined) {
      throw new Error(
        `${listPath} names ${path}, which lies in no class folder of ${directory}: give class ` +
          'numbers in the list, or read it without classes with { classes: "none" }',
      );
    }
    return label;
  });
  return { paths, labels: fromFolders, classNames: folders, otherPictures: noOthers };
}

/** SimCLR's lists of ImageNet name files without their folder, which the files' names begin with. */
function inClassFolder(path: string, folders: readonly string[]): string {
  if (path.includes("/")) return path;
  const folder = path.split("_")[0]!;
  return folder !== path && folders.includes(folder) ? `${folder}/${path}` : path;
}

/** A class is called as the folder of its pictures, if they have one in common. */
function namesOf(paths: readonly string[], labels: Int32Array): string[] {
  const folders: (Set<string> | undefined)[] = [];
  for (const [k, path] of paths.entries()) {
    const end = path.indexOf("/");
    (folders[labels[k]!] ??= new Set()).add(end < 0 ? "" : path.slice(0, end));
  }
  return Array.from(folders, (names, label) => {
    const [name = ""] = names?.size === 1 ? names : [];
    return name || String(label);
  });
}

/** So many sizes are looked up: all of a million would take a minute on a network disk. */
const SIZES = 1000;

async function fingerprintOf(
  directory: string,
  paths: readonly string[],
  labels: Int32Array | undefined,
): Promise<string> {
  const hash = createHash("sha256");
  for (const [k, path] of paths.entries()) hash.update(`${path}\t${labels?.[k] ?? ""}\n`);
  const stride = Math.max(1, Math.floor(paths.length / SIZES));
  for (let k = 0; k < paths.length; k += stride) {
    const size = await Deno.stat(`${directory}/${paths[k]}`)
      .then((file) => file.size, () => -1);
    hash.update(`${k} ${size}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}
