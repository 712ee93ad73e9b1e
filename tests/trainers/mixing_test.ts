import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { random, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { cutBox, cutmix, mixup, nextInCircle } from "../../lib/trainers/mixing.ts";

const values = (tensor: Tensor): number[] => Array.from(tensor.dataSync());

/** Images of one value each, which is their number, with labels that are too. */
function numbered(count: number, side = 8) {
  const labels = tf.range(0, count, 1, "int32");
  const images = tf.tile(tf.cast(labels, "float32").reshape([-1, 1, 1, 1]), [
    ...[1, side, side, 1],
  ]);
  return { images, labels };
}

Deno.test("mixup() mixes each image with its partner, in its own share if it has one", () => {
  const batch = numbered(4, 1);
  assertEquals(values(mixup(batch, tf.scalar(0.75)).images), [0.75, 1.25, 1.75, 2.25]);
  const partners = tf.tensor1d([1, 0, 0, 2], "int32");
  const mixed = mixup(batch, tf.tensor1d([1, 0, 0.5, 0.5]), partners);
  assertEquals(values(mixed.images), [0, 0, 1, 2.5]);
  assertEquals(values(mixed.otherLabels), [1, 0, 0, 2]);
});

Deno.test("cutBox() is cut off at the border, and cutmix() counts what stayed", () => {
  const box = cutBox({ height: 8, width: 8, lambda: 0.75, row: 0, column: 4 });
  const ends = [box.top, box.bottom, box.left, box.right].map((end) => values(end)[0]);
  assertEquals(ends, [0, 2, 2, 6]);
  const mixed = cutmix(numbered(2), box);
  assertEquals(values(mixed.lambda), [1 - 8 / 64]);
  assertAlmostEquals(mixed.images.slice([0], [1]).sum().dataSync()[0]!, 8);
  assertEquals(mixed.images.slice([0, 1, 5, 0], [1, 1, 2, 1]).dataSync().join(), "1,0");
});

Deno.test("cutmix() takes a box for each image", () => {
  const lambda = tf.tensor1d([1, 0]);
  const center = tf.tensor1d([4, 4]);
  const box = cutBox({ height: 8, width: 8, lambda, row: center, column: center });
  const mixed = cutmix(numbered(2), box);
  assertEquals(values(mixed.lambda), [1, 0]);
  assertEquals(mixed.images.max().dataSync()[0], 0); // the second is all of the first
});

Deno.test("nextInCircle() gives nobody itself, and everybody to somebody", () => {
  for (let seed = 0; seed < 20; seed++) {
    const next = values(nextInCircle(random.permutation(randomKey(seed), 1, 5)));
    assertEquals(next.toSorted(), [0, 1, 2, 3, 4]);
    assert(next.every((partner, index) => partner !== index), `${next}`);
  }
});

Deno.test("mixup() refuses labels that do not belong to the images", () => {
  assertThrows(
    () => mixup({ ...numbered(4), labels: tf.zeros([3], "int32") }, tf.scalar(1)),
    Error,
    "got [4,8,8,1] and [3]",
  );
});
