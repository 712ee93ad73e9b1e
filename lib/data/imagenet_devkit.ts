/**
 * ImageNet's development kit (ILSVRC 2012, tasks 1 and 2): which classes there are, and which of
 * them each validation picture shows.
 *
 * @module
 */
import { readMatlabStructs } from "./matlab.ts";
import { tarMembers, tarOf } from "./tar.ts";

/** A class of ImageNet. */
export interface Synset {
  /** The challenge's number, from 1 on: not the class number, which is the place among the folders. */
  readonly id: number;
  /** WordNet's name, such as `n01440764`: the name of the folder. */
  readonly folder: string;
  /** Such as `"tench, Tinca tinca"`. */
  readonly words: string;
  readonly trainImages: number;
}

/** What the development kit says. */
export interface ImageNetDevkit {
  /** In the order of their folders' names, which is that of the class numbers 0 … 999. */
  readonly synsets: readonly Synset[];
  /** Of validation picture k + 1, the folder. */
  readonly validation: readonly string[];
}

/**
 * Reads the archive of the development kit, packed with gzip or not.
 *
 * @param path Of `ILSVRC2012_devkit_t12.tar.gz`.
 * @throws {Error} if it is missing or another file, in one sentence.
 *
 * @example
 * ```ts ignore
 * import { readDevkit } from "./imagenet_devkit.ts";
 * const { synsets } = await readDevkit("ILSVRC2012_devkit_t12.tar.gz");
 * console.log(synsets.length, synsets[0]!.words); // 1000 "tench, Tinca tinca"
 * ```
 */
export async function readDevkit(path: string): Promise<ImageNetDevkit> {
  const packed = await Deno.readFile(path).catch((cause) => {
    if (cause instanceof Deno.errors.IsADirectory) {
      throw new Error(
        `${path} is a folder: give the archive, ILSVRC2012_devkit_t12.tar.gz`,
        { cause },
      );
    }
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new Error(`There is no development kit ${path}: check the path`, { cause });
  });
  const isPacked = packed[0] === 0x1f && packed[1] === 0x8b;
  const bytes = isPacked ? await gunzip(packed, path) : packed;
  const archive = tarOf(bytes, path);
  const files = new Map<string, Uint8Array>();
  for (const { name, kind, offset, size } of tarMembers(archive)) {
    const file = name.slice(name.lastIndexOf("/") + 1);
    if (kind === "file" && !file.startsWith(".")) {
      files.set(file, archive.readAt(offset, size));
    }
  }
  const meta = fileOf(files, "meta.mat", path);
  const truth = fileOf(files, "ILSVRC2012_validation_ground_truth.txt", path);
  const synsets = await readSynsets(meta, `${path}, meta.mat`);
  const folderOf = new Map(synsets.map(({ id, folder }) => [id, folder]));
  const validation = new TextDecoder().decode(truth).trim().split(/\s+/).map(
    (line, k) => {
      const folder = folderOf.get(Number(line));
      if (folder === undefined) {
        throw new Error(
          `${path}: validation picture ${
            k + 1
          } has the class "${line}", which meta.mat does ` +
            "not have; get the original development kit",
        );
      }
      return folder;
    },
  );
  return { synsets, validation };
}

async function gunzip(packed: Uint8Array, path: string): Promise<Uint8Array> {
  try {
    const source = new Blob([packed as Uint8Array<ArrayBuffer>]).stream();
    const stream = source.pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    throw new Error(`${path} is no whole gzip file; get it again`, { cause });
  }
}

function fileOf(
  files: ReadonlyMap<string, Uint8Array>,
  name: string,
  path: string,
): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined) {
    throw new Error(
      `${path} does not hold ${name}: give ILSVRC2012_devkit_t12.tar.gz, the development kit ` +
        "of tasks 1 and 2",
    );
  }
  return bytes;
}

async function readSynsets(meta: Uint8Array, title: string): Promise<Synset[]> {
  const { synsets = [] } = await readMatlabStructs(meta, title);
  const classes = synsets.map((synset) => ({
    id: numberOf(synset.ILSVRC2012_ID),
    folder: String(synset.WNID ?? ""),
    words: String(synset.words ?? ""),
    trainImages: numberOf(synset.num_train_images),
    children: numberOf(synset.num_children),
  }))
    // WordNet's higher groups, such as "animal", are listed too.
    .filter(({ children }) => children === 0)
    .map(({ children: _, ...synset }) => synset);
  const strange = classes.find(({ id, folder }) =>
    !(id >= 1) || !/^n\d{8}$/.test(folder)
  );
  if (classes.length === 0 || strange !== undefined) {
    throw new Error(`${title} does not list ImageNet's classes; get the original file`);
  }
  return classes.sort((a, b) => a.folder < b.folder ? -1 : 1);
}

function numberOf(value: unknown): number {
  return Array.isArray(value) && typeof value[0] === "number" ? value[0] : NaN;
}
