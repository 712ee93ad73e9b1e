/**
 * Which images a task trains on, from what somebody writes after `--data`.
 *
 * @module
 */
import { closest, distance } from "fastest-levenshtein";
import {
  cifar,
  type CifarKind,
  emoji,
  fashionMnist,
  type ImageSource,
  type LabelledDataset,
} from "../../lib/data/mod.ts";
import { withHeldOut } from "./held_out.ts";
import {
  isShards,
  openPart,
  requireSameClasses,
  withoutSingleClass,
} from "./open_part.ts";

/** Where the images are. */
export type ImagesChoice =
  | { kind: "fashion-mnist" }
  | { kind: "emoji" }
  | { kind: "cifar"; set: CifarKind; directory: string }
  | PartsChoice;

/** Images that are read one by one: folders, or shards where `train` is a pattern of them. */
export interface PartsChoice {
  kind: "folder" | "shards";
  train: string;
  /** A folder or shards, whatever `train` is. */
  test?: string;
}

/** Images in memory with labels, or read one by one. */
export type Images = LabelledDataset | ImageSource;

/** The images of a task. */
export interface TaskImages {
  train: Images;
  /** Images that no training sees. */
  test?: Images;
}

/** The data sets in the box. */
export const boxed = ["fashion-mnist", "emoji"] as const;

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isFile, () => false);
}

async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isDirectory, () => false);
}

async function cifarIn(directory: string): Promise<CifarKind | undefined> {
  if (await isFile(`${directory}/data_batch_1.bin`)) return "cifar-10";
  return await isFile(`${directory}/fine_label_names.txt`) ? "cifar-100" : undefined;
}

function refuseVal(name: string, val: string): void {
  if (val === "") return;
  throw new Error(
    `${name} has images for tests of its own: leave out --val ${val}`,
  );
}

/** Why there are no images of a name that is no folder's. */
async function noImages(data: string): Promise<Error> {
  if (/\.(tar\.\w+|tgz)$/.test(data)) {
    return new Error(
      `${data} is compressed, so that its pictures cannot be read one by one: unpack it with ` +
        "gunzip first, and give the .tar",
    );
  }
  if (await isFile(data)) {
    return new Error(`${data} is a file: give its folder, or .tar shards, as --data`);
  }
  if (/^cifar-?100?(-coarse)?$/.test(data)) {
    return new Error(
      `${data} does not come with mimkit: give the folder of its .bin files, --data DIR`,
    );
  }
  if (/^imagenet/.test(data)) {
    return new Error(
      `${data} does not come with mimkit: give a folder with train/ and val/ as --data DIR; ` +
        "deno task data imagenet makes one of the official archives",
    );
  }
  const near = closest(data, [...boxed]);
  const meant = distance(data, near) < near.length / 2 ? `; did you mean "${near}"?` : "";
  return new Error(
    `There are no images "${data}": give ${
      boxed.join(", ")
    }, a folder or .tar shards as ` +
      `--data${meant}`,
  );
}

/**
 * Finds out what `--data`, and `--val` for images to be tested on, mean. Only names are looked at.
 *
 * @throws {Error} when there is nothing of that name, with what there could be.
 */
export async function chooseImages(data: string, val = ""): Promise<ImagesChoice> {
  const test = val === "" ? {} : { test: val };
  const name = boxed.find((known) => known === data);
  if (name !== undefined) {
    refuseVal(name, val);
    return { kind: name };
  }
  if (isShards(data)) return { kind: "shards", train: data, ...test };
  if (!await isFolder(data)) throw await noImages(data);
  const directory = data.replace(/(?<=.)\/+$/, "");
  const set = await cifarIn(directory);
  if (set !== undefined) {
    refuseVal(set, val);
    return { kind: "cifar", set, directory };
  }
  if (!await isFolder(`${directory}/train`)) {
    return { kind: "folder", train: directory, ...test };
  }
  for (const part of val === "" ? ["val", "validation", "test"] : []) {
    const path = `${directory}/${part}`;
    if (await isFolder(path)) {
      return { kind: "folder", train: `${directory}/train`, test: path };
    }
  }
  return { kind: "folder", train: `${directory}/train`, ...test };
}

/** The last part of a path, without what files are called by. */
function lastName(path: string): string {
  const parts = path.split("/").filter((part) => part !== "");
  const last = parts.at(-1) === "train" ? parts.at(-2) : parts.at(-1);
  return (last ?? "images").replace(/\.tar$/, "").replaceAll(/\{[^}]*\}|[*?]/g, "")
    .replaceAll(/[^\p{L}\p{N}_.-]+/gu, "-").replaceAll(/^[-.]+|[-.]+$/g, "") || "images";
}

/** What the images are called, for folders of runs. */
export function nameOfImages(choice: ImagesChoice): string {
  switch (choice.kind) {
    case "fashion-mnist":
    case "emoji":
      return choice.kind;
    case "cifar":
      return choice.set;
    case "folder":
    case "shards":
      return lastName(choice.train);
  }
}

/**
 * Opens the images; pictures in folders and shards are read when they are needed.
 *
 * @param say is told what somebody should know about them.
 */
export async function openImages(
  choice: ImagesChoice,
  say: (sentence: string) => void = console.error,
): Promise<TaskImages> {
  switch (choice.kind) {
    case "fashion-mnist":
      return {
        train: await fashionMnist({ split: "train" }),
        test: await fashionMnist({ split: "test" }),
      };
    case "emoji":
      return {
        train: await emoji({ split: "train" }),
        test: await emoji({ split: "test" }),
      };
    case "cifar": {
      const { set: kind, directory } = choice;
      return {
        train: await cifar({ kind, directory, split: "train" }),
        test: await cifar({ kind, directory, split: "test" }),
      };
    }
    case "folder":
    case "shards": {
      const opened = await openPart(choice.train, say);
      const train = withoutSingleClass(opened, choice.train, say);
      if (choice.test === undefined) return withHeldOut(train, say);
      const test = await openPart(choice.test, say);
      requireSameClasses({ train, test }, choice);
      if (train.labels !== undefined && test.labels === undefined) {
        say(`${choice.test} has no class folders, so that nothing can be tested with it`);
      }
      return { train, test };
    }
  }
}

/** The classes, where the images have labels. */
export function classNamesOf(images: Images): readonly string[] | undefined {
  return "labels" in images && images.labels !== undefined
    ? images.classNames
    : undefined;
}
