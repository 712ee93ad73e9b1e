import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fashionMnist, type LabelledDataset } from "../../lib/data/mod.ts";
import { recipe } from "../../lib/recipes/catalogue.ts";
import { isStreamed } from "../../lib/trainers/streamed_images.ts";
import { fewLabels } from "../../tasks/supervised/few_labels.ts";
import { recipeFor } from "../../tasks/training/adapt_recipe.ts";
import { chooseImages, openImages } from "../../tasks/training/choose_images.ts";
import {
  evaluationImages,
  fewImages,
  trainingImages,
} from "../../tasks/training/recipe_images.ts";
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
    const { train, test } = await openImages({ kind: "folder", train: folder });
    assertEquals([train.length, test!.length], [36, 4]);
    assertEquals([...test!.labels!], [0, 0, 1, 1]);
    const { data } = recipeFor("mae-tiny", { kind: "folder", train: folder });
    const few = await fewImages(train, data, 3);
    assertEquals([few.length, few.height, few.images.length], [3, 64, 3 * 64 * 64 * 3]);
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
