import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import sharp from "sharp";
import { vitVariant } from "../../lib/backbones/mod.ts";
import { fashionMnist } from "../../lib/data/mod.ts";
import { disposeTree, randomKey, tf } from "../../lib/engine/mod.ts";
import { initializeParameters } from "../../lib/nn/mod.ts";
import {
  describePretext,
  maePretext,
  normalizedImages,
  pretextPictures,
} from "../../lib/trainers/mod.ts";

const test = await fashionMnist({ split: "test" });
const backbone = { ...vitVariant("tiny/4", 28), channels: 1, depth: 1 };
const pretext = maePretext({
  backbone,
  decoder: { width: 32, depth: 1, heads: 4 },
}, { kind: "random", maskRatio: 0.75 });

Deno.test("normalizedImages() undoes to the bytes of the chosen images", () => {
  const images = normalizedImages(test, [7, 2]);
  assertEquals(images.shape, [2, 28, 28, 1]);
  const values = images.dataSync();
  const [mean, std] = [test.mean[0]!, test.std[0]!];
  for (const [row, index] of [7, 2].entries()) {
    for (const place of [100, 400, 600]) {
      const byte = (values[row * 784 + place]! * std + mean) * 255;
      assertAlmostEquals(byte, test.images[index * 784 + place]!, 1e-3);
    }
  }
  images.dispose();
});

Deno.test("pretextPictures() shows visible patches as they are and leaks nothing", async () => {
  const parameters = initializeParameters(describePretext(pretext, test), randomKey(0));
  const looks = { pretext, dataset: test, indices: [0, 1], scale: 1 };
  const before = tf.memory().numTensors;
  const png = await pretextPictures(parameters, looks);
  assertEquals(tf.memory().numTensors, before);
  assertEquals(await pretextPictures(parameters, looks), png, "the masks stay");

  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const red = (x: number, y: number) => data[(y * info.width + x) * info.channels]!;
  // From the right and below, where no words stand: margin 10, gap 6 (image_grid.ts).
  const left = info.width - 10 - 28;
  const tops = [0, 1, 2].map((row) => info.height - 10 - 28 - (3 - row) * 34);
  const grey = Math.round(test.mean[0]! * 255);
  let [visible, hidden] = [0, 0];
  for (let patch = 0; patch < 49; patch++) {
    const places = Array.from({ length: 16 }, (_, place) =>
      [
        left + (patch % 7) * 4 + place % 4,
        Math.floor(patch / 7) * 4 + Math.floor(place / 4),
      ] as const);
    const isGrey = places.every(([x, y]) => red(x, tops[1]! + y) === grey);
    isGrey ? hidden++ : visible++;
    if (isGrey) continue;
    for (const [x, y] of places) {
      assertAlmostEquals(red(x, tops[1]! + y), red(x, tops[0]! + y), 1);
      assertAlmostEquals(red(x, tops[2]! + y), red(x, tops[0]! + y), 1);
    }
  }
  assertEquals({ visible, hidden }, { visible: 12, hidden: 37 });
  disposeTree(parameters);
});

Deno.test("pretextPictures() names an image that is not there", async () => {
  const looks = { pretext, dataset: test, indices: [10_000] };
  await assertRejects(() => pretextPictures({}, looks), RangeError, "no image 10000");
});
