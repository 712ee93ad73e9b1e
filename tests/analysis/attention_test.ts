import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { attentionDistance } from "../../lib/analysis/attention.ts";
import { tf } from "../../lib/engine/mod.ts";

Deno.test("attentionDistance() is 0 for attention to oneself, and counts pixels", () => {
  tf.tidy(() => {
    const self = tf.eye(6);
    // Each patch looks at the one at the other end of its row of 3, or at itself in the middle.
    const across = tf.gather(self, tf.tensor1d([2, 1, 0, 5, 4, 3], "int32"));
    const attention = tf.stack([self, across]).reshape([1, 2, 6, 6]);
    const distance = attentionDistance(attention, { rows: 2, columns: 3, patchSize: 16 });
    assertEquals(distance.shape, [2]);
    const [alone, far] = distance.dataSync();
    assertEquals(alone, 0);
    assertAlmostEquals(far!, 32 * 4 / 6, 1e-5);
  });
});

Deno.test("attentionDistance() leaves the class token out", () => {
  tf.tidy(() => {
    const patches = tf.softmax(tf.randomNormal([2, 3, 4, 4]));
    const options = { rows: 2, columns: 2, patchSize: 8 };
    // A class token that takes half of all attention changes nothing among the patches.
    const withClass = tf.pad(patches.mul(0.5), [[0, 0], [0, 0], [1, 0], [1, 0]], 0.5);
    const [plain, less] = [patches, withClass].map((attention) =>
      attentionDistance(attention, options).dataSync()
    );
    plain!.forEach((value, head) => assertAlmostEquals(value, less![head]!, 1e-5));
  });
});

Deno.test("attentionDistance() refuses an attention over fewer tokens than patches", () => {
  const options = { rows: 14, columns: 14, patchSize: 16 };
  assertThrows(
    () => attentionDistance(tf.zeros([1, 2, 49, 49]), options),
    Error,
    "at least 196, got [1,2,49,49]",
  );
});
