// ImageNet's archives, made with three classes: unpacking, going on after a stop, and what is wrong.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { imageFolder } from "../../lib/data/image_folder.ts";
import { unpackImageNet } from "../../lib/data/imagenet.ts";
import { readDevkit } from "../../lib/data/imagenet_devkit.ts";
import { readMatlabStructs } from "../../lib/data/matlab.ts";
import { concatenated, gzip, type Member, metaMat, tarArchive } from "./archives.ts";
import { assertOneSentence, inTemporaryFolder } from "./support.ts";

const classes = { n01440764: 2, n01443537: 1, n01484850: 3 } as const;

function content(name: string): string {
  return name.repeat(20 + name.charCodeAt(name.length - 6) % 7);
}

function inner(folder: string, count: number): Uint8Array {
  const names = Array.from({ length: count }, (_, k) => `${folder}_${1000 + k}.JPEG`);
  return tarArchive(names.map((name) => [name, content(name)]));
}

const trainMembers: Member[] = Object.entries(classes)
  .map(([folder, count]) => [`${folder}.tar`, inner(folder, count)]);

// By the challenge's numbers: 3 is n01440764, 1 is n01443537, 2 is n01484850.
const truth = [3, 1, 2, 3];
const valMembers: Member[] = truth.map((_, k) => {
  const name = `ILSVRC2012_val_0000000${k + 1}.JPEG`;
  return [name, content(name)];
});

const devkitMembers: Member[] = [
  ["ILSVRC2012_devkit_t12/readme.txt", "about"],
  ["ILSVRC2012_devkit_t12/data/meta.mat", metaMat],
  [
    "ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt",
    truth.join("\n") + "\n",
  ],
];

interface Paths {
  readonly train: string;
  readonly val: string;
  readonly devkit: string;
  readonly out: string;
}

async function withArchives(use: (paths: Paths, folder: string) => Promise<void>) {
  await inTemporaryFolder(async (folder) => {
    const paths = {
      train: `${folder}/train.tar`,
      val: `${folder}/val.tar`,
      devkit: `${folder}/devkit.tar.gz`,
      out: `${folder}/out`,
    };
    await Deno.writeFile(paths.train, tarArchive(trainMembers));
    await Deno.writeFile(paths.val, tarArchive(valMembers));
    await Deno.writeFile(paths.devkit, await gzip(tarArchive(devkitMembers)));
    await use(paths, folder);
  });
}

async function allFiles(folder: string, prefix = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      files.push(...await allFiles(`${folder}/${name}`, `${prefix}${name}/`));
    } else files.push(prefix + name);
  }
  return files.sort();
}

const unpackedFiles = [
  "classes.json",
  "train/n01440764/n01440764_1000.JPEG",
  "train/n01440764/n01440764_1001.JPEG",
  "train/n01443537/n01443537_1000.JPEG",
  "train/n01484850/n01484850_1000.JPEG",
  "train/n01484850/n01484850_1001.JPEG",
  "train/n01484850/n01484850_1002.JPEG",
  "val/n01440764/ILSVRC2012_val_00000001.JPEG",
  "val/n01440764/ILSVRC2012_val_00000004.JPEG",
  "val/n01443537/ILSVRC2012_val_00000002.JPEG",
  "val/n01484850/ILSVRC2012_val_00000003.JPEG",
];

Deno.test("readMatlabStructs() reads a file of SciPy's, and refuses others", async () => {
  const { synsets, other } = await readMatlabStructs(metaMat, "meta.mat");
  assertEquals(other, undefined);
  assertEquals(synsets!.map(({ WNID }) => WNID), [...Object.keys(classes), "n00015388"]);
  assertEquals(synsets![2]!.words, "great white shark, großer Hai");
  assertEquals(synsets![3]!.children, [1, 2, 3]);
  const text = new TextEncoder().encode("not MATLAB".repeat(20));
  await assertOneSentence(() => readMatlabStructs(text, "meta.mat"), "no MATLAB file");
  const half = metaMat.subarray(0, 300);
  await assertOneSentence(() => readMatlabStructs(half, "meta.mat"), "damaged");
});

Deno.test("readDevkit() orders classes as their folders, whatever their numbers", async () => {
  await withArchives(async ({ devkit }) => {
    const { synsets, validation } = await readDevkit(devkit);
    assertEquals(
      synsets.map(({ folder, id, trainImages }) => [folder, id, trainImages]),
      [
        ["n01440764", 3, 2],
        ["n01443537", 1, 1],
        ["n01484850", 2, 3],
      ],
    );
    assertEquals(validation, ["n01440764", "n01443537", "n01484850", "n01440764"]);
  });
});

Deno.test("unpackImageNet() makes class folders of the archives", async () => {
  await withArchives(async (paths) => {
    const seen: string[] = [];
    const done = await unpackImageNet({
      ...paths,
      progress: ({ split, folder, classesDone, classes }) =>
        seen.push(`${split} ${folder} ${classesDone}/${classes}`),
    });
    assertEquals(done, { train: { written: 6, kept: 0 }, val: { written: 4, kept: 0 } });
    assertEquals(await allFiles(paths.out), unpackedFiles);
    assertEquals(seen.length, 6);
    assertEquals(seen[5], "train n01484850 3/3");
    for (const path of unpackedFiles.slice(1)) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      assertEquals(await Deno.readTextFile(`${paths.out}/${path}`), content(name));
    }
    const [first] = JSON.parse(await Deno.readTextFile(`${paths.out}/classes.json`));
    assertEquals(first, { label: 0, folder: "n01440764", words: "tench, Tinca tinca" });
    const source = await imageFolder({ directory: `${paths.out}/val` });
    assertEquals([...source.labels!], [0, 0, 1, 2]);
  });
});

Deno.test("unpackImageNet() goes on after a stop and writes over nothing", async () => {
  await withArchives(async (paths) => {
    await unpackImageNet(paths);
    const { out } = paths;
    // As after a kill: one class is half there, one file is cut off, one lacks a file.
    const partial = `${out}/train/.n01484850.partial`;
    await Deno.rename(`${out}/train/n01484850`, partial);
    await Deno.remove(`${partial}/n01484850_1001.JPEG`);
    await Deno.truncate(`${partial}/n01484850_1002.JPEG`, 5);
    await Deno.writeTextFile(`${partial}/n01484850_1001.JPEG.partial`, "half");
    await Deno.remove(`${out}/val/n01440764/ILSVRC2012_val_00000004.JPEG`);
    const old = new Date(1e12);
    const kept = `${out}/train/n01440764/n01440764_1000.JPEG`;
    await Deno.utime(kept, old, old);
    const done = await unpackImageNet(paths);
    assertEquals(done, { train: { written: 2, kept: 4 }, val: { written: 1, kept: 3 } });
    assertEquals(await allFiles(out), unpackedFiles);
    assertEquals((await Deno.stat(kept)).mtime, old);
    const mended = `${out}/train/n01484850/n01484850_1002.JPEG`;
    assertEquals(await Deno.readTextFile(mended), content("n01484850_1002.JPEG"));
    // A file of another size may be somebody's work.
    await Deno.writeTextFile(kept, "made smaller");
    await assertOneSentence(() => unpackImageNet(paths), kept, "12 bytes", "remove it");
    assertEquals(await Deno.readTextFile(kept), "made smaller");
  });
});

Deno.test("unpackImageNet() says what is wrong with an archive", async () => {
  await withArchives(async (paths) => {
    const refused = (changed: Partial<Paths>, ...parts: string[]) =>
      assertOneSentence(() => unpackImageNet({ ...paths, ...changed }), ...parts);
    await refused({ devkit: `${paths.devkit}x` }, "There is no development kit");
    await refused({ devkit: paths.val }, "does not hold meta.mat", "devkit_t12");
    await refused({ val: `${paths.val}x` }, "There is no archive");
    await refused({ val: paths.train }, "n01440764.tar", "give ILSVRC2012_img_val.tar");
    await refused({ train: paths.val }, "ILSVRC2012_val_00000001.JPEG", "img_train.tar");
    await refused({ train: paths.devkit }, "gunzip");
    const folder = paths.val.slice(0, -"/val.tar".length);
    await refused({ val: folder }, "is a folder");
    await refused({ devkit: folder }, "is a folder");
    await refused({ out: paths.val }, "is a file");
    await Deno.writeFile(paths.val, tarArchive(valMembers.slice(1)));
    await refused({}, "holds 3 validation pictures", "names 4");
    await Deno.writeFile(paths.val, tarArchive(valMembers));
    await Deno.writeFile(paths.train, tarArchive(trainMembers.slice(1)));
    await refused({}, "lacks 1 of 3 classes", "n01440764.tar");
    const fewer: Member = ["n01440764.tar", inner("n01440764", 1)];
    await Deno.writeFile(paths.train, tarArchive([fewer]));
    await refused({}, "holds 1 pictures", "says 2");
    const escaping: Member = ["n01443537.tar", tarArchive([["../../evil.JPEG", "x"]])];
    await Deno.writeFile(paths.train, tarArchive([escaping]));
    await refused({}, "../../evil.JPEG", "no picture of n01443537");
    const whole = tarArchive(trainMembers);
    await Deno.writeFile(paths.train, whole.subarray(0, whole.length - 4096));
    await refused({}, "cut off");
    await Deno.writeFile(paths.train, concatenated([whole.subarray(0, 100)]));
    await refused({}, "cut off");
  });
});

Deno.test("the task data imagenet unpacks, and answers wrong use", async () => {
  await withArchives(async ({ train, val, devkit, out }, folder) => {
    const task = decodeURIComponent(
      new URL("../../tasks/data.ts", import.meta.url).pathname,
    );
    const config = decodeURIComponent(
      new URL("../../deno.json", import.meta.url).pathname,
    );
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--no-prompt", "--no-check", "--no-lock", "--config", config],
          ...[`--allow-read=${folder}`, `--allow-write=${folder}`, task, ...args],
        ],
        env: { NO_COLOR: "1" },
      }).output();
      const text = new TextDecoder();
      return { code, out: text.decode(stdout), err: text.decode(stderr) };
    };
    const archives = ["--train", train, "--val", val, "--devkit", devkit];
    const done = await run("imagenet", ...archives, "--out", out);
    assertEquals(done.code, 0, done.err);
    assertStringIncludes(done.out, "train: 6 pictures written, 0 were there already");
    assertEquals(await allFiles(out), unpackedFiles);
    const wrong = await run("imagenet", "--trian", train);
    assertEquals(wrong.code, 2);
    assertStringIncludes(wrong.err, "--train");
    const incomplete = await run("imagenet", ...archives);
    assertStringIncludes(incomplete.err, "--out is missing");
    const other = await run("imagnet");
    assertStringIncludes(other.err, 'did you mean "imagenet"');
    assertStringIncludes((await run("cifar")).err, "nothing to be made ready");
    const md5 = await run("imagenet", ...archives, "--out", out, "--md5");
    assertEquals(md5.code, 1);
    assertStringIncludes(md5.err, "is not the official archive");
    assert(!md5.err.trim().includes("\n"));
  });
});
