import { assertEquals, assertThrows } from "@std/assert";
import { tf } from "../../lib/engine/mod.ts";
import { fillMasked, fillVisibleBytes } from "../../lib/maskers/mod.ts";

Deno.test("fillMasked() fills with each image's own mean of each channel", () => {
  tf.tidy(() => {
    const images = tf.tensor4d([
      ...[[1, 10], [3, 30], [5, 50], [7, 70]].flat(),
      ...[[0, 0], [0, 0], [4, 8], [0, 0]].flat(),
    ], [2, 2, 2, 2]);
    const mask = tf.tensor2d([[1, 0, 0, 0], [0, 0, 1, 1]]);
    assertEquals(Array.from(fillMasked(images, mask).dataSync()), [
      ...[[4, 40], [3, 30], [5, 50], [7, 70]].flat(),
      ...[[0, 0], [0, 0], [1, 2], [1, 2]].flat(),
    ]);
  });
});

Deno.test("fillMasked() repeats a coarse mask to the pixels, and refuses a finer one", () => {
  tf.tidy(() => {
    const images = tf.range(0, 16).reshape([1, 4, 4, 1]);
    const filled = fillMasked(images, tf.tensor2d([[0, 0, 0, 1]])).dataSync();
    assertEquals([10, 11, 14, 15].map((place) => filled[place]), [7.5, 7.5, 7.5, 7.5]);
    assertEquals(Array.from(filled.slice(0, 10)), [...Array(10).keys()]);
    assertThrows(() => fillMasked(images, tf.zeros([1, 64])), Error, "64 cells");
  });
});

Deno.test("fillVisibleBytes() keeps the masked pixels and cuts the mean", () => {
  tf.tidy(() => {
    const images = tf.tensor4d([1, 2, 3, 5], [1, 2, 2, 1], "int32");
    const filled = fillVisibleBytes(images, tf.tensor2d([[0, 0, 0, 1]]));
    assertEquals(Array.from(filled.dataSync()), [2, 2, 2, 5]);
  });
});
