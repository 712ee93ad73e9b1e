import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { jit, type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  bicubicMatrix,
  resizePositionEmbedding,
  sineCosinePositions,
} from "../../lib/nn/position_embedding.ts";

Deno.test("sineCosinePositions() encodes the column first, mmpretrain's table the row", () => {
  const [rows, columns, width] = [2, 3, 8];
  const official = sineCosinePositions({ width, grid: [rows, columns] });
  const other = sineCosinePositions({
    width,
    grid: [rows, columns],
    convention: "mmpretrain",
  });
  const patch = 1 * columns + 2; // row 1, column 2
  const at = (table: Float32Array, channel: number) => table[patch * width + channel]!;
  assertAlmostEquals(at(official, 0), Math.sin(2), 1e-7);
  assertAlmostEquals(at(official, 4), Math.sin(1), 1e-7);
  assertAlmostEquals(at(other, 0), Math.sin(1), 1e-7);
  // The second frequency of two is 10000^(-1/2).
  assertAlmostEquals(at(official, 1), Math.sin(2 / 100), 1e-7);
  assertAlmostEquals(at(official, 7), Math.cos(1 / 100), 1e-7);
});

Deno.test("sineCosinePositions() leaves the class token's row zero", () => {
  const table = sineCosinePositions({ width: 4, grid: 2, classToken: true });
  assertEquals(table.length, 5 * 4);
  assertEquals([...table.slice(0, 8)], [0, 0, 0, 0, 0, 1, 0, 1]);
});

Deno.test("sineCosinePositions() refuses a width that is no multiple of 4", () => {
  assertThrows(() => sineCosinePositions({ width: 6, grid: 2 }), Error, "got 6");
});

Deno.test("bicubicMatrix() keeps constants and linear ramps away from the border", () => {
  const [length, newLength] = [8, 13];
  const matrix = bicubicMatrix(length, newLength);
  for (let to = 0; to < newLength; to++) {
    const row = matrix.subarray(to * length, (to + 1) * length);
    assertAlmostEquals(row.reduce((sum, weight) => sum + weight, 0), 1, 1e-6);
    const centre = (to + 0.5) * length / newLength - 0.5;
    if (centre < 1 || centre > length - 2) continue;
    const ramp = row.reduce((sum, weight, from) => sum + weight * from, 0);
    assertAlmostEquals(ramp, centre, 0.1); // A = -0.75 bends ramps a little
  }
});

Deno.test("resizePositionEmbedding() keeps the extra tokens and takes any shape of grid", () => {
  tf.tidy(() => {
    const embedding = tf.randomNormal([1, 2 + 12, 5]);
    const options = { grid: [3, 4], newGrid: [5, 2] } as const;
    const resized = resizePositionEmbedding(embedding, options);
    assertEquals(resized.shape, [1, 12, 5]);
    assertEquals(
      resized.slice([0, 0], [1, 2]).dataSync(),
      embedding.slice([0, 0], [1, 2]).dataSync(),
    );
    const flat = resizePositionEmbedding(embedding.reshape([14, 5]), options);
    assertEquals(flat.dataSync(), resized.dataSync());
    assertEquals(
      resizePositionEmbedding(embedding, { grid: [3, 4], newGrid: [3, 4] }).dataSync(),
      embedding.dataSync(),
    );
  });
});

Deno.test("resizePositionEmbedding() has the same gradient eagerly, in a graph and in XLA", async () => {
  const embedding = tf.randomNormal([1, 1 + 16, 3]);
  const gradient = (embedding: Tensor): Tensor =>
    tf.grad((x: Tensor) =>
      resizePositionEmbedding(x, { grid: [4, 4], newGrid: [3, 6] }).square().sum()
    )(embedding);
  const eager = tf.tidy(() => gradient(embedding));
  for (const compiler of ["graph", "xla"] as const) {
    const compiled = jit(gradient, { compiler });
    const result = await compiled(embedding);
    const difference = tf.tidy(() => result.sub(eager).abs().max().dataSync()[0]!);
    assertLess(difference, 1e-5);
    result.dispose();
    compiled.dispose();
  }
  tf.dispose([embedding, eager]);
});

Deno.test("resizePositionEmbedding() refuses embeddings of another grid", () => {
  tf.tidy(() => {
    assertThrows(
      () =>
        resizePositionEmbedding(tf.zeros([1, 10, 4]), { grid: [4, 4], newGrid: [2, 2] }),
      Error,
      "[1,10,4] do not fit a grid of 4×4",
    );
  });
});
