// Fashion-MNIST as it lies in the box: counts, pixels, statistics, and what a damaged copy says.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { fashionMnist, imageAt, labelsAt, withoutLabels } from "../../lib/data/mod.ts";
import { assertOneSentence, inTemporaryFolder } from "./support.ts";

const bundled = new URL("../../data/fashion-mnist/", import.meta.url);

Deno.test("fashionMnist() reads the official parts, balanced over ten classes", async () => {
  for (const [split, count] of [["train", 60_000], ["test", 10_000]] as const) {
    const dataset = await fashionMnist({ split });
    assertEquals(dataset.length, count);
    assertEquals(dataset.images.length, count * 28 * 28);
    assertEquals(dataset.labels.length, count);
    const perClass = new Array<number>(10).fill(0);
    for (const label of dataset.labels) perClass[label]!++;
    assertEquals(perClass, new Array<number>(10).fill(count / 10));
  }
});

Deno.test("fashionMnist() gives the first test image as the ankle boot that it is", async () => {
  const test = await fashionMnist({ split: "test" });
  assertEquals(test.classNames[test.labels[0]!], "Ankle boot");
  const boot = imageAt(test, 0);
  const row = (y: number) => boot.subarray(y * 28, (y + 1) * 28);
  assert(row(0).every((value) => value === 0), "there is nothing above the boot");
  const ink = (y: number) => row(y).filter((value) => value > 0).length;
  assert(ink(19) > ink(8), "the sole is longer than the shaft");
});

Deno.test("fashionMnist() carries mean and standard deviation of the training images", async () => {
  const { images, mean, std } = await fashionMnist({ split: "train" });
  let sum = 0;
  let squares = 0;
  for (const value of images) {
    sum += value;
    squares += value * value;
  }
  const measured = sum / images.length;
  assertAlmostEquals(mean[0]!, measured / 255, 1e-6);
  const deviation = Math.sqrt(squares / images.length - measured ** 2);
  assertAlmostEquals(std[0]!, deviation / 255, 1e-6);
});

Deno.test("withoutLabels() leaves no way to a label", async () => {
  const test = await fashionMnist({ split: "test" });
  const bare = withoutLabels(test);
  assertEquals(bare.images, test.images);
  const holdsLabels = Object.values(bare).some((value) =>
    value instanceof Uint8Array && value.buffer === test.labels.buffer
  );
  assertEquals(["labels" in bare, "classNames" in bare, holdsLabels], [
    false,
    false,
    false,
  ]);
});

Deno.test("imageAt() and labelsAt() refuse an index outside the data set", async () => {
  const test = await fashionMnist({ split: "test" });
  assertEquals(labelsAt(test, [0, 1, 2]), Int32Array.of(9, 2, 1));
  assertThrows(() => imageAt(test, 10_000), RangeError, "9999");
  assertThrows(() => labelsAt(test, [-1]), RangeError, "9999");
});

Deno.test("fashionMnist() says how to mend a missing or damaged file", async () => {
  await inTemporaryFolder(async (directory) => {
    const read = () => fashionMnist({ split: "test", directory });
    await assertOneSentence(read, "t10k-images-idx3-ubyte.gz", "git checkout");

    const file = "t10k-images-idx3-ubyte.gz";
    const labels = "t10k-labels-idx1-ubyte.gz";
    await Deno.copyFile(new URL(labels, bundled), `${directory}/${labels}`);
    const whole = await Deno.readFile(new URL(file, bundled));
    await Deno.writeFile(`${directory}/${file}`, whole.subarray(0, 100_000));
    await assertOneSentence(read, file, "not a whole gzip file");

    await Deno.copyFile(new URL(labels, bundled), `${directory}/${file}`);
    await assertOneSentence(read, file, "is damaged");
  });
});

Deno.test("fashionMnist() reads a copy that was packed anew, as Zalando's is", async () => {
  await inTemporaryFolder(async (directory) => {
    const bytes = await Deno.readFile(new URL("t10k-labels-idx1-ubyte.gz", bundled));
    // An original name in the gzip header: flag 8, and the name behind the ten fixed bytes.
    const header = bytes.slice(0, 10);
    header[3] = 8;
    const named = [
      header,
      new TextEncoder().encode("t10k-labels-idx1-ubyte\0"),
      bytes.slice(10),
    ];
    await Deno.writeFile(
      `${directory}/t10k-labels-idx1-ubyte.gz`,
      new Uint8Array(await new Blob(named).arrayBuffer()),
    );
    const images = "t10k-images-idx3-ubyte.gz";
    await Deno.copyFile(new URL(images, bundled), `${directory}/${images}`);
    const copy = await fashionMnist({ split: "test", directory });
    const original = await fashionMnist({ split: "test" });
    assertEquals(copy.fingerprint, original.fingerprint);
  });
});
