import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fashionMnist, type LabelledDataset } from "../../lib/data/mod.ts";
import { recipe } from "../../lib/recipes/catalogue.ts";
import { isStreamed } from "../../lib/trainers/streamed_images.ts";
import { fewLabels } from "../../tasks/supervised/few_labels.ts";
import { recipeFor } from "../../tasks/training/adapt_recipe.ts";
import {
  chooseImages,
  classNamesOf,
  nameOfImages,
  openImages,
} from "../../tasks/training/choose_images.ts";
import { heldOutIndices } from "../../tasks/training/held_out.ts";
import {
  evaluationImages,
  fewImages,
  trainingImages,
} from "../../tasks/training/recipe_images.ts";
import { tarArchive } from "../data/archives.ts";
import { jpegOf } from "../data/pictures.ts";
import { inTemporaryFolder } from "../data/support.ts";

const reading = { readers: 2, maxBad: 0.01 };

Deno.test("chooseImages() finds out what somebody means", async () => {
  await inTemporaryFolder(async (folder) => {
    for (const part of ["flat", "parts/train/a", "parts/val/a", "cifar"]) {
      await Deno.mkdir(`${folder}/${part}`, { recursive: true });
    }
    await Deno.writeTextFile(`${folder}/cifar/data_batch_1.bin`, "");
    assertEquals(await chooseImages("emoji"), { kind: "emoji" });
    const flat = { kind: "folder", train: `${folder}/flat` } as const;
    assertEquals(await chooseImages(`${folder}/flat/`), flat);
    assertEquals(await chooseImages(`${folder}/flat`, "other"), {
      ...flat,
      test: "other",
    });
    assertEquals(await chooseImages(`${folder}/parts`), {
      ...{ kind: "folder", train: `${folder}/parts/train`, test: `${folder}/parts/val` },
    });
    assertEquals(await chooseImages(`${folder}/cifar`), {
      ...{ kind: "cifar", set: "cifar-10", directory: `${folder}/cifar` },
    });
    const shards = await chooseImages("train-{0..3}.tar");
    assertEquals(shards, { kind: "shards", train: "train-{0..3}.tar" });
    await assertRejects(
      () => chooseImages(`${folder}/none`),
      Error,
      "There are no images",
    );
  });
});

Deno.test("openImages() holds a tenth of each class back where there are no test images", async () => {
  await inTemporaryFolder(async (folder) => {
    for (const name of ["a", "b"]) {
      await Deno.mkdir(`${folder}/${name}`);
      for (let index = 0; index < 20; index++) {
        const bytes = await jpegOf({ height: 9, width: 12 }, index);
        await Deno.writeFile(`${folder}/${name}/${index}.jpg`, bytes);
      }
    }
    const said: string[] = [];
    const { train, test } = await openImages(
      { kind: "folder", train: folder },
      (sentence) => said.push(sentence),
    );
    assertEquals([train.length, test!.length], [36, 4]);
    assertEquals([...test!.labels!], [0, 0, 1, 1]);
    assertEquals(said.length, 1);
    assert(/4 of its 40 are held back.*2 of a class.*--val/.test(said[0]!), said[0]);
    const { data } = recipeFor("mae-tiny", { kind: "folder", train: folder });
    const few = await fewImages(train, data, 3);
    assertEquals([few.length, few.height, few.images.length], [3, 64, 3 * 64 * 64 * 3]);
  });
});

Deno.test("heldOutIndices() takes a tenth of each class, of small ones one, of one none", () => {
  const counts = [25, 10, 9, 2, 1];
  const labels = counts.flatMap((count, label) => Array<number>(count).fill(label));
  // In any order: that of shards is no order of classes.
  const mixed = labels.map((_, k) => labels[k * 20 % labels.length]!);
  for (const all of [labels, mixed]) {
    const held = [...heldOutIndices(all)].map((index) => all[index]!);
    const found = counts.map((_, label) =>
      held.filter((other) => other === label).length
    );
    assertEquals(found, [2, 1, 1, 1, 0]);
  }
  assertEquals(heldOutIndices([]).size, 0);
});

/** Files of a folder, each of one pixel. */
async function fill(folder: string, paths: readonly string[]): Promise<void> {
  const bytes = await jpegOf({ height: 1, width: 1 });
  for (const path of paths) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeFile(`${folder}/${path}`, bytes);
  }
}

Deno.test("openImages() reads what people have, and says what they should know", async () => {
  await inTemporaryFolder(async (folder) => {
    await fill(folder, ["loose/a/1.jpg", "loose/2.jpg", "one/a/1.jpg", "one/a/2.jpg"]);
    await fill(folder, ["ab/a/1.jpg", "ab/b/1.jpg", "ac/a/1.jpg", "ac/c/1.jpg"]);
    await fill(folder, ["parts/train/a/1.jpg", "parts/train/b/1.jpg"]);
    await fill(folder, ["parts/val/a/1.jpg"]);
    await Deno.writeTextFile(`${folder}/loose/a/3.heic`, "");
    const open = async (data: string, val = "") => {
      const said: string[] = [];
      const choice = await chooseImages(`${folder}/${data}`, val && `${folder}/${val}`);
      return { said, ...await openImages(choice, (sentence) => said.push(sentence)) };
    };
    const loose = await open("loose");
    assertEquals([loose.train.length, classNamesOf(loose.train)], [2, undefined]);
    assert(/beside folders/.test(loose.said[0]!) && /3\.heic/.test(loose.said[1]!));
    const one = await open("one");
    assertEquals([one.train.length, classNamesOf(one.train), one.test], [
      ...[2, undefined, undefined],
    ]);
    assert(/one class alone \(a\)/.test(one.said[0]!), one.said[0]);
    await assertRejects(() => open("ab", "ac"), Error, 'ac has the class "c"');
    await assertRejects(() => open("parts"), Error, 'lacks the class "b"');
    assertEquals((await open("ab", "ab")).train.name, "ab");
    await fill(folder, ["parts/val/b/1.jpg"]);
    const parts = await open("parts");
    assertEquals([parts.train.name, parts.test!.name], ["parts/train", "parts/val"]);
    assertEquals(parts.said, []);
  });
});

Deno.test("openImages() tests a folder with shards, whose classes are numbers", async () => {
  await inTemporaryFolder(async (folder) => {
    await fill(folder, ["train/a/1.jpg", "train/b/1.jpg"]);
    const bytes = await jpegOf({ height: 1, width: 1 });
    const shard = `${folder}/val.tar`;
    await Deno.mkdir(`${folder}/shards`);
    await Deno.writeFile(shard, tarArchive([["x.jpg", bytes], ["x.cls", "1"]]));
    await Deno.copyFile(shard, `${folder}/shards/val.tar`);
    const choice = await chooseImages(`${folder}/train`, shard);
    const { test } = await openImages(choice);
    assertEquals([test!.name, ...test!.labels!], ["val.tar", 1]);
    await Deno.writeFile(shard, tarArchive([["x.jpg", bytes], ["x.cls", "7"]]));
    await assertRejects(() => openImages(choice), Error, "both need the same class");
    const shards = { kind: "folder", train: `${folder}/shards` } as const;
    await assertRejects(() => openImages(shards), Error, `'${folder}/shards/*.tar'`);
  });
});

Deno.test("chooseImages() says what it is that cannot be taken", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.tar.gz`, "");
    await Deno.writeTextFile(`${folder}/a.jpg`, "");
    const refused = (message: string, data: string, val = "") =>
      assertRejects(() => chooseImages(data, val), Error, message);
    await refused("is compressed", `${folder}/a.tar.gz`);
    await refused("is a file: give its folder", `${folder}/a.jpg`);
    await refused("deno task data imagenet", "imagenet100");
    await refused('did you mean "emoji"', "emojis");
    await refused("leave out --val", "emoji", folder);
  });
});

Deno.test("nameOfImages() makes names of folders out of whatever paths are", () => {
  const shards = (train: string) => nameOfImages({ kind: "shards", train });
  assertEquals(shards("/data/train-{0000..0146}.tar"), "train");
  assertEquals(shards("a/*.tar"), "images");
  const folder = (train: string) => nameOfImages({ kind: "folder", train });
  assertEquals(folder("/a/Ferien in Köln/train"), "Ferien-in-Köln");
  assertEquals(folder(".."), "images");
});

Deno.test("fewImages() takes the next one for what cannot be read", async () => {
  await inTemporaryFolder(async (folder) => {
    await fill(folder, ["0.jpg", "1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"]);
    const { train } = await openImages({ kind: "folder", train: folder });
    const { data } = recipeFor("mae-tiny", { kind: "folder", train: folder });
    const whole = await fewImages(train, data, 3);
    for (const bad of ["0", "2", "3"]) {
      await Deno.writeTextFile(`${folder}/${bad}.jpg`, "no picture");
    }
    const few = await fewImages(train, data, 3);
    assertEquals([whole.length, few.length], [3, 2]);
    for (const bad of ["1", "4", "5"]) await Deno.remove(`${folder}/${bad}.jpg`);
    await assertRejects(() => fewImages(train, data, 3), Error, "None of the 6");
  });
});

Deno.test("images stay in memory where a flip and a shift are all that is wanted", async () => {
  const images = await fashionMnist({ split: "test" });
  const { data } = recipe("mae-tiny");
  const quick = trainingImages(images, data, reading);
  assert(!isStreamed(quick.dataset) && quick.augmentation !== undefined);
  assert(!isStreamed(evaluationImages(images, data, reading)));
  const larger = { ...data, imageSize: 32 };
  assert(isStreamed(trainingImages(images, larger, reading).dataset));
  const changes = { ...data.transform, lighting: 0.1 };
  const lit = trainingImages(images, { ...data, transform: changes }, reading);
  assert(isStreamed(lit.dataset));
  const repeated = trainingImages(images, { ...data, repeats: 3 }, reading).dataset;
  assertEquals(isStreamed(repeated) && repeated.repeats, 3);
});

Deno.test("recipeFor() makes small recipes fit the images, and leaves the papers' alone", () => {
  const cifar = { kind: "cifar", set: "cifar-10", directory: "" } as const;
  const { data, model } = recipeFor("mixmim-tiny", cifar);
  assertEquals([data.dataset, data.imageSize], ["cifar-10", 32]);
  assert("backbone" in model && model.backbone.kind === "mixmim");
  assertEquals(model.backbone.windows, [8, 8]);
  assertEquals(recipeFor("mae-tiny", { kind: "emoji" }).data.imageSize, 64);
  const folder = { kind: "folder", train: "/pictures/holiday/train" } as const;
  const own = recipeFor("mae-tiny", folder);
  assertEquals(own.data.dataset, "holiday");
  assertEquals(own.data.transform.crop.kind, "random-resized");
  const paper = recipeFor("mae_official_vit-b_pretrain_800e", folder);
  assertEquals([paper.data.imageSize, paper.data.dataset], [224, "holiday"]);
});

Deno.test("fewLabels() takes as many of each class, chosen by the seed", async () => {
  const images = await fashionMnist({ split: "test" });
  const few = fewLabels(images, 0.01, 0) as LabelledDataset;
  assertEquals(few.length, 100);
  for (let label = 0; label < 10; label++) {
    assertEquals(few.labels.filter((other) => other === label).length, 10);
  }
  const again = fewLabels(images, 0.01, 0);
  assertEquals(again, few);
  assert(fewLabels(images, 0.01, 1).fingerprint !== few.fingerprint);
  assertEquals(fewLabels(images, 1, 0), images);
  assertThrows(() => fewLabels(images, 1e-4, 0), Error, "use --labels 0.001 or more");
});
