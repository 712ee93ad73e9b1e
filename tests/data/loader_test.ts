// Batches: addressed by step, full, complete over an epoch, and the same again on resume.
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  batchAt,
  batches,
  evaluationBatches,
  type ImageDataset,
  randomFlipShift,
} from "../../lib/data/mod.ts";

/** N pictures of 3 × 4 pixels; every pixel says which picture it is of, so copies can be checked. */
function numbered(length: number, channels = 1): ImageDataset {
  const size = 12 * channels;
  return {
    name: "numbered",
    length,
    height: 3,
    width: 4,
    channels,
    images: Uint8Array.from({ length: length * size }, (_, k) => Math.floor(k / size)),
    mean: new Array<number>(channels).fill(0.5),
    std: new Array<number>(channels).fill(0.25),
    background: new Array<number>(channels).fill(255),
    fingerprint: `numbered:${length}`,
  };
}

Deno.test("batches() shows every image once per epoch, across the ends of epochs", () => {
  const dataset = numbered(10);
  const seen: number[] = [];
  const epochs: number[] = [];
  for (const batch of batches(dataset, { batchSize: 4, seed: 1 })) {
    assertEquals(batch.shape, [4, 3, 4, 1]);
    seen.push(...batch.indices);
    epochs.push(batch.epoch);
    batch.indices.forEach((index, j) => {
      const image = batch.images.subarray(j * 12, (j + 1) * 12);
      assert(
        image.every((value) => value === index),
        `image ${j} is not number ${index}`,
      );
    });
    if (batch.step === 4) break;
  }
  const all = Array.from({ length: 10 }, (_, k) => k);
  assertEquals(seen.slice(0, 10).sort((a, b) => a - b), all);
  assertEquals(seen.slice(10, 20).sort((a, b) => a - b), all);
  assertNotEquals(seen.slice(0, 10), seen.slice(10, 20));
  assertEquals(epochs, [0, 0, 0, 1, 1]);
});

Deno.test("batches() goes on from any step exactly as if it had never stopped", () => {
  const dataset = numbered(23, 3);
  const options = {
    batchSize: 5,
    seed: 7,
    augmentation: randomFlipShift({ maxShift: 1 }),
  };
  const through = batches(dataset, options);
  const expected = Array.from({ length: 20 }, () => through.next().value);
  const resumed = batches(dataset, { ...options, startStep: 10 });
  for (let step = 10; step < 20; step++) {
    assertEquals(resumed.next().value, expected[step]!);
  }
  assertEquals(batchAt(dataset, 13, options), expected[13]!);
  assertNotEquals(
    batchAt(dataset, 13, { ...options, seed: 8 }).indices,
    expected[13]!.indices,
  );
});

Deno.test("batches() fills a batch larger than the data set", () => {
  const batch = batchAt(numbered(3), 0, { batchSize: 7, seed: 0 });
  const counts = [0, 1, 2].map((index) =>
    batch.indices.filter((k) => k === index).length
  );
  assertEquals(counts.reduce((a, b) => a + b), 7);
  assert(Math.min(...counts) >= 2, `of seven places the images took ${counts}`);
});

Deno.test("batches() gives arrays that the caller may change", () => {
  const dataset = numbered(4);
  batchAt(dataset, 0, { batchSize: 4, seed: 0 }).images.fill(99);
  assert(!dataset.images.includes(99), "the data set was changed through a batch");
});

Deno.test("batches() refuses bad sizes and steps at once", () => {
  const dataset = numbered(4);
  const make = (batchSize: number, startStep: number) => () =>
    batches(dataset, { batchSize, seed: 0, startStep });
  assertThrows(make(0, 0), RangeError, "batchSize is 0");
  assertThrows(make(2.5, 0), RangeError, "batchSize is 2.5");
  assertThrows(make(2, -1), RangeError, "startStep is -1");
  assertThrows(
    () => batchAt(dataset, NaN, { batchSize: 2, seed: 0 }),
    RangeError,
    "step is NaN",
  );
});

Deno.test("evaluationBatches() shows every image once, in order, in batches of one shape", () => {
  const dataset = numbered(10);
  const given = [...evaluationBatches(dataset, { batchSize: 4 })];
  assertEquals(given.map(({ count }) => count), [4, 4, 2]);
  const real = given.flatMap(({ indices, count }) => [...indices.subarray(0, count)]);
  assertEquals(real, Array.from({ length: 10 }, (_, k) => k));
  assertEquals(given[2]!.indices, Int32Array.of(8, 9, 9, 9));
  assertEquals(given[2]!.images.length, 4 * 12);
});

Deno.test("randomFlipShift() only flips and shifts, and fills with the background", () => {
  const width = 4;
  const source = Uint8Array.from({ length: 12 }, (_, k) => k + 1);
  const shape = { height: 3, width, channels: 1, background: [200] };
  const augment = randomFlipShift({ maxShift: 1 });
  const seen = new Set<string>();
  for (let index = 0; index < 400; index++) {
    const target = new Uint8Array(12);
    augment(source, target, shape, { seed: 0, epoch: 0, index });
    seen.add(target.join());
    const again = new Uint8Array(12);
    augment(source, again, shape, { seed: 0, epoch: 0, index });
    assertEquals(target, again);
  }
  // 2 flips × 3 shifts down × 3 shifts right, all of them found, and nothing else.
  assertEquals(seen.size, 18);
  const allowed = new Set<string>();
  for (const mirrored of [false, true]) {
    for (const down of [-1, 0, 1]) {
      for (const right of [-1, 0, 1]) {
        const pixels = Array.from({ length: 12 }, (_, k) => {
          const y = Math.floor(k / width) - down;
          const x = (k % width) - right;
          if (y < 0 || y > 2 || x < 0 || x > 3) return 200;
          return source[y * width + (mirrored ? 3 - x : x)]!;
        });
        allowed.add(pixels.join());
      }
    }
  }
  assertEquals([...seen].sort(), [...allowed].sort());
  assertThrows(() => randomFlipShift({ maxShift: -2 }), RangeError, "maxShift is -2");
});

Deno.test("randomFlipShift() draws anew for every epoch", () => {
  const source = Uint8Array.from({ length: 12 }, (_, k) => k);
  const shape = { height: 3, width: 4, channels: 1, background: [0] };
  const results = Array.from({ length: 20 }, (_, epoch) => {
    const target = new Uint8Array(12);
    randomFlipShift()(source, target, shape, { seed: 0, epoch, index: 5 });
    return target.join();
  });
  assert(new Set(results).size > 5, "twenty epochs gave hardly any different pictures");
});
