/**
 * CIFAR-10 and CIFAR-100 (Krizhevsky 2009): 60,000 colour photographs, 32 × 32, in ten or a hundred
 * classes. mimkit reads the "binary version" of the authors' page; it does not come with mimkit.
 *
 * @module
 */
import type { LabelledDataset } from "./dataset.ts";
import { type DataFolder, pathIn, readDataFile, sha256 } from "./files.ts";

/** Which of the two sets: of CIFAR-100 the 100 fine classes, or the 20 coarse ones. */
export type CifarKind = "cifar-10" | "cifar-100" | "cifar-100-coarse";

/** What to read. */
export interface CifarOptions {
  readonly kind: CifarKind;
  /** 50,000 and 10,000 pictures. */
  readonly split: "train" | "test";
  /** The folder of the .bin files, `cifar-10-batches-bin` or `cifar-100-binary`. */
  readonly directory: string | URL;
}

interface Layout {
  readonly files: Readonly<Record<"train" | "test", readonly string[]>>;
  readonly namesFile: string;
  readonly classes: number;
  /** Bytes of labels before each picture, and which of them counts. */
  readonly labelBytes: number;
  readonly labelAt: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly archive: string;
}

const hundred = {
  files: { train: ["train.bin"], test: ["test.bin"] },
  labelBytes: 2,
  // Of the training pictures, as in common use; the pictures of both variants are the same.
  mean: [0.5071, 0.4865, 0.4409],
  std: [0.2673, 0.2564, 0.2762],
  archive: "cifar-100-binary.tar.gz",
} as const;

const layouts: Readonly<Record<CifarKind, Layout>> = {
  "cifar-10": {
    files: {
      train: [1, 2, 3, 4, 5].map((k) => `data_batch_${k}.bin`),
      test: ["test_batch.bin"],
    },
    namesFile: "batches.meta.txt",
    classes: 10,
    labelBytes: 1,
    labelAt: 0,
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.247, 0.2435, 0.2616],
    archive: "cifar-10-binary.tar.gz",
  },
  "cifar-100": {
    ...hundred,
    namesFile: "fine_label_names.txt",
    classes: 100,
    labelAt: 1,
  },
  "cifar-100-coarse": {
    ...hundred,
    namesFile: "coarse_label_names.txt",
    classes: 20,
    labelAt: 0,
  },
};

const SIDE = 32;
const PLANE = SIDE * SIDE;

/**
 * Reads CIFAR from its binary files: a label or two, then a red, a green and a blue plane.
 *
 * @returns Images `(N, 32, 32, 3)` and labels `(N)`.
 * @throws {Error} if a file is missing or is none of these, in one sentence with the way out.
 *
 * @example
 * ```ts ignore
 * import { cifar } from "./cifar.ts";
 * const train = await cifar({ kind: "cifar-10", split: "train", directory: "cifar-10-batches-bin" });
 * console.log(train.length, train.classNames[train.labels[0]!]); // 50000 "frog"
 * ```
 */
export async function cifar(
  { kind, split, directory }: CifarOptions,
): Promise<LabelledDataset> {
  const layout = layouts[kind];
  if (layout === undefined) {
    const known = Object.keys(layouts).join(", ");
    throw new Error(`There is no CIFAR called "${kind}": use one of ${known}`);
  }
  const files = layout.files[split];
  if (files === undefined) {
    throw new Error(`${kind} has no split "${split}": use "train" or "test"`);
  }
  const folder: DataFolder = {
    title: kind,
    directory,
    remedy:
      `give the folder of the .bin files as { directory }; they are in ${layout.archive} ` +
      "from https://www.cs.toronto.edu/~kriz/cifar.html",
  };
  const classNames = new TextDecoder().decode(
    await readDataFile(folder, layout.namesFile),
  )
    .split("\n").map((line) => line.trim()).filter((line) => line !== "");
  if (classNames.length !== layout.classes) {
    throw new Error(
      `${kind}: ${
        pathIn(folder, layout.namesFile)
      } has ${classNames.length} names, not ` +
        `${layout.classes}; ${folder.remedy}`,
    );
  }
  const parts: { images: Uint8Array; labels: Uint8Array }[] = [];
  const digests: string[] = [];
  for (const file of files) {
    const bytes = await readDataFile(folder, file);
    parts.push(unpack(bytes, layout, pathIn(folder, file), folder.remedy));
    digests.push(await sha256(bytes));
  }
  const images = concatenate(parts.map((part) => part.images));
  const labels = concatenate(parts.map((part) => part.labels));
  const digest = await sha256(new TextEncoder().encode(digests.join()));
  return {
    name: `${kind}/${split}`,
    length: labels.length,
    height: SIDE,
    width: SIDE,
    channels: 3,
    images,
    labels,
    classNames,
    mean: layout.mean,
    std: layout.std,
    // What a shifted picture uncovers has been black since the first CIFAR recipes.
    background: [0, 0, 0],
    fingerprint: `${kind}/${split}:${digest.slice(0, 16)}`,
  };
}

function unpack(
  bytes: Uint8Array,
  { labelBytes, labelAt, classes }: Layout,
  path: string,
  remedy: string,
): { images: Uint8Array; labels: Uint8Array } {
  const record = labelBytes + 3 * PLANE;
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw new Error(
      `${path} has ${bytes.length} bytes, which is no whole number of pictures of ${record} ` +
        `bytes; ${remedy}`,
    );
  }
  const count = bytes.length / record;
  const images = new Uint8Array(count * 3 * PLANE);
  const labels = new Uint8Array(count);
  for (let k = 0, out = 0; k < count; k++) {
    const label = bytes[k * record + labelAt]!;
    if (label >= classes) {
      throw new Error(
        `${path} has the class ${label} at picture ${k} where there are ${classes}; ${remedy}`,
      );
    }
    labels[k] = label;
    const red = k * record + labelBytes;
    for (let pixel = red; pixel < red + PLANE; pixel++) {
      images[out++] = bytes[pixel]!;
      images[out++] = bytes[pixel + PLANE]!;
      images[out++] = bytes[pixel + 2 * PLANE]!;
    }
  }
  return { images, labels };
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
