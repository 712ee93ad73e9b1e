import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { jit, type Key, randomKey, tf } from "../../lib/engine/mod.ts";
import { betaQuantile, drawBeta } from "../../lib/trainers/beta_distribution.ts";

const probabilities = [0, 0.001, 0.03, 0.2, 0.45, 0.5, 0.61, 0.9, 0.9995, 1];

function quantiles(alpha: number): number[] {
  return Array.from(betaQuantile(tf.tensor1d(probabilities), alpha).dataSync());
}

Deno.test("betaQuantile() is the quantile function where it has a closed form", () => {
  const closed: [number, (x: number) => number][] = [
    [1, (x) => x], // uniform
    [0.5, (x) => 2 / Math.PI * Math.asin(Math.sqrt(x))], // arcsine law
    [2, (x) => x * x * (3 - 2 * x)],
    [3, (x) => x ** 3 * (10 - 15 * x + 6 * x * x)],
  ];
  for (const [alpha, distribution] of closed) {
    quantiles(alpha).forEach((x, index) =>
      assertAlmostEquals(distribution(x), probabilities[index]!, 1e-4)
    );
  }
});

Deno.test("drawBeta() has the mean and the variance of Beta(α, α)", () => {
  for (const alpha of [0.1, 0.8, 1]) {
    const { mean, variance } = tf.moments(drawBeta(randomKey(3), [20000], alpha));
    assertAlmostEquals(mean.dataSync()[0]!, 0.5, 0.01);
    assertAlmostEquals(variance.dataSync()[0]!, 0.25 / (2 * alpha + 1), 0.005);
  }
});

Deno.test("drawBeta() compiled equals drawBeta() eager, scalars included", async () => {
  for (const shape of [[], [64]]) {
    const draw = (key: Key) => drawBeta(key, shape, 0.8);
    const eager = draw(randomKey(5));
    assertEquals(eager.shape, shape);
    for (const compiler of ["xla", "graph"] as const) {
      const compiled = jit(draw, { compiler });
      const traced = await compiled(randomKey(5));
      assert(eager.sub(traced).abs().max().dataSync()[0]! < 1e-6, compiler);
      compiled.dispose();
    }
  }
});

Deno.test("betaQuantile() refuses an alpha that is not positive", () => {
  assertThrows(() => betaQuantile(tf.scalar(0.5), 0), Error, "positive alpha, got 0");
});
