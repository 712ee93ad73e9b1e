import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { fashionMnist } from "../../lib/data/mod.ts";
import { pictureOf } from "../../lib/plots/mod.ts";

Deno.test("pictureOf() gives one image, without a copy", async () => {
  const test = await fashionMnist({ split: "test" });
  const { pixels, ...shape } = pictureOf(test, 3);
  assertEquals(shape, { height: 28, width: 28, channels: 1 });
  assertEquals(pixels, test.images.slice(3 * 784, 4 * 784));
  assertStrictEquals(pixels.buffer, test.images.buffer);
});

Deno.test("pictureOf() refuses other channels and missing images", async () => {
  const test = await fashionMnist({ split: "test" });
  assertThrows(() => pictureOf(test, 10_000), RangeError, "no image 10000");
  assertThrows(() => pictureOf({ ...test, channels: 2 }, 0), Error, "have 2 channels");
});
