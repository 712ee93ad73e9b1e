import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { multiOrderInteraction } from "../../lib/analysis/multi_order_interaction.ts";
import { jit, memory, type Tensor, tf } from "../../lib/engine/mod.ts";

/** Logits whose class 0 is a power of the number of cells shown, of 16 white ones. */
function powerOfCells(power: number): (images: Tensor) => Tensor {
  return (images) =>
    tf.tidy(() => {
      const cells = images.mean([1, 2, 3]).mul(16);
      return tf.stack([cells.pow(power), tf.zerosLike(cells)], 1);
    });
}

const white = () => tf.ones([2, 8, 8, 3]);
const settings = {
  grid: 4,
  pairs: 3,
  contexts: 4,
  ratios: [0, 0.3, 0.5, 1],
  reward: "yi" as const,
};

Deno.test("multiOrderInteraction() knows a square: each pair adds 2 in every context", async () => {
  const found = await multiOrderInteraction(powerOfCells(2), white(), [0, 0], settings);
  assertEquals(found.orders, [0, 4, 7, 14]);
  found.magnitude.forEach((one) => assertAlmostEquals(one, 2, 1e-3));
  found.strength.forEach((one) => assertAlmostEquals(one, 1, 1e-3));
});

Deno.test("multiOrderInteraction() knows a cube: 6 (m + 1), under jit in small batches", async () => {
  const classifier = jit(powerOfCells(3));
  const images = white();
  const found = await multiOrderInteraction(classifier, images, [0, 0], {
    ...settings,
    batch: 5,
  });
  found.orders.forEach((order, at) =>
    assertAlmostEquals(found.magnitude[at]!, 6 * (order + 1), 0.05)
  );
  const mean = found.orders.reduce((sum, order) => sum + order + 1, 0) / 4;
  assertAlmostEquals(found.strength[3]!, 15 / mean, 1e-3);
  classifier.dispose();
  images.dispose();
});

Deno.test("multiOrderInteraction() repeats itself for a seed, and keeps no memory", async () => {
  const images = tf.randomNormal([2, 8, 8, 3], 0, 1, "float32", 4);
  // White cells are all alike; of noise, it matters where the pairs are.
  const run = (seed: number) =>
    multiOrderInteraction(powerOfCells(2), images, [0, 0], { ...settings, seed });
  const first = await run(1);
  const before = memory().tensors;
  const progress: number[] = [];
  const again = await multiOrderInteraction(powerOfCells(2), images, [0, 0], {
    ...settings,
    seed: 1,
    onProgress: (done, images) => progress.push(done / images),
  });
  assertEquals(again, first);
  assertEquals(progress, [0.5, 1]);
  assertEquals(memory().tensors, before);
  const other = await run(2);
  assertEquals(other.magnitude.join() === first.magnitude.join(), false);
  images.dispose();
});

Deno.test("multiOrderInteraction() refuses settings that cannot be, and an indifferent classifier", async () => {
  const run = (options: object, labels = [0, 0], power = 2) =>
    multiOrderInteraction(powerOfCells(power), white(), labels, {
      ...settings,
      ...options,
    });
  await assertRejects(() => run({}, [0]), Error, "2 images, but 1 labels");
  await assertRejects(() => run({}, [0, 7]), Error, "The label is 7");
  await assertRejects(() => run({ grid: 9 }), Error, "8×8 cannot be cut into 9×9 cells");
  await assertRejects(() => run({ pairs: 1000 }), Error, "not 1000");
  await assertRejects(() => run({ batch: 0 }), Error, "batch is 0");
  await assertRejects(() => run({ ratios: [-0.1] }), Error, "-0.1");
  await assertRejects(() => run({ ratios: [] }), Error, "ratios is 0");
  await assertRejects(() => run({}, [0, 0], 1), Error, "no interaction at any order");
});
