import { assertEquals, assertRejects } from "@std/assert";
import { rowsOf, tf } from "../../lib/engine/mod.ts";

Deno.test("rowsOf() gives one array per row, of all its values", async () => {
  const rows = await rowsOf(tf.tensor3d([[[1], [2]], [[3], [4]], [[5], [6]]]));
  assertEquals(rows, [[1, 2], [3, 4], [5, 6]].map((row) => Float32Array.from(row)));
});

Deno.test("rowsOf() refuses what has no rows of floats", async () => {
  await assertRejects(() => rowsOf(tf.scalar(1)), Error, "got float32 []");
  await assertRejects(
    () => rowsOf(tf.tensor2d([[1]], [1, 1], "int32")),
    Error,
    "got int32 [1,1]",
  );
});
