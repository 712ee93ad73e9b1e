// CIFAR's binary files, in both layouts, made small.
import { assertEquals } from "@std/assert";
import { cifar } from "../../lib/data/cifar.ts";
import { imageAt } from "../../lib/data/dataset.ts";
import { assertOneSentence, inTemporaryFolder } from "./support.ts";

/** Labels, then three planes that are `value`, `value + 1` and `value + 2`, but for one pixel. */
function record(labels: readonly number[], value: number): Uint8Array {
  const bytes = new Uint8Array(labels.length + 3072);
  bytes.set(labels);
  for (const plane of [0, 1, 2]) {
    const start = labels.length + plane * 1024;
    bytes.fill(value + plane, start, start + 1024);
    bytes[start + 33] = 100 + plane; // second row, second column
  }
  return bytes;
}

function joined(...records: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  records.reduce((at, bytes) => (whole.set(bytes, at), at + bytes.length), 0);
  return whole;
}

const names = (count: number) =>
  Array.from({ length: count }, (_, k) => `class ${k}\n`).join("") + "\n";

Deno.test("cifar() reads CIFAR-10, its five training files one after the other", async () => {
  await inTemporaryFolder(async (directory) => {
    for (const k of [1, 2, 3, 4, 5]) {
      const bytes = joined(record([k], 10 * k), record([9], 200));
      await Deno.writeFile(`${directory}/data_batch_${k}.bin`, bytes);
    }
    await Deno.writeFile(`${directory}/test_batch.bin`, record([3], 50));
    await Deno.writeTextFile(`${directory}/batches.meta.txt`, names(10));
    const train = await cifar({ kind: "cifar-10", split: "train", directory });
    assertEquals([train.length, train.height, train.width, train.channels], [
      10,
      32,
      32,
      3,
    ]);
    assertEquals([...train.labels], [1, 9, 2, 9, 3, 9, 4, 9, 5, 9]);
    assertEquals(train.classNames[9], "class 9");
    const second = imageAt(train, 2);
    assertEquals([...second.subarray(0, 3)], [20, 21, 22]);
    assertEquals([...second.subarray(33 * 3, 34 * 3)], [100, 101, 102]);
    const test = await cifar({ kind: "cifar-10", split: "test", directory });
    assertEquals([...test.labels], [3]);
    assertEquals(test.fingerprint === train.fingerprint, false);
  });
});

Deno.test("cifar() reads the fine and the coarse classes of CIFAR-100", async () => {
  await inTemporaryFolder(async (directory) => {
    const bytes = joined(record([4, 77], 10), record([19, 99], 20));
    await Deno.writeFile(`${directory}/train.bin`, bytes);
    await Deno.writeTextFile(`${directory}/fine_label_names.txt`, names(100));
    await Deno.writeTextFile(`${directory}/coarse_label_names.txt`, names(20));
    const fine = await cifar({ kind: "cifar-100", split: "train", directory });
    const coarse = await cifar({ kind: "cifar-100-coarse", split: "train", directory });
    assertEquals([[...fine.labels], [...coarse.labels]], [[77, 99], [4, 19]]);
    assertEquals(fine.images, coarse.images);
    assertEquals([...imageAt(fine, 1).subarray(0, 3)], [20, 21, 22]);
  });
});

Deno.test("cifar() says what is wrong with its files", async () => {
  await inTemporaryFolder(async (directory) => {
    const read = () => cifar({ kind: "cifar-10", split: "test", directory });
    await assertOneSentence(read, "batches.meta.txt", "cifar-10-binary.tar.gz");
    await Deno.writeTextFile(`${directory}/batches.meta.txt`, names(9));
    await assertOneSentence(read, "9 names, not 10");
    await Deno.writeTextFile(`${directory}/batches.meta.txt`, names(10));
    await Deno.writeFile(`${directory}/test_batch.bin`, record([3], 50).subarray(1));
    await assertOneSentence(read, "test_batch.bin has 3072 bytes", "3073");
    await Deno.writeFile(`${directory}/test_batch.bin`, record([12], 50));
    await assertOneSentence(read, "class 12 at picture 0");
    const kind = "cifar-1000" as "cifar-10";
    const wrong = () => cifar({ kind, split: "test", directory });
    await assertOneSentence(wrong, 'no CIFAR called "cifar-1000"', "cifar-100-coarse");
  });
});
