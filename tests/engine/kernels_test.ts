import { assertAlmostEquals, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { jit } from "../../lib/engine/jit.ts";
import { type Tensor, tf } from "../../lib/engine/tensorflow.ts";

Deno.test("round() leaves whole numbers as they are", () => {
  const whole = [-12345678, 0, 7];
  assertEquals([...tf.round(tf.tensor1d(whole, "int32")).dataSync()], whole);
  assertEquals([...tf.round(tf.tensor1d([0.5, 1.5, -2.6])).dataSync()], [0, 2, -3]);
});

Deno.test("gather() needs no values of its indices, in a traced function too", async () => {
  const x = tf.tensor2d([[1, 2, 3], [4, 5, 6]]);
  const select = (x: Tensor, index: Tensor) =>
    tf.gather(x, index.sub(1).cast("int32"), 1);
  const index = tf.tensor1d([3, 1]);
  const expected = [3, 1, 6, 4];
  assertEquals([...select(x, index).dataSync()], expected);
  const traced = await jit(select)(x, index);
  assertEquals([...traced.dataSync()], expected);
  assertEquals(traced.shape, [2, 2]);
  const batched = tf.gather(x, tf.tensor2d([[2], [0]], [2, 1], "int32"), 1, 1);
  assertEquals([...batched.dataSync()], [3, 4]);
});

Deno.test("gather() refuses indices out of range, on the host and in TensorFlow's memory", () => {
  const x = tf.tensor1d([1, 2, 3]);
  const onHost = tf.tensor1d([0, 3], "int32");
  assertMatch(
    assertThrows(() => tf.gather(x, onHost), Error).message,
    /GatherV2: the index value 3 is not in \[0, 2\]/,
  );
  const inTensorFlow = tf.tensor1d([0, 2], "int32").add(tf.scalar(1, "int32"));
  assertMatch(
    assertThrows(() => tf.gather(x, inTensorFlow), Error).message,
    /GatherV2: indices\[1\] = 3 is not in \[0, 3\)/,
  );
});

Deno.test("depthwiseConv2d() with dilation is one with a filter with holes", async () => {
  for (
    const [height, width, dilation, pad] of [
      [7, 6, 2, "same"],
      [7, 8, 2, "valid"],
      [8, 9, 3, "same"],
      [9, 7, [3, 1], "valid"],
    ] as const
  ) {
    const x = tf.range(0, 2 * height * width * 3).sin().reshape([2, height, width, 3]);
    const filter = tf.range(0, 27 * 2).cos().reshape([3, 3, 3, 2]);
    const [rows, columns] = typeof dilation === "number"
      ? [dilation, dilation]
      : dilation;
    const holes = tf.buffer([2 * rows + 1, 2 * columns + 1, 3, 2]);
    const values = filter.arraySync() as number[][][][];
    values.forEach((row, i) =>
      row.forEach((cell, j) =>
        cell.forEach((channel, k) =>
          channel.forEach((value, m) => holes.set(value, i * rows, j * columns, k, m))
        )
      )
    );
    const run = (x: Tensor, filter: Tensor, dilations: number | [number, number]) =>
      tf.depthwiseConv2d(
        ...[x, filter, 1, pad, "NHWC", dilations] as Parameters<
          typeof tf.depthwiseConv2d
        >,
      );
    const expected = run(x, holes.toTensor(), 1);
    const given = run(x, filter, [rows, columns]);
    assertEquals(given.shape, expected.shape);
    assertAlmostEquals(given.sub(expected).abs().max().dataSync()[0]!, 0, 1e-5);
    const traced = await jit((x: Tensor, f: Tensor) => run(x, f, [rows, columns]))(
      x,
      filter,
    );
    assertAlmostEquals(traced.sub(expected).abs().max().dataSync()[0]!, 0, 1e-5);
  }
});

Deno.test("scatterND() takes indices of one axis for rows", () => {
  const indices = tf.tensor1d([0, 4, 2], "int32");
  const result = tf.scatterND(indices, tf.tensor1d([1, 2, 3]), [5]);
  assertEquals([...result.dataSync()], [1, 0, 3, 0, 2]);
});

Deno.test("a gradient goes past a mask of comparisons, but there is none of a bool", () => {
  const x = tf.tensor1d([-1, 1, 3]);
  const masked = (x: Tensor) =>
    tf.where(tf.logicalAnd(x.greater(0), x.less(2)), x.square(), tf.zerosLike(x)).sum();
  assertEquals([...tf.grad(masked)(x).dataSync()], [0, 2, 0]);
  const yes = tf.tensor1d([true, false], "bool");
  assertThrows(() => tf.grad((mask: Tensor) => mask.logicalAnd(yes))(yes), Error);
  assertEquals([...tf.grad(masked)(x).dataSync()], [0, 2, 0]);
});
