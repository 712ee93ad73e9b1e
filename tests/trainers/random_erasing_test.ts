import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { jit, type Key, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { addLighting } from "../../lib/trainers/lighting.ts";
import {
  eraseImages,
  type ImageErasingOptions,
} from "../../lib/trainers/random_erasing.ts";

const recipe: ImageErasingOptions = {
  probability: 0.25,
  minimumArea: 0.02,
  maximumArea: 1 / 3,
};
const [height, width] = [24, 32];
/** A value that normal noise does not have. */
const untouched = 100;

interface Erased {
  rows: number;
  columns: number;
  values: number[];
}

/** What is erased of each image; that it is a rectangle is asserted. */
function erasedOf(images: Tensor): (Erased | undefined)[] {
  const [batch, , , channels] = images.shape as [number, number, number, number];
  const data = images.dataSync();
  const size = height * width * channels;
  return Array.from({ length: batch }, (_, image) => {
    const own = Array.from(data.subarray(image * size, (image + 1) * size));
    const changed = [...own.keys()].filter((k) => own[k] !== untouched);
    if (changed.length === 0) return undefined;
    const rows = new Set(changed.map((k) => Math.floor(k / (width * channels)))).size;
    const columns = new Set(changed.map((k) => Math.floor(k / channels) % width)).size;
    assertEquals(changed.length, rows * columns * channels);
    return { rows, columns, values: changed.map((k) => own[k]!) };
  });
}

const plain = (batch: number): Tensor => tf.fill([batch, height, width, 3], untouched);

Deno.test("eraseImages() erases rectangles of timm's sizes in a quarter of the images", () => {
  const found = erasedOf(eraseImages(randomKey(0), plain(600), recipe));
  const erased = found.filter((each) => each !== undefined);
  assertAlmostEquals(erased.length / 600, 0.25, 0.05);
  const areas = erased.map(({ rows, columns }) => rows * columns / (height * width));
  for (const area of areas) assert(area > 0.015 && area < 0.36, `area ${area}`);
  const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
  assert(mean > 0.13 && mean < 0.2, `mean area ${mean}`);
  for (const { rows, columns } of erased) {
    assert(rows < height && columns < width);
    assert(rows / columns > 0.2 && rows / columns < 5, `${rows} × ${columns}`);
  }
  const noise = erased.flatMap(({ values }) => values);
  const square = noise.reduce((sum, value) => sum + value ** 2, 0) / noise.length;
  assertAlmostEquals(square, 1, 0.05);
});

Deno.test("eraseImages() shows noise, one colour or the mean", () => {
  const distinct = (mode: "pixel" | "rand" | "const"): number => {
    const options = { ...recipe, probability: 1, mode };
    const [first] = erasedOf(eraseImages(randomKey(1), plain(1), options));
    if (mode === "const") assert(first!.values.every((value) => value === 0));
    return new Set(first!.values).size / first!.values.length;
  };
  assertEquals(distinct("pixel"), 1);
  const [first] = erasedOf(
    eraseImages(randomKey(1), plain(1), { ...recipe, probability: 1, mode: "rand" }),
  );
  assertEquals(new Set(first!.values).size, 3);
  assert(distinct("const") < 0.1);
});

Deno.test("eraseImages() compiled erases the same", async () => {
  const options = { ...recipe, probability: 0.8 };
  const expected = eraseImages(randomKey(5), plain(8), options).dataSync();
  for (const compiler of ["graph", "xla"] as const) {
    const compiled = jit(
      (key: Key, images: Tensor) => eraseImages(key, images, options),
      { name: "erase", compiler },
    );
    const actual = (await compiled(randomKey(5), plain(8))).dataSync();
    let worst = 0;
    for (let k = 0; k < expected.length; k++) {
      worst = Math.max(worst, Math.abs(actual[k]! - expected[k]!));
    }
    assert(worst < 1e-4, `${compiler}: ${worst}`);
  }
});

Deno.test("eraseImages() of no images or of all of them", () => {
  const none = eraseImages(randomKey(0), plain(4), { ...recipe, probability: 0 });
  assertEquals(erasedOf(none), [undefined, undefined, undefined, undefined]);
  // No rectangle of the whole area is smaller than the image in both directions.
  const whole = { probability: 1, minimumArea: 1, maximumArea: 1 };
  assertEquals(erasedOf(eraseImages(randomKey(0), plain(2), whole)), [
    undefined,
    undefined,
  ]);
  assertThrows(
    () => eraseImages(randomKey(0), plain(1), { ...recipe, maximumArea: 2 }),
    RangeError,
    "0.02 to 2",
  );
});

Deno.test("addLighting() moves each image's colour along the principal components", () => {
  const std = [0.229, 0.224, 0.225];
  const images = tf.zeros([3000, 1, 2, 3]);
  const lit = addLighting(randomKey(2), images, { deviation: 0.1, std });
  const colors = lit.dataSync();
  let variance = 0;
  for (let image = 0; image < 3000; image++) {
    const at = 6 * image;
    assertEquals(colors[at], colors[at + 3]); // both pixels alike
    variance += (colors[at]! * std[0]!) ** 2 / 3000;
  }
  const weighted = [-0.5675 * 0.2175, 0.7192 * 0.0188, 0.4009 * 0.0045];
  const expected = weighted.reduce((sum, each) => sum + (0.1 * each) ** 2, 0);
  assertAlmostEquals(variance / expected, 1, 0.08);
  const none = addLighting(randomKey(2), images, { deviation: 0, std });
  assertEquals(none.abs().max().dataSync()[0], 0);
});
