/**
 * A folder or shards of pictures, as somebody names them, with sentences about what is in them.
 *
 * @module
 */
import {
  type ImageFolder,
  imageFolder,
  type ImageSource,
  PicturesBesideFolders,
  sourceWithoutLabels,
  tarShards,
} from "../../lib/data/mod.ts";

/** Whether a path stands for .tar shards. */
export function isShards(path: string): boolean {
  return /\.(tar|\{[^{}]*tar[^{}]*\})$/.test(path);
}

/** `imagenet/train` says more than `train`. */
function nameOf(directory: string): string {
  const parts = directory.split("/");
  const isPart = /^(train|val|validation|test)$/.test(parts.at(-1)!);
  return parts.slice(isPart ? -2 : -1).filter((part) => part !== "").join("/");
}

async function openFolder(
  directory: string,
  say: (sentence: string) => void,
): Promise<ImageFolder> {
  const name = nameOf(directory);
  try {
    return await imageFolder({ directory, name });
  } catch (error) {
    if (error instanceof PicturesBesideFolders) {
      say(
        `${directory} holds pictures beside folders: all are read, and folders are no classes`,
      );
      return await imageFolder({ directory, name, classes: "none" });
    }
    throw await shardsIn(directory) ?? error;
  }
}

/** What to say to somebody who names a folder of shards. */
async function shardsIn(directory: string): Promise<Error | undefined> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(directory)) {
      if (isDirectory) return undefined; // Something is wrong with class folders.
      if (name.endsWith(".tar")) names.push(name);
    }
  } catch {
    return undefined; // There is a better error already.
  }
  const [first] = names.sort();
  return first === undefined ? undefined : new Error(
    `${directory} holds .tar shards (${first}): name them, as in '${directory}/*.tar'`,
  );
}

/** Opens a folder or shards. */
export async function openPart(
  path: string,
  say: (sentence: string) => void,
): Promise<ImageSource> {
  if (isShards(path)) {
    return await tarShards({ shards: path, name: path.slice(path.lastIndexOf("/") + 1) });
  }
  const folder = await openFolder(path.replace(/(?<=.)\/+$/, ""), say);
  const { count, first } = folder.otherPictures;
  if (count > 0) {
    say(
      `${path}: ${
        count === 1 ? "1 picture is" : `${count} pictures are`
      } left out, as mimkit ` +
        `does not read the format (${first})`,
    );
  }
  return folder;
}

/** Of one class nothing can be told apart: such a folder only happens to have one folder in it. */
export function withoutSingleClass(
  source: ImageSource,
  path: string,
  say: (sentence: string) => void,
): ImageSource {
  const { classNames } = source;
  if (classNames?.length !== 1) return source;
  say(
    `${path} has one class alone (${
      classNames[0]
    }): its pictures are read without classes`,
  );
  return sourceWithoutLabels(source);
}

/** Shards know numbers alone. */
function areNumbers(names: readonly string[]): boolean {
  return names.every((name, label) => name === String(label));
}

/**
 * Checks that images for tests have the classes of the others, by name, or of shards by number.
 *
 * @throws {Error} that names a class that only one of them has.
 */
export function requireSameClasses(
  { train, test }: { train: ImageSource; test: ImageSource },
  paths: { train: string; test?: string },
): void {
  const [names, others] = [train.classNames, test.classNames];
  if (names === undefined || others === undefined) return;
  if (areNumbers(others) && others.length <= names.length) return;
  if (areNumbers(names) && others.length === names.length) return;
  const [one, other] = [new Set(names), new Set(others)];
  const missing = names.find((name) => !other.has(name));
  const strange = others.find((name) => !one.has(name));
  if (missing === undefined && strange === undefined) return;
  throw new Error(
    strange === undefined
      ? `${paths.test} lacks the class "${missing}" of ${paths.train}: both need the same ` +
        "class folders"
      : `${paths.test} has the class "${strange}", which ${paths.train} does not have: both ` +
        "need the same class folders",
  );
}
