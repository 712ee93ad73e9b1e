import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { jit, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { dropout } from "../../lib/nn/dropout.ts";
import { scope } from "../../lib/nn/scope.ts";

const training = (seed: number) => scope({}, randomKey(seed));

Deno.test("dropout() leaves out the given share and keeps the mean", () => {
  const dropped = dropout(training(0), tf.ones([100, 100]), 0.25);
  const values = Array.from(dropped.dataSync());
  assertEquals(new Set(values), new Set([0, Math.fround(1 / 0.75)]));
  assertAlmostEquals(dropped.mean().dataSync()[0]!, 1, 0.02);
});

Deno.test("dropout() does nothing outside training, and at rate 0", () => {
  const x = tf.ones([3, 4]);
  assertEquals(dropout(scope({}), x, 0.5), x);
  assertEquals(dropout(training(0), x, 0), x);
});

Deno.test("dropout() draws from its layer's key and purpose alone", () => {
  const x = tf.ones([64]);
  const drawn = (layer: string, seed = 0, purpose?: string): string =>
    dropout(training(seed).at(layer), x, 0.5, purpose).dataSync().join();
  assertEquals(drawn("a"), drawn("a"));
  const different = [drawn("a"), drawn("b"), drawn("a", 1), drawn("a", 0, "projection")];
  assertEquals(new Set(different).size, 4);
});

Deno.test("dropout() compiled equals dropout() eager, its gradient too", async () => {
  const x = tf.linspace(-1, 1, 32);
  const gradient = (x: Tensor): Tensor =>
    tf.grad((x: Tensor) => dropout(training(3), x, 0.5).square().sum())(x);
  const eager = gradient(x);
  assert(eager.dataSync().includes(0));
  for (const compiler of ["graph", "xla"] as const) {
    const compiled = jit(gradient, { compiler });
    assert(eager.sub(await compiled(x)).abs().max().dataSync()[0]! < 1e-6, compiler);
    compiled.dispose();
  }
});

Deno.test("dropout() refuses a rate that is not in [0, 1)", () => {
  assertThrows(
    () => dropout(training(0), tf.ones([1]), 1),
    Error,
    "must be in [0, 1), got 1",
  );
});
