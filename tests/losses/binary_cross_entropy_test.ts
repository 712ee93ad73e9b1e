import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { jit, type Tensor, tf } from "../../lib/engine/mod.ts";
import { binaryCrossEntropy } from "../../lib/losses/mod.ts";

function value(loss: () => Tensor): number {
  return tf.tidy(() => loss().dataSync()[0]!);
}

Deno.test("binaryCrossEntropy() averages over classes, or sums over them", () => {
  const logits = () => tf.tensor2d([[0, 0, 0, 0], [0, 0, 0, 0]]);
  const targets = () => tf.tensor2d([[1, 0, 0, 0], [0, 0.5, 0, 0]]);
  assertAlmostEquals(
    value(() => binaryCrossEntropy(logits(), targets())),
    Math.LN2,
    1e-6,
  );
  const reduction = "sum-classes";
  assertAlmostEquals(
    value(() => binaryCrossEntropy(logits(), targets(), { reduction })),
    4 * Math.LN2,
    1e-6,
  );
});

Deno.test("binaryCrossEntropy() stays finite for large logits", () => {
  const loss = (target: number) =>
    value(() => binaryCrossEntropy(tf.tensor2d([[500]]), tf.tensor2d([[target]])));
  assertAlmostEquals(loss(1), 0, 1e-6);
  assertAlmostEquals(loss(0), 500, 1e-3);
});

Deno.test("binaryCrossEntropy() makes targets above the threshold 1", () => {
  const loss = (target: number) =>
    value(() =>
      binaryCrossEntropy(tf.tensor2d([[2]]), tf.tensor2d([[target]]), { threshold: 0.2 })
    );
  assertAlmostEquals(loss(0.21), Math.log1p(Math.exp(-2)), 1e-6);
  assertAlmostEquals(loss(0.19), Math.log1p(Math.exp(2)), 1e-6);
});

Deno.test("binaryCrossEntropy()'s gradient is σ(z) − y also at 0, eager and compiled", async () => {
  const gradient = (logits: Tensor): Tensor =>
    tf.grad((logits: Tensor) =>
      binaryCrossEntropy(logits, tf.tensor2d([[1, 0.25]]), { reduction: "sum-classes" })
    )(logits);
  const logits = tf.zeros([1, 2]); // where a head starts
  assertEquals(Array.from(gradient(logits).dataSync()), [-0.5, 0.25]);
  for (const compiler of ["xla", "graph"] as const) {
    const compiled = jit(gradient, { compiler });
    assertEquals(Array.from((await compiled(logits)).dataSync()), [-0.5, 0.25], compiler);
    compiled.dispose();
  }
});

Deno.test("binaryCrossEntropy() names shapes that do not belong together", () => {
  assertThrows(
    () => binaryCrossEntropy(tf.zeros([2, 3]), tf.zeros([2, 4])),
    Error,
    "logits are [2,3], targets [2,4]",
  );
});
