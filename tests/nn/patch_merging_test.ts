import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { tf } from "../../lib/engine/mod.ts";
import { patchMerging } from "../../lib/nn/patch_merging.ts";
import { scope } from "../../lib/nn/scope.ts";

/** Which of the four values of 2×2 pixels of one channel a column of the reduction reads. */
function readBy(row: number, order?: "official" | "mmcv"): number {
  return tf.tidy(() => {
    const weight = tf.oneHot(tf.tensor1d([row, row], "int32"), 4).transpose();
    const parameters = scope({
      "norm.weight": tf.ones([4]),
      "norm.bias": tf.zeros([4]),
      "reduction.weight": tf.cast(weight, "float32"),
    });
    const map = tf.tensor4d([[[[1], [2]], [[3], [4]]]]); // the values 1 2 above 3 4
    const merged = patchMerging(parameters, map, order === undefined ? {} : { order });
    assertEquals(merged.shape, [1, 1, 1, 2]);
    const normalized = [1, 2, 3, 4].map((value) =>
      (value - 2.5) / Math.sqrt(1.25 + 1e-5)
    );
    const [value] = merged.dataSync();
    return 1 +
      normalized.findIndex((candidate) => Math.abs(candidate - value!) < 1e-5);
  });
}

Deno.test("patchMerging() reads columns of pixels by default, rows in mmcv's order", () => {
  assertEquals([0, 1, 2, 3].map((row) => readBy(row)), [1, 3, 2, 4]);
  assertEquals([0, 1, 2, 3].map((row) => readBy(row, "mmcv")), [1, 2, 3, 4]);
});

Deno.test("patchMerging() in mmcv's order has each channel's four values together", () => {
  tf.tidy(() => {
    const [channels, values] = [3, 12];
    const map = tf.randomNormal([1, 2, 2, channels], 0, 1, "float32", 1);
    const weight = tf.randomNormal([values], 0, 1, "float32", 2);
    const bias = tf.randomNormal([values], 0, 1, "float32", 3);
    const parameters = scope({
      "norm.weight": weight,
      "norm.bias": bias,
      "reduction.weight": tf.eye(values, 6),
    });
    const merged = patchMerging(parameters, map, { order: "mmcv" }).dataSync();
    // What nn.Unfold gives: by channel, row, column.
    const unfolded = map.transpose([0, 3, 1, 2]).reshape([values]);
    const centred = unfolded.sub(unfolded.mean());
    const expected = centred.div(centred.square().mean().add(1e-5).sqrt())
      .mul(weight).add(bias).dataSync();
    merged.forEach((value, at) => assertAlmostEquals(value, expected[at]!, 1e-5));
  });
});

Deno.test("patchMerging() refuses odd sides", () => {
  tf.tidy(() => {
    assertThrows(() => patchMerging(scope({}), tf.zeros([1, 7, 8, 4])), Error, "7×8");
  });
});
