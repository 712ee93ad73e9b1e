/** Picking, placing and ordering tokens: values, gradients and errors, eagerly and compiled. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { executedOperations } from "../../lib/engine/binding.ts";
import {
  argsort,
  gatherTokens,
  invertPermutation,
  permuteTokens,
  scatterTokens,
} from "../../lib/engine/gather.ts";
import { jit } from "../../lib/engine/jit.ts";
import { permutation } from "../../lib/engine/random.ts";
import { randomKey } from "../../lib/engine/random_key.ts";
import { type Tensor, tf } from "../../lib/engine/tensorflow.ts";

const compilers = ["graph", "xla"] as const;
const x = tf.tensor3d([[[1, 10], [2, 20], [3, 30]], [[4, 40], [5, 50], [6, 60]]]);
const ids = tf.tensor2d([[2, 0], [1, 1]], [2, 2], "int32");
const weights = tf.tensor3d([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]);

function weightedSum(tokens: Tensor, by: Tensor): Tensor {
  return tf.sum(tf.mul(tokens, by));
}

/** The result of `body` eagerly and compiled both ways. */
async function everywhere(
  body: (...tensors: Tensor[]) => Tensor,
  ...tensors: Tensor[]
): Promise<number[][]> {
  const results = [[...body(...tensors).dataSync()]];
  for (const compiler of compilers) {
    const compiled = jit(body, { compiler });
    results.push([...(await compiled(...tensors)).dataSync()]);
    compiled.dispose();
  }
  return results;
}

Deno.test("gatherTokens() picks tokens of each example", async () => {
  for (const result of await everywhere(gatherTokens, x, ids)) {
    assertEquals(result, [3, 30, 1, 10, 5, 50, 5, 50]);
  }
});

Deno.test("gatherTokens() adds the gradients of a token picked twice", async () => {
  const gradient = (of: Tensor, by: Tensor, at: Tensor): Tensor =>
    tf.grad((tokens) => weightedSum(gatherTokens(tokens, at), by))(of);
  for (const result of await everywhere(gradient, x, weights, ids)) {
    assertEquals(result, [3, 4, 0, 0, 1, 2, 0, 0, 12, 14, 0, 0]);
  }
});

Deno.test("gatherTokens() has a second derivative", () => {
  const cubes = (tokens: Tensor): Tensor => tf.sum(tf.pow(gatherTokens(tokens, ids), 3));
  const slope = tf.grad((tokens) => tf.sum(tf.grad(cubes)(tokens)))(x);
  assertEquals([...slope.dataSync()], [6, 60, 0, 0, 18, 180, 0, 0, 60, 600, 0, 0]);
});

Deno.test("scatterTokens() is the transpose of gatherTokens()", async () => {
  const placed = (rows: Tensor, at: Tensor): Tensor => scatterTokens(rows, at, 3);
  for (const result of await everywhere(placed, weights, ids)) {
    assertEquals(result, [3, 4, 0, 0, 1, 2, 0, 0, 12, 14, 0, 0]);
  }
  const gradient = (rows: Tensor, by: Tensor, at: Tensor): Tensor =>
    tf.grad((given) => weightedSum(scatterTokens(given, at, 3), by))(rows);
  for (const result of await everywhere(gradient, weights, x, ids)) {
    assertEquals(result, [3, 30, 1, 10, 5, 50, 5, 50]);
  }
});

Deno.test("permuteTokens() and its inverse give the tokens and the gradient back", async () => {
  const tokens = tf.range(0, 3 * 7 * 2).reshape([3, 7, 2]);
  const order = permutation(randomKey(3), 3, 7);
  const there = (of: Tensor, by: Tensor): Tensor => permuteTokens(of, by);
  const back = (of: Tensor, by: Tensor): Tensor =>
    permuteTokens(permuteTokens(of, by), invertPermutation(by), by);
  // The sum of squares does not depend on the order.
  const gradient = (of: Tensor, by: Tensor): Tensor =>
    tf.grad((given) => tf.sum(tf.square(permuteTokens(given, by))))(of).div(2);
  const shuffled = await everywhere(there, tokens, order);
  assertEquals(shuffled[0], [...gatherTokens(tokens, order).dataSync()]);
  assertEquals(shuffled[1], shuffled[0]);
  assertEquals(shuffled[2], shuffled[0]);
  for (const body of [back, gradient]) {
    for (const result of await everywhere(body, tokens, order)) {
      assertEquals(result, [...tokens.dataSync()]);
    }
  }
});

Deno.test("argsort() is ascending and stable", async () => {
  const values = tf.tensor2d([[2, 1, 2, -1], [0, 0, 0, 0]]);
  for (const result of await everywhere(argsort, values)) {
    assertEquals(result, [3, 1, 0, 2, 0, 1, 2, 3]);
  }
  const extremes = tf.tensor1d([2147483647, -2147483648, 0], "int32");
  assertEquals([...argsort(extremes).dataSync()], [1, 2, 0]);
});

Deno.test("invertPermutation() undoes an order", async () => {
  const order = permutation(randomKey(5), 4, 50);
  const identity = (by: Tensor): Tensor =>
    gatherTokens(by.expandDims(2), invertPermutation(by)).squeeze([2]);
  for (const result of await everywhere(identity, order)) {
    assertEquals(result, Array.from({ length: 200 }, (_, index) => index % 50));
  }
});

Deno.test("gathering costs a fixed number of operations and leaks no tensor", () => {
  const many = tf.ones([32, 5, 2]);
  const picks = tf.zeros([32, 2], "int32") as Tensor;
  const { numTensors } = tf.memory();
  const before = executedOperations();
  tf.grad((tokens) => tf.sum(gatherTokens(tokens, picks)))(many).dispose();
  assert(
    executedOperations() - before < 20,
    `${executedOperations() - before} operations`,
  );
  assertEquals(tf.memory().numTensors, numTensors);
});

Deno.test("gathering refuses what does not fit", () => {
  assertThrows(() => gatherTokens(x, tf.zeros([2, 2])), Error, "int32 ids (B, K)");
  assertThrows(() => gatherTokens(x, tf.zeros([3, 2], "int32")), Error, "[3,2]");
  assertThrows(() => permuteTokens(x, ids), Error, "use gatherTokens");
  assertThrows(
    () => scatterTokens(weights, tf.zeros([2, 1], "int32"), 3),
    Error,
    "each row",
  );
  assertThrows(() => gatherTokens(x, tf.fill([2, 1], 3, "int32")), Error, "3");
  assertThrows(() => argsort(tf.scalar(1)), Error, "argsort takes");
  assertThrows(() => invertPermutation(tf.zeros([2], "int32")), Error, "(B, L)");
});
