/**
 * ImageNet (ILSVRC 2012) from its official archives to class folders: the training archive is a tar
 * of tars, the validation pictures lie in one heap. It can be stopped and started again at any
 * time, and writes over nothing that is there.
 *
 * @module
 */
import { type ImageNetDevkit, readDevkit } from "./imagenet_devkit.ts";
import { placesFor } from "./places.ts";
import { openTar, type TarArchive, type TarMember, tarMembers } from "./tar.ts";

/** The official archives, and where the folders go. */
export interface ImageNetArchives {
  /** `ILSVRC2012_img_train.tar`; left out, the training pictures are. */
  readonly train?: string;
  /** `ILSVRC2012_img_val.tar`; left out, the validation pictures are. */
  readonly val?: string;
  /** `ILSVRC2012_devkit_t12.tar.gz`. */
  readonly devkit: string;
  /** Gets `train/CLASS/…`, `val/CLASS/…` and `classes.json`. */
  readonly out: string;
  /** Called after each class. */
  readonly progress?: (progress: UnpackProgress) => void;
}

/** How far it is. */
export interface UnpackProgress {
  readonly split: "train" | "val";
  /** The class that is complete now. */
  readonly folder: string;
  readonly classesDone: number;
  readonly classes: number;
}

/** Numbers of files of one part. */
export interface UnpackedFiles {
  readonly written: number;
  /** That were there already, with the size that the archive says. */
  readonly kept: number;
}

/** What {@linkcode unpackImageNet} did. */
export interface UnpackedImageNet {
  readonly train?: UnpackedFiles;
  readonly val?: UnpackedFiles;
}

/** A class of one part: which members of the archive it is made of. */
interface ClassFiles {
  readonly folder: string;
  readonly files: readonly TarMember[];
}

/** So many files are written at a time. */
const WRITERS = 8;

/**
 * Writes the class folders, of which each appears only when it is complete; until then its files
 * are in a hidden folder beside it. What is there from an earlier run is checked file by file
 * against the sizes in the archive and left alone; what is missing is written.
 *
 * The numbers of pictures are checked against the development kit: all classes with all their
 * training pictures, and one validation picture for each line of the ground truth.
 *
 * @throws {Error} if an archive is missing, damaged or another one, a file in the folders is not as
 * in the archive, or the disk is full, in one sentence with the way out.
 *
 * @example
 * ```ts ignore
 * import { unpackImageNet } from "./imagenet.ts";
 * await unpackImageNet({
 *   train: "ILSVRC2012_img_train.tar",
 *   val: "ILSVRC2012_img_val.tar",
 *   devkit: "ILSVRC2012_devkit_t12.tar.gz",
 *   out: "imagenet",
 * });
 * ```
 */
export async function unpackImageNet(
  { train, val, devkit: devkitPath, out, progress }: ImageNetArchives,
): Promise<UnpackedImageNet> {
  const devkit = await readDevkit(devkitPath);
  if (await Deno.stat(out).then(({ isFile }) => isFile, () => false)) {
    throw new Error(`${out} is a file: give a folder for the pictures`);
  }
  const done: { train?: UnpackedFiles; val?: UnpackedFiles } = {};
  if (val !== undefined) {
    using archive = openTar(val);
    const classes = validationClasses(archive, devkit);
    done.val = await unpack(archive, classes, out, "val", devkit, progress);
  }
  if (train !== undefined) {
    using archive = openTar(train);
    const classes = trainingClasses(archive, devkit);
    done.train = await unpack(archive, classes, out, "train", devkit, progress);
  }
  await writeClasses(out, devkit);
  return done;
}

/** Class by class, as the inner archives are looked through. */
function* trainingClasses(
  archive: TarArchive,
  { synsets }: ImageNetDevkit,
): Generator<ClassFiles, void, void> {
  const missing = new Map(synsets.map((synset) => [`${synset.folder}.tar`, synset]));
  for (const inner of tarMembers(archive)) {
    if (inner.kind !== "file") continue;
    const synset = missing.get(inner.name);
    if (synset === undefined) {
      throw new Error(
        `${archive.path} holds ${inner.name}, which is no archive of a class; give ` +
          "ILSVRC2012_img_train.tar, the training pictures of tasks 1 and 2",
      );
    }
    missing.delete(inner.name);
    const range = {
      start: inner.offset,
      end: inner.offset + inner.size,
      title: `${archive.path}, member ${inner.name}`,
    };
    const files = [...tarMembers(archive, range)].filter(({ kind }) => kind === "file");
    const { folder, trainImages } = synset;
    const strange = files.find(({ name }) => !/^n\d{8}_\d+\.JPEG$/.test(name));
    if (strange !== undefined || (trainImages >= 0 && files.length !== trainImages)) {
      throw new Error(
        strange === undefined
          ? `${range.title} holds ${files.length} pictures, where the development kit says ` +
            `${trainImages}; get the archive again`
          : `${range.title} holds "${strange.name}", which is no picture of ${folder}; get ` +
            "the archive again",
      );
    }
    yield { folder, files };
  }
  const [first] = missing.keys();
  if (first !== undefined) {
    throw new Error(
      `${archive.path} lacks ${missing.size} of ${synsets.length} classes, such as ${first}; ` +
        "get the archive again",
    );
  }
}

function validationClasses(
  archive: TarArchive,
  { synsets, validation }: ImageNetDevkit,
): ClassFiles[] {
  const files = new Map<string, TarMember[]>(synsets.map(({ folder }) => [folder, []]));
  const seen = new Set<number>();
  for (const member of tarMembers(archive)) {
    if (member.kind !== "file") continue;
    const [, digits] = /^ILSVRC2012_val_(\d{8})\.JPEG$/.exec(member.name) ?? [];
    const folder = validation[Number(digits) - 1];
    if (folder === undefined) {
      throw new Error(
        `${archive.path} holds "${member.name}", which is none of the ${validation.length} ` +
          "validation pictures; give ILSVRC2012_img_val.tar",
      );
    }
    seen.add(Number(digits));
    files.get(folder)!.push(member);
  }
  if (seen.size !== validation.length) {
    throw new Error(
      `${archive.path} holds ${seen.size} validation pictures, where the development kit ` +
        `names ${validation.length}; get the archive again`,
    );
  }
  return [...files].map(([folder, files]) => ({ folder, files }));
}

async function unpack(
  archive: TarArchive,
  classes: Iterable<ClassFiles>,
  out: string,
  split: "train" | "val",
  { synsets }: ImageNetDevkit,
  progress: ImageNetArchives["progress"],
): Promise<UnpackedFiles> {
  let written = 0;
  let kept = 0;
  let classesDone = 0;
  for (const { folder, files } of classes) {
    const count = await unpackClass(archive, files, `${out}/${split}`, folder);
    written += count;
    kept += files.length - count;
    progress?.({ split, folder, classesDone: ++classesDone, classes: synsets.length });
  }
  return { written, kept };
}

/** Returns how many files it wrote. */
async function unpackClass(
  archive: TarArchive,
  files: readonly TarMember[],
  parent: string,
  folder: string,
): Promise<number> {
  const whole = `${parent}/${folder}`;
  if (await Deno.stat(whole).then(() => true, () => false)) {
    const missing: TarMember[] = [];
    for (const file of files) {
      const size = await sizeOf(`${whole}/${file.name}`);
      if (size === undefined) missing.push(file);
      else if (size !== file.size) {
        throw new Error(
          `${whole}/${file.name} has ${size} bytes, where ${archive.path} has ${file.size}: ` +
            "remove it to have it written again, or give another --out",
        );
      }
    }
    await writeAll(archive, missing, whole);
    return missing.length;
  }
  const partial = `${parent}/.${folder}.partial`;
  await Deno.mkdir(partial, { recursive: true });
  const missing: TarMember[] = [];
  for (const file of files) {
    if (await sizeOf(`${partial}/${file.name}`) !== file.size) missing.push(file);
  }
  await writeAll(archive, missing, partial);
  await Deno.rename(partial, whole);
  return missing.length;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return await Deno.stat(path).then(({ size }) => size, () => undefined);
}

async function writeAll(
  archive: TarArchive,
  files: readonly TarMember[],
  folder: string,
): Promise<void> {
  const places = placesFor(WRITERS);
  const work = files.map(({ name, offset, size }) =>
    places.run(() => writeWhole(`${folder}/${name}`, archive.readAt(offset, size)))
  );
  // What is in progress ends before an error does, so that a new try meets no writer.
  const results = await Promise.allSettled(work.map((one) =>
    one.catch((error) => {
      places.close();
      throw error;
    })
  ));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** The file has its name only when all its bytes are there. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.partial`;
  try {
    await Deno.writeFile(beside, bytes);
    await Deno.rename(beside, path);
  } catch (cause) {
    await Deno.remove(beside).catch(() => {});
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `${path} cannot be written (${reason}): mend that and start again; what is there stays`,
      { cause },
    );
  }
}

async function writeClasses(out: string, { synsets }: ImageNetDevkit): Promise<void> {
  const entries = synsets.map(({ folder, words }, label) => ({ label, folder, words }));
  const lines = entries.map((entry) => JSON.stringify(entry)).join(",\n");
  await Deno.mkdir(out, { recursive: true });
  await writeWhole(`${out}/classes.json`, new TextEncoder().encode(`[\n${lines}\n]\n`));
}
