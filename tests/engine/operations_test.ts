/** Operations that tfjs lacks: stopGradient, roll, GELU. */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { gelu, quickGelu, tanhGelu } from "../../lib/engine/gelu.ts";
import { jit } from "../../lib/engine/jit.ts";
import { roll } from "../../lib/engine/roll.ts";
import { stopGradient } from "../../lib/engine/stop_gradient.ts";
import { type Tensor, tf } from "../../lib/engine/tensorflow.ts";

/** The values of `body` eagerly, in a graph and under XLA. */
async function everywhere(body: (x: Tensor) => Tensor, x: Tensor): Promise<number[][]> {
  const results = [[...body(x).dataSync()]];
  for (const compiler of ["graph", "xla"] as const) {
    const compiled = jit(body, { compiler });
    results.push([...(await compiled(x)).dataSync()]);
    compiled.dispose();
  }
  return results;
}

Deno.test("stopGradient() keeps values and ends gradients", async () => {
  const x = tf.tensor1d([1, 2]);
  assertEquals([...stopGradient(x).dataSync()], [1, 2]);
  const slope = (of: Tensor): Tensor =>
    tf.grad((given) => tf.sum(tf.mul(given, stopGradient(tf.square(given)))))(of);
  for (const result of await everywhere(slope, x)) assertEquals(result, [1, 4]);
  const source = tf.tensor1d([5]);
  const copy = stopGradient(source);
  source.dispose();
  assertEquals(copy.dataSync()[0], 5);
});

Deno.test("roll() shifts axes cyclically", async () => {
  const x = tf.tensor2d([[1, 2, 3], [4, 5, 6]]);
  for (const result of await everywhere((given) => roll(given, 1, -1), x)) {
    assertEquals(result, [3, 1, 2, 6, 4, 5]);
  }
  for (const result of await everywhere((given) => roll(given, [1, -1], [0, 1]), x)) {
    assertEquals(result, [5, 6, 4, 2, 3, 1]);
  }
  assertEquals([...roll(x, 4, 1).dataSync()], [...roll(x, 1, 1).dataSync()]);
});

Deno.test("roll() has the opposite roll as its gradient, twice over", async () => {
  const x = tf.tensor1d([1, 2, 3, 4]);
  const weights = tf.tensor1d([1, 10, 100, 1000]);
  const slope = (of: Tensor): Tensor =>
    tf.grad((given) => tf.sum(tf.mul(roll(given, 1, 0), weights)))(of);
  for (const result of await everywhere(slope, x)) {
    assertEquals(result, [10, 100, 1000, 1]);
  }
  const cubes = (given: Tensor): Tensor =>
    tf.sum(tf.mul(tf.pow(roll(given, 1, 0), 3), weights));
  const second = tf.grad((given) => tf.sum(tf.grad(cubes)(given)))(x);
  assertEquals([...second.dataSync()], [60, 1200, 18000, 24]);
});

Deno.test("roll() refuses what does not fit", () => {
  const x = tf.ones([2, 3]);
  assertThrows(() => roll(x, [1, 1], 0), Error, "[1,1] for [0]");
  assertThrows(() => roll(x, 0.5, 0), Error, "whole number");
  assertThrows(() => roll(x, 1, 2), Error, "not axes of a tensor [2,3]");
});

Deno.test("gelu(), tanhGelu() and quickGelu() are the functions of their papers", async () => {
  const x = tf.tensor1d([-3, -0.5, 0, 1, 2.5]);
  // x · Φ(x) with Φ from tables; the other two from their formulas in float64.
  const exact = [-0.00404969, -0.15426877, 0, 0.84134475, 2.48447583];
  const bent = (z: number): number =>
    0.5 * z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3)));
  const quick = (z: number): number => z / (1 + Math.exp(-1.702 * z));
  const values = [...x.dataSync()];
  const cases = [
    [gelu, exact],
    [tanhGelu, values.map(bent)],
    [quickGelu, values.map(quick)],
  ] as const;
  for (const [form, wanted] of cases) {
    for (const result of await everywhere(form, x)) {
      result.forEach((value, index) => assertAlmostEquals(value, wanted[index]!, 2e-6));
    }
  }
});
