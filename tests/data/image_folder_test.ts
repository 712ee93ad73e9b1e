// Folders of pictures: classes or none, links, hidden files, lists, what is wrong with them; and
// files that no reader can read.
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import sharp from "sharp";
import { pictureEndings } from "../../lib/data/folder_scan.ts";
import {
  imageFolder,
  type ImageFolderOptions,
  PicturesBesideFolders,
} from "../../lib/data/image_folder.ts";
import { loadBatches } from "../../lib/data/load_batches.ts";
import { parsePictureList } from "../../lib/data/picture_list.ts";
import { drawing, jpegOf, wholePicture } from "./pictures.ts";
import { assertOneSentence, inTemporaryFolder } from "./support.ts";

const size = { height: 16, width: 16 };
const jpeg = await jpegOf(size);

async function write(folder: string, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    const whole = `${folder}/${path}`;
    await Deno.mkdir(whole.slice(0, whole.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(whole, jpeg);
  }
}

async function choice(options: ImageFolderOptions): Promise<unknown> {
  const { paths, labels, classNames } = await imageFolder(options);
  return { paths, labels: labels && [...labels], classNames };
}

Deno.test("pictureEndings are those that sharp reads from files", () => {
  const known = Object.values(sharp.format).filter(({ id, input }) =>
    input.file && id !== "vips"
  ).flatMap(({ input }) => (input as { fileSuffix?: string[] }).fileSuffix ?? []);
  assert(known.length > 5);
  const simple = known.filter((ending) => ending !== ".svg.gz");
  assertEquals([...pictureEndings].sort(), simple.sort());
});

Deno.test("imageFolder() takes a folder for each class, sorted, hidden files left out", async () => {
  await inTemporaryFolder(async (directory) => {
    await write(
      directory,
      "dog/b.jpg",
      "dog/a.PNG",
      "cat/deep/c.jpeg",
      "cat/.hidden.jpg",
    );
    await write(directory, ".git/x.jpg", "dog/notes.txt", "cat/b.webp");
    const source = await imageFolder({ directory });
    assertEquals(source.paths, [
      "cat/b.webp",
      "cat/deep/c.jpeg",
      "dog/a.PNG",
      "dog/b.jpg",
    ]);
    assertEquals([...source.labels!], [0, 0, 1, 1]);
    assertEquals(source.classNames, ["cat", "dog"]);
    assertEquals(source.describe(3), `${directory}/dog/b.jpg`);
    assertEquals(await source.read(3), { encoded: jpeg });
    const again = await imageFolder({ directory: `${directory}/` });
    assertEquals(again.fingerprint, source.fingerprint);
    await write(directory, "dog/c.jpg");
    assert((await imageFolder({ directory })).fingerprint !== source.fingerprint);
    const unlabelled = await imageFolder({ directory, classes: "none" });
    assertEquals([unlabelled.length, "labels" in unlabelled], [5, false]);
  });
});

Deno.test("imageFolder() takes a flat folder without labels", async () => {
  await inTemporaryFolder(async (directory) => {
    await write(directory, "2.jpg", "10.jpg");
    assertEquals(await choice({ directory }), {
      paths: ["10.jpg", "2.jpg"],
      labels: undefined,
      classNames: undefined,
    });
  });
});

Deno.test("imageFolder() follows symbolic links once, even in circles", async () => {
  await inTemporaryFolder(async (folder) => {
    await write(folder, "elsewhere/1.jpg", "set/cat/2.jpg");
    await Deno.symlink(`${folder}/elsewhere`, `${folder}/set/dog`);
    await Deno.symlink(`${folder}/set`, `${folder}/set/cat/circle`);
    await Deno.symlink(`${folder}/elsewhere/1.jpg`, `${folder}/set/cat/link.jpg`);
    await Deno.symlink(`${folder}/nothing.jpg`, `${folder}/set/cat/broken.jpg`);
    const source = await imageFolder({ directory: `${folder}/set` });
    assertEquals(source.paths, [
      "cat/2.jpg",
      "cat/broken.jpg",
      "cat/link.jpg",
      "dog/1.jpg",
    ]);
    assertEquals(await source.read(2), { encoded: jpeg });
  });
});

Deno.test("imageFolder() says what is wrong with a folder", async () => {
  await inTemporaryFolder(async (folder) => {
    const refused = (options: Partial<ImageFolderOptions>, ...parts: string[]) =>
      assertOneSentence(() => imageFolder({ directory: folder, ...options }), ...parts);
    await refused({ directory: `${folder}/none` }, "There is no folder", "none");
    await refused({}, "holds no pictures");
    await Deno.writeTextFile(`${folder}/photo.bmp`, "");
    await refused({}, "only files like photo.bmp", ".jpg");
    await refused({ directory: `${folder}/photo.bmp` }, "is a file", "tarShards()");
    await write(folder, "cat/1.jpg");
    await Deno.mkdir(`${folder}/dog`);
    await refused({}, `${folder}/dog holds no pictures`, "fill or remove it");
    await write(folder, "loose.jpg");
    await refused({}, "loose.jpg", "cat", 'classes: "none"');
    const beside = await assertRejects(() => imageFolder({ directory: folder }));
    assert(beside instanceof PicturesBesideFolders);
    const all = await imageFolder({ directory: folder, classes: "none" });
    assertEquals(all.paths, ["cat/1.jpg", "loose.jpg"]);
    assertEquals(all.otherPictures, { count: 1, first: "photo.bmp" });
  });
});

Deno.test("parsePictureList() reads paths with and without classes", () => {
  const list = parsePictureList("# a split\r\na/1.jpg 3\r\n\r\nb/my cat.jpg\t0\r\n", "l");
  assertEquals(list.paths, ["a/1.jpg", "b/my cat.jpg"]);
  assertEquals([...list.labels!], [3, 0]);
  assertEquals(parsePictureList("./a 1.jpg\nb\\2.jpg", "l").paths, [
    "a 1.jpg",
    "b/2.jpg",
  ]);
  const refused = (text: string, part: string) => {
    let message = "";
    try {
      parsePictureList(text, "split.txt");
    } catch (error) {
      message = (error as Error).message;
    }
    assertStringIncludes(message, part);
    assertStringIncludes(message, "split.txt");
  };
  refused("\n# nothing\n", "names no pictures");
  refused("a.jpg 1\nb.jpg", "line 2");
  refused("a.jpg\nb.jpg 1", "line 2");
  refused("../a.jpg", "leads out");
});

Deno.test("imageFolder() takes what a list says, in its order", async () => {
  await inTemporaryFolder(async (folder) => {
    const directory = `${folder}/set`;
    await write(directory, "n01_x/n01_1.JPEG", "n01_x/n01_2.JPEG", "n02/n02_1.JPEG");
    await write(directory, "n03/n03_1.JPEG");
    const list = `${folder}/split.txt`;
    const listed = async (text: string, classes?: "none" | "folders") => {
      await Deno.writeTextFile(list, text);
      return await choice({ directory, list, ...(classes ? { classes } : {}) });
    };
    // Classes are numbered by all folders, also by those that the list leaves out.
    assertEquals(await listed("n03/n03_1.JPEG\nn01_x/n01_2.JPEG\n"), {
      paths: ["n03/n03_1.JPEG", "n01_x/n01_2.JPEG"],
      labels: [2, 0],
      classNames: ["n01_x", "n02", "n03"],
    });
    // Names without their folder, as in the lists of SimCLR.
    assertEquals(await listed("n03_1.JPEG\nn02_1.JPEG"), {
      paths: ["n03/n03_1.JPEG", "n02/n02_1.JPEG"],
      labels: [2, 1],
      classNames: ["n01_x", "n02", "n03"],
    });
    // Numbers of the list's own: the names are those of the folders that they stand for.
    assertEquals(await listed("n03/n03_1.JPEG 0\nn02/n02_1.JPEG 2"), {
      paths: ["n03/n03_1.JPEG", "n02/n02_1.JPEG"],
      labels: [0, 2],
      classNames: ["n03", "1", "n02"],
    });
    const { labels } = await listed("n03/n03_1.JPEG 0", "none") as { labels?: unknown };
    assertEquals(labels, undefined);
    await assertOneSentence(() => listed("n09/1.JPEG"), "there is no", "n09/1.JPEG");
    const missing = { directory, list: `${folder}/none.txt` };
    await assertOneSentence(() => imageFolder(missing), "There is no list");
  });
});

Deno.test("a loader names every file of a folder that it cannot read", async () => {
  await inTemporaryFolder(async (directory) => {
    await write(directory, "0.jpg", "1.jpg", "2.jpg", "forbidden.jpg");
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, k) => k * 7919 % 251);
    const large = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg().toBuffer();
    await Deno.writeFile(`${directory}/half.jpg`, large.subarray(0, large.length / 2));
    await Deno.writeFile(`${directory}/empty.jpg`, new Uint8Array(0));
    await Deno.writeTextFile(`${directory}/letter.jpg`, "Dear Sir or Madam");
    const bomb = '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>';
    await Deno.writeTextFile(`${directory}/bomb.svg`, bomb);
    await Deno.writeFile(`${directory}/png.jpg`, await drawing(size).png().toBuffer());
    await Deno.symlink(`${directory}/gone`, `${directory}/link.jpg`);
    await Deno.chmod(`${directory}/forbidden.jpg`, 0o000);
    const source = await imageFolder({ directory });
    const options = { seed: 1, transform: wholePicture(size), maxBad: 0.9 };
    const batches = loadBatches(source, { ...options, batchSize: source.length });
    const { skipped, indices } = (await batches.next()).value!;
    await batches.return();
    const bad = new Set(skipped.map(({ path }) => path.slice(directory.length + 1)));
    // Root may read everything.
    const forbidden = Deno.uid() === 0 ? [] : ["forbidden.jpg"];
    const expected = ["bomb.svg", "empty.jpg", "half.jpg", "letter.jpg", "link.jpg"];
    assertEquals([...bad].sort(), [...expected, ...forbidden].sort());
    const used = new Set([...indices].map((index) => source.paths[index]));
    assert(["0.jpg", "1.jpg", "2.jpg", "png.jpg"].every((path) => used.has(path)));
    const reasons = new Map(skipped.map(({ path, reason }) => [path, reason]));
    assertEquals(reasons.get(`${directory}/empty.jpg`), "it is empty");
    const letter = reasons.get(`${directory}/letter.jpg`);
    assertEquals(letter, "it is no whole picture of a known format");
    assert(skipped.every(({ reason }) => reason.length > 3 && !reason.includes("\n")));
    const strict = loadBatches(source, { ...options, batchSize: 4, maxBad: 0.1 });
    const all = async () => {
      for await (const { step } of strict) if (step > 20) break;
    };
    await assertRejects(all, Error, "mend them, take them out or allow more");
  });
});
