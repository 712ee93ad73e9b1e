// The prefetching loader: the same batches with any number of readers and from any step, pictures
// that cannot be read, and that nothing goes on, or is kept, behind a loop that has ended.
import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { fashionMnist } from "../../lib/data/fashion_mnist.ts";
import {
  loadBatches,
  type LoadBatchesOptions,
  type LoadedBatch,
  loadEvaluationBatches,
} from "../../lib/data/load_batches.ts";
import { batches, evaluationBatches } from "../../lib/data/loader.ts";
import { epochOrder } from "../../lib/data/order.ts";
import { type ImageSource, sourceOf, subsetOf } from "../../lib/data/source.ts";
import { encodedSource, jpegOf, randomPart, wholePicture } from "./pictures.ts";

const size = { height: 24, width: 32 };
const to = { height: 8, width: 8 };
const files = await Promise.all(
  Array.from({ length: 11 }, (_, k) => jpegOf(size, 20 * k)),
);
const random = { batchSize: 4, seed: 3, transform: randomPart(to) };

async function take(
  source: ImageSource,
  options: LoadBatchesOptions,
  count: number,
): Promise<LoadedBatch[]> {
  const taken: LoadedBatch[] = [];
  for await (const batch of loadBatches(source, options)) {
    taken.push(batch);
    if (taken.length === count) break;
  }
  return taken;
}

/**
 * Without the times, and without the reasons: libvips keeps its messages in one place for all
 * threads, so that of two damaged files at a time one may get none.
 */
function contents(batches: readonly LoadedBatch[]): unknown[] {
  return batches.map(({ waitedMilliseconds: _, skipped, ...content }) => ({
    ...content,
    skipped: skipped.map(({ index, path }) => ({ index, path })),
  }));
}

Deno.test("loadBatches() gives the same with 1 and 8 readers, and from any step", async () => {
  // Some pictures take longer than others, so that they are ready in another order.
  const slow = encodedSource(
    files,
    (index) => new Promise((ready) => setTimeout(ready, index % 3 * 4)),
  );
  const one = await take(slow, { ...random, readers: 1 }, 7);
  const eight = await take(slow, { ...random, readers: 8, ahead: 4 }, 7);
  assertEquals(contents(eight), contents(one));
  const resumed = await take(slow, { ...random, startStep: 4 }, 3);
  assertEquals(contents(resumed), contents(one.slice(4)));
  const other = await take(slow, { ...random, seed: 4 }, 7);
  assert(other.some((batch, k) => batch.indices.join() !== one[k]!.indices.join()));
});

Deno.test("loadBatches() visits every picture once an epoch, in the order of the epoch", async () => {
  const taken = await take(encodedSource(files), random, 11);
  const indices = taken.flatMap((batch) => [...batch.indices]);
  for (const epoch of [0, 1, 2, 3]) {
    const order = epochOrder({ length: 11, seed: 3, epoch });
    assertEquals(indices.slice(11 * epoch, 11 * epoch + 11), [...order]);
  }
  assertEquals(taken.map(({ epoch }) => epoch), [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3]);
  const labels = taken.flatMap((batch) => [...batch.labels!]);
  assertEquals(labels, indices.map((index) => 100 + index));
  const again = contents(taken.slice(0, 1)) as LoadedBatch[];
  assertEquals(again[0]!.shape, [4, 8, 8, 3]);
  const first = taken.find((batch) => batch.epoch === 1)!;
  assert(
    first.images.some((value, k) => value !== taken[0]!.images[k]),
    "the second epoch draws the same crops",
  );
});

Deno.test("loadBatches() repeats images, each time with another crop", async () => {
  const taken = await take(encodedSource(files), { ...random, repeats: 3 }, 6);
  const order = epochOrder({ length: 11, seed: 3, epoch: 0 });
  const indices = taken.flatMap((batch) => [...batch.indices]);
  const thrice = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3].map((place) => order[place]);
  assertEquals(indices.slice(0, 11), thrice);
  assertEquals(indices[11], epochOrder({ length: 11, seed: 3, epoch: 1 })[0]);
  const row = (k: number) => taken[0]!.images.subarray(k * 192, k * 192 + 192).join();
  assertEquals(new Set([row(0), row(1), row(2)]).size, 3);
  const resumed = await take(
    encodedSource(files),
    { ...random, repeats: 3, startStep: 4, readers: 1 },
    2,
  );
  assertEquals(contents(resumed), contents(taken.slice(4)));
});

Deno.test("loadBatches() gives the batches of batches() for a data set in memory", async () => {
  const test = await fashionMnist({ split: "test" });
  const whole = wholePicture({ height: 28, width: 28 });
  const options = { batchSize: 32, seed: 5, startStep: 311 };
  const taken = await take(sourceOf(test), { ...options, transform: whole }, 3);
  for (const batch of batches(test, options)) {
    const { images, indices, shape, labels } = taken[batch.step - 311]!;
    assertEquals({ images, indices, shape }, {
      images: batch.images,
      indices: batch.indices,
      shape: batch.shape,
    });
    assertEquals([...labels!], [...indices].map((index) => test.labels[index]));
    if (batch.step === 313) break;
  }
});

Deno.test("changes see three channels of a grey picture, and one comes back", async () => {
  const source = subsetOf(sourceOf(await fashionMnist({ split: "test" })), [5, 6], "two");
  const transform = {
    ...wholePicture({ height: 28, width: 28 }),
    change: (
      { values, ...pixels }: { values: Uint8Array; height: number; width: number },
    ) => {
      assertEquals(values.length, 28 * 28 * 3);
      return { ...pixels, values: values.map((value) => 255 - value) };
    },
  };
  const [batch] = await take(source, { batchSize: 2, seed: 0, transform }, 1);
  const row = batch!.indices.indexOf(0);
  const pixels = await source.read(0) as { values: Uint8Array };
  assertEquals(
    batch!.images.slice(row * 784, row * 784 + 784),
    pixels.values.map((value) => 255 - value),
  );
});

Deno.test("a picture that cannot be read is named and replaced by the next of the order", async () => {
  const broken: (Uint8Array | undefined)[] = [...files];
  const order = epochOrder({ length: 11, seed: 3, epoch: 0 });
  broken[order[1]!] = undefined;
  broken[order[2]!] = new Uint8Array(0);
  broken[order[10]!] = files[0]!.subarray(0, 300);
  const source = encodedSource(broken);
  const options = { ...random, maxBad: 0.3 };
  const taken = await take(source, options, 3);
  const indices = taken.flatMap((batch) => [...batch.indices]);
  assertEquals(indices.slice(0, 4), [order[0], order[3], order[3], order[3]]);
  // The last one of the epoch is replaced by the first one of the next that can be read.
  const following = [...epochOrder({ length: 11, seed: 3, epoch: 1 })]
    .find((index) => ![1, 2, 10].some((place) => order[place] === index));
  assertEquals(indices[10], following);
  const labels = taken.flatMap((batch) => [...batch.labels!]);
  assertEquals(labels, indices.map((index) => 100 + index));
  assertEquals(taken[0]!.skipped.map(({ index }) => index), [
    order[1],
    order[2],
    order[2],
  ]);
  assertEquals(taken[0]!.skipped[0]!.path, `drawing-${order[1]}.jpg`);
  assertEquals(taken[0]!.skipped[0]!.reason, "there is no such file");
  assertEquals(taken[1]!.skipped, []);
  assertEquals(
    contents(await take(source, { ...options, readers: 1 }, 3)),
    contents(taken),
  );
});

Deno.test("too many unreadable pictures end the loop with their first paths", async () => {
  const broken = files.map((file, k) => k < 3 ? undefined : file);
  const source = encodedSource(broken);
  const error = await assertRejects(
    () => take(source, { ...random, maxBad: 0.2 }, 9),
    Error,
  );
  assert(!error.message.includes("\n"));
  assert(
    /3 of the 11 pictures of drawings .* at most 2 may be/.test(error.message),
    error.message,
  );
  assert(
    /drawing-[012]\.jpg \(there is no such file\)/.test(error.message),
    error.message,
  );
  // One is always allowed, unless none is.
  const one = encodedSource(files.map((file, k) => k === 0 ? undefined : file));
  assertEquals((await take(one, random, 9)).length, 9);
  await assertRejects(
    () => take(one, { ...random, maxBad: 0 }, 9),
    Error,
    "at most 0 may be",
  );
  const none = encodedSource([undefined, undefined]);
  await assertRejects(
    () => take(none, { ...random, maxBad: 1 }, 1),
    Error,
    "None of the 2",
  );
});

Deno.test("an error of the transform is no fault of a picture", async () => {
  const transform = {
    ...wholePicture(to),
    crop: () => {
      throw new TypeError("a mistake in the transform");
    },
  };
  await assertRejects(
    () => take(encodedSource(files), { ...random, transform }, 1),
    TypeError,
    "a mistake",
  );
});

Deno.test("the readers wait for a slow consumer, and end with its loop", async () => {
  let begun = 0;
  let inProgress = 0;
  let most = 0;
  const source = encodedSource(files, async () => {
    begun++;
    most = Math.max(most, ++inProgress);
    await new Promise((ready) => setTimeout(ready, 2));
    inProgress--;
  });
  const options = { ...random, readers: 3, ahead: 2 };
  let seen = 0;
  for await (const batch of loadBatches(source, options)) {
    await new Promise((ready) => setTimeout(ready, 80));
    assert(begun <= 4 * (batch.step + 3), `${begun} are read at step ${batch.step}`);
    if (batch.step > 0) assertLess(batch.waitedMilliseconds, 20);
    if (++seen === 3) break;
  }
  assertEquals(most, 3);
  assertEquals(inProgress, 0);
  const after = begun;
  await new Promise((ready) => setTimeout(ready, 30));
  assertEquals(begun, after);
});

Deno.test("a signal ends the loop, also while it waits", async () => {
  const stop = new AbortController();
  const stuck = encodedSource(files, () => new Promise((ready) => setTimeout(ready, 50)));
  const options = { ...random, signal: stop.signal };
  setTimeout(() => stop.abort(new Error("asked to stop")), 10);
  const begun = performance.now();
  await assertRejects(() => take(stuck, options, 1000), Error, "asked to stop");
  assertLess(performance.now() - begun, 2000);
  await assertRejects(() => take(stuck, options, 1), Error, "asked to stop");
});

Deno.test("loadEvaluationBatches() gives every readable picture once, in order", async () => {
  const broken: (Uint8Array | undefined)[] = [...files];
  broken[2] = undefined;
  const options = { batchSize: 4, transform: wholePicture(to), maxBad: 0.1 };
  const rows: number[] = [];
  const labels: number[] = [];
  const skipped: string[] = [];
  for await (const batch of loadEvaluationBatches(encodedSource(broken), options)) {
    assertEquals(batch.shape, [4, 8, 8, 3]);
    rows.push(...batch.indices.subarray(0, batch.count));
    labels.push(...batch.labels!.subarray(0, batch.count));
    skipped.push(...batch.skipped.map(({ path }) => path));
    const last = batch.images.subarray((batch.count - 1) * 192, batch.count * 192);
    assertEquals(batch.images.slice(3 * 192), last.slice());
  }
  assertEquals(rows, [0, 1, 3, 4, 5, 6, 7, 8, 9, 10]);
  assertEquals(labels, rows.map((index) => 100 + index));
  assertEquals(skipped, ["drawing-2.jpg"]);
});

Deno.test("loadEvaluationBatches() agrees with evaluationBatches()", async () => {
  const test = await fashionMnist({ split: "test" });
  const source = sourceOf(test);
  const transform = wholePicture({ height: 28, width: 28 });
  const loaded = loadEvaluationBatches(source, { batchSize: 3000, transform });
  for (const { images, indices, count } of evaluationBatches(test, { batchSize: 3000 })) {
    const batch = (await loaded.next()).value!;
    assertEquals(batch.count, count);
    assertEquals(batch.indices, indices);
    assert(batch.images.every((value, k) => value === images[k]), "other pixels");
  }
  assert((await loaded.next()).done);
});

Deno.test("loadBatches() refuses options out of range at once", () => {
  const source = encodedSource(files);
  const wrong: [Partial<LoadBatchesOptions>, string][] = [
    [{ batchSize: 0 }, "batchSize is 0"],
    [{ readers: 1.5 }, "readers is 1.5"],
    [{ ahead: 0 }, "ahead is 0"],
    [{ startStep: -1 }, "startStep is -1"],
    [{ repeats: 0 }, "repeats is 0"],
    [{ seed: -1 }, "seed is -1"],
    [{ maxBad: 1.5 }, "maxBad is 1.5"],
  ];
  for (const [options, message] of wrong) {
    assertThrows(
      () => loadBatches(source, { ...random, ...options }),
      RangeError,
      message,
    );
  }
  assertThrows(() => loadBatches(encodedSource([]), random), RangeError, "no pictures");
});
