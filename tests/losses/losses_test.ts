import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  cosineLoss,
  crossEntropy,
  logSoftmax,
  maskedPixelLoss,
  normalizePatches,
  patchStatistics,
  softTargets,
} from "../../lib/losses/mod.ts";

function value(loss: () => Tensor): number {
  return tf.tidy(() => loss().dataSync()[0]!);
}

Deno.test("maskedPixelLoss() counts the removed patches alone", () => {
  const mask = tf.tensor2d([[1, 0, 1, 0]]);
  const target = tf.zeros([1, 4, 2]);
  const prediction = tf.tensor3d([[[1, 1], [9, 9], [3, 1], [9, 9]]]);
  // (1 + 1) / 2 and (9 + 1) / 2, averaged over two patches.
  assertAlmostEquals(value(() => maskedPixelLoss(prediction, target, mask)), 3, 1e-6);
  tf.dispose([mask, target, prediction]);
});

Deno.test("normalizePatches() gives mean 0 and unbiased deviation 1, and can be undone", () => {
  tf.tidy(() => {
    const patches = tf.tensor3d([[[1, 2, 3, 4], [7, 7, 7, 7]]]);
    const normalized = normalizePatches(patches);
    const [first, flat] = (normalized.arraySync() as number[][][])[0]!;
    const deviation = Math.sqrt(5 / 3); // of 1 … 4, unbiased
    first!.forEach((value, place) =>
      assertAlmostEquals(value, (place - 1.5) / deviation, 1e-5)
    );
    assertEquals(flat, [0, 0, 0, 0]);
    const statistics = patchStatistics(patches);
    const undone = normalized.mul(statistics.deviation).add(statistics.mean).dataSync();
    undone.forEach((value, place) =>
      assertAlmostEquals(value, patches.dataSync()[place]!, 1e-5)
    );
  });
});

Deno.test("cosineLoss() is 0 for the same direction, 2 for a right angle, 4 for the opposite", () => {
  const of = (x: number, y: number) =>
    value(() => cosineLoss(tf.tensor3d([[[2, 0]]]), tf.tensor3d([[[x, y]]])));
  assertAlmostEquals(of(7, 0), 0, 1e-6);
  assertAlmostEquals(of(0, 3), 2, 1e-6);
  assertAlmostEquals(of(-1, 0), 4, 1e-6);
});

Deno.test("cosineLoss() with a smallest norm is finite for a zero vector", () => {
  const zero = () => tf.zeros([1, 1, 2]);
  const options = { smallestNorm: 1e-12 };
  assertEquals(value(() => cosineLoss(zero(), tf.ones([1, 1, 2]), options)), 2);
});

Deno.test("crossEntropy() is log C for logits that know nothing, and stays finite for large ones", () => {
  const targets = (label: number) => softTargets(tf.tensor1d([label], "int32"), 3);
  assertAlmostEquals(
    value(() => crossEntropy(tf.zeros([1, 3]), targets(1))),
    Math.log(3),
    1e-6,
  );
  const large = (label: number) =>
    value(() => crossEntropy(tf.tensor2d([[1000, 0, -1000]]), targets(label)));
  assertAlmostEquals(large(0), 0, 1e-6);
  assertAlmostEquals(large(2), 2000, 1e-3);
});

Deno.test("softTargets() spreads the smoothing over all classes", () => {
  tf.tidy(() => {
    const [row] = softTargets(tf.tensor1d([2], "int32"), 4, 0.1)
      .arraySync() as number[][];
    [0.025, 0.025, 0.925, 0.025].forEach((wanted, place) =>
      assertAlmostEquals(row![place]!, wanted, 1e-6)
    );
  });
});

Deno.test("logSoftmax() sums to 1 after exp", () => {
  tf.tidy(() => {
    const sums = logSoftmax(tf.tensor2d([[1, 2, 3], [500, -500, 0]])).exp().sum(-1);
    sums.dataSync().forEach((sum) => assertAlmostEquals(sum, 1, 1e-6));
  });
});
