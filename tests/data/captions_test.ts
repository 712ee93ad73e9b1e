// Captioned and labelled subsets: balanced, stable, nested, and closed to all other labels.
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import {
  captionedSource,
  captionedSubset,
  captionTemplates,
  classCaptions,
  equalCaptions,
  fashionMnist,
  imageAt,
  labelledSubset,
  sourceOf,
  sourceWithoutLabels,
} from "../../lib/data/mod.ts";

const train = await fashionMnist({ split: "train" });
const captioned = captionedSubset(train, { count: 6000, seed: 0 });

function perClass(labels: Uint8Array): number[] {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}

Deno.test("captionedSubset() chooses as many of every class, each image once", () => {
  assertEquals(captioned.length, 6000);
  assertEquals(perClass(captioned.labels), new Array<number>(10).fill(600));
  assertEquals(new Set(captioned.indices).size, 6000);
  for (const k of [0, 17, 5999]) {
    const index = captioned.indices[k]!;
    assertEquals(imageAt(captioned, k), imageAt(train, index));
    assertEquals(captioned.labels[k], train.labels[index]);
  }
  assertEquals(perClass(captionedSubset(train, { count: 13, seed: 0 }).labels), [
    ...[2, 2, 2],
    ...new Array<number>(7).fill(1),
  ]);
});

Deno.test("captionedSubset() depends on the seed only, and a larger one holds a smaller one", () => {
  assertEquals(captionedSubset(train, { count: 6000, seed: 0 }), captioned);
  const other = captionedSubset(train, { count: 6000, seed: 1 });
  assertNotEquals(other.indices, captioned.indices);
  assertNotEquals(other.fingerprint, captioned.fingerprint);
  const smaller = captionedSubset(train, { count: 1000, seed: 0 });
  const larger = new Set(captioned.indices);
  assert(
    smaller.indices.every((index) => larger.has(index)),
    "1,000 are not among the 6,000",
  );
});

Deno.test("captionedSubset() captions an image with one of its class's sentences", () => {
  captioned.captions.forEach((caption, k) => {
    const possible = classCaptions(captioned.classNames[captioned.labels[k]!]!);
    assert(possible.includes(caption), `"${caption}" is none of ${possible}`);
  });
  // Ten classes times the templates: all occur among 6,000.
  assertEquals(new Set(captioned.captions).size, 10 * captionTemplates.length);
});

Deno.test("captionedSubset() holds no array of the whole training set", () => {
  for (const value of Object.values(captioned)) {
    if (!ArrayBuffer.isView(value)) continue;
    assert(value.buffer !== train.labels.buffer && value.buffer !== train.images.buffer);
    assert(value.buffer.byteLength <= captioned.images.length);
  }
});

Deno.test("labelledSubset() stays within the captioned images, sixty of every class", () => {
  const labelled = labelledSubset(captioned, { count: 600, seed: 0 });
  assertEquals(perClass(labelled.labels), new Array<number>(10).fill(60));
  const allowed = new Set(captioned.indices);
  assert(labelled.indices.every((index) => allowed.has(index)), "a label from outside");
  labelled.indices.forEach((index, k) => {
    assertEquals(labelled.labels[k], train.labels[index]);
    assertEquals(imageAt(labelled, k), imageAt(train, index));
  });
  assertEquals(labelledSubset(captioned, { count: 600, seed: 0 }), labelled);
});

Deno.test("classCaptions() makes a sentence of any class name", () => {
  assertEquals(classCaptions("Ankle boot")[1], "a photo of an ankle boot");
  assertEquals(classCaptions("Owl"), ["a photo of an owl"]);
  assertEquals(classCaptions("red_fox--1"), ["a photo of a red fox 1"]);
  for (const caption of classCaptions("T-shirt/top")) {
    assertMatch(caption, /a t-shirt or top/);
  }
});

Deno.test("captionedSubset() and labelledSubset() say when a class is too small", () => {
  assertThrows(
    () => captionedSubset(train, { count: 60_001, seed: 0 }),
    RangeError,
    "6001",
  );
  assertThrows(
    () => labelledSubset(captioned, { count: 6010, seed: 0 }),
    RangeError,
    "601",
  );
  assertThrows(
    () => captionedSubset(train, { count: 0, seed: 0 }),
    RangeError,
    "count is 0",
  );
});

Deno.test("equalCaptions() numbers captions in the order in which they come", () => {
  assertEquals([...equalCaptions(["b", "a", "b", "c", "a"])], [0, 1, 0, 2, 1]);
});

Deno.test("captionedSource() takes a source's own captions, else those of its classes", () => {
  const own = sourceOf(captioned);
  assertEquals(captionedSource(own)!.captions, captioned.captions);
  const named = {
    ...sourceWithoutLabels(own),
    ...{ labels: Int32Array.of(1, 0, 1), classNames: ["cat", "polar-bear"], length: 3 },
  };
  const { captions, fingerprint } = captionedSource(named)!;
  const [cat, bear] = ["a photo of a cat", "a photo of a polar bear"];
  assertEquals(captions, [bear, cat, bear]);
  assertNotEquals(fingerprint, named.fingerprint);
  assertEquals(captionedSource(sourceWithoutLabels(own)), undefined);
});
