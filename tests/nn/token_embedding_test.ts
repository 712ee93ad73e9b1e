import { assertEquals, assertThrows } from "@std/assert";
import { jit, type Tensor, tf } from "../../lib/engine/mod.ts";
import { causalBias, lookUp } from "../../lib/nn/token_embedding.ts";

function lookUpWithGradient(
  table: Tensor,
  ids: Tensor,
): { rows: Tensor; gradient: Tensor } {
  const gradient = tf.grad((table: Tensor) => lookUp(table, ids).square().sum())(table);
  return { rows: lookUp(table, ids), gradient };
}

Deno.test("lookUp() sums the gradients of repeated ids, eagerly, in a graph and in XLA", async () => {
  const table = tf.tensor2d([[1, 2], [3, 4], [5, 6]]);
  const ids = tf.tensor2d([[2, 0], [2, 2]], [2, 2], "int32");
  const expected = {
    rows: [[[5, 6], [1, 2]], [[5, 6], [5, 6]]],
    gradient: [[2, 4], [0, 0], [30, 36]],
  };
  const eager = tf.tidy(() => lookUpWithGradient(table, ids));
  assertEquals(eager.rows.arraySync(), expected.rows);
  assertEquals(eager.gradient.arraySync(), expected.gradient);
  for (const compiler of ["graph", "xla"] as const) {
    const compiled = jit(lookUpWithGradient, { compiler });
    const { rows, gradient } = await compiled(table, ids);
    assertEquals(rows.arraySync(), expected.rows);
    assertEquals(gradient.arraySync(), expected.gradient);
    tf.dispose([rows, gradient]);
    compiled.dispose();
  }
  tf.dispose([table, ids, eager.rows, eager.gradient]);
});

Deno.test("lookUp() refuses an id that is not in the table", () => {
  tf.tidy(() => {
    const ids = tf.tensor1d([3], "int32");
    assertThrows(
      () => lookUp(tf.ones([3, 2]), ids).dataSync(),
      Error,
      "3 is not in [0, 3)",
    );
  });
});

Deno.test("causalBias() hides later tokens from the softmax", () => {
  const weights = tf.tidy(() => tf.softmax(causalBias(3)).arraySync());
  assertEquals(weights, [
    [1, 0, 0],
    [0.5, 0.5, 0],
    [Math.fround(1 / 3), Math.fround(1 / 3), Math.fround(1 / 3)],
  ]);
});
