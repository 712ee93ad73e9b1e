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
  imageFolder,
  type ImageSource,
  type LabelledDataset,
  subsetOf,
  tarShards,
} from "../../lib/data/mod.ts";

/** Where the images are. */
export type ImagesChoice =
  | { kind: "fashion-mnist" }
  | { kind: "emoji" }
  | { kind: "cifar"; set: CifarKind; directory: string }
  | { kind: "folder"; train: string; test?: string }
  | { kind: "shards"; train: string; test?: string };

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

/**
 * Finds out what `--data`, and `--val` for images to be tested on, mean. Only names are looked at.
 *
 * @throws {Error} when there is nothing of that name, with what there could be.
 */
export async function chooseImages(data: string, val = ""): Promise<ImagesChoice> {
  const test = val === "" ? {} : { test: val };
  const name = boxed.find((known) => known === data);
  if (name !== undefined) return { kind: name };
  if (/\.tar$/.test(data)) return { kind: "shards", train: data, ...test };
  if (/^cifar-100?(-coarse)?$/.test(data) && !await isFolder(data)) {
    throw new Error(
      `${data} does not come with mimkit: give the folder of its .bin files, --data DIR`,
    );
  }
  if (!await isFolder(data)) {
    const near = closest(data, [...boxed]);
    const meant = distance(data, near) < near.length / 2
      ? `; did you mean "${near}"?`
      : "";
    throw new Error(
      `There are no images "${data}": give ${
        boxed.join(", ")
      }, a folder or .tar shards as ` +
        `--data${meant}`,
    );
  }
  const directory = data.replace(/(?<=.)\/+$/, "");
  const set = await cifarIn(directory);
  if (set !== undefined) return { kind: "cifar", set, directory };
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
  return (last ?? "images").replace(/\.tar$/, "").replaceAll(/[^\w.-]+/g, "-");
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

// Where nothing else is there to be tested on: every tenth picture, of all classes alike.
const heldOut = 10;

function withHeldOut(train: ImageSource): TaskImages {
  if (train.labels === undefined || train.length < heldOut) return { train };
  const all = Array.from({ length: train.length }, (_, index) => index);
  const isHeldOut = (index: number): boolean => index % heldOut === heldOut - 1;
  return {
    train: subsetOf(train, all.filter((index) => !isHeldOut(index)), "nine-tenths"),
    test: subsetOf(train, all.filter(isHeldOut), "held-out"),
  };
}

function requireSameClasses(train: ImageSource, test: ImageSource): TaskImages {
  const [names, others] = [train.classNames, test.classNames];
  if (names !== undefined && others !== undefined && names.join() !== others.join()) {
    throw new Error(
      `${train.name} has ${names.length} classes and ${test.name} ${others.length}, or other ` +
        "ones: both need the same class folders",
    );
  }
  return { train, test };
}

/** Opens the images; pictures in folders and shards are read when they are needed. */
export async function openImages(choice: ImagesChoice): Promise<TaskImages> {
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
    case "folder": {
      const train = await imageFolder({ directory: choice.train });
      if (choice.test === undefined) return withHeldOut(train);
      return requireSameClasses(train, await imageFolder({ directory: choice.test }));
    }
    case "shards": {
      const train = await tarShards({ shards: choice.train });
      if (choice.test === undefined) return withHeldOut(train);
      const test = await tarShards({ shards: choice.test });
      return requireSameClasses(train, test);
    }
  }
}

/** The classes, where the images have labels. */
export function classNamesOf(images: Images): readonly string[] | undefined {
  return "labels" in images && images.labels !== undefined
    ? images.classNames
    : undefined;
}
