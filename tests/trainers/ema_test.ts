import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { jit, type Tensor, tf } from "../../lib/engine/mod.ts";
import { type EmaOptions, emaShare, emaUpdate } from "../../lib/trainers/ema.ts";

const share = (options: EmaOptions, step: number): number =>
  emaShare(options, step).dataSync()[0]!;

Deno.test("emaShare() rises to its end through the warm-up, whose last step is included", () => {
  const options = (kind: "constant" | "linear" | "exponential"): EmaOptions => ({
    momentum: 0.9,
    warmup: { kind, steps: 4, ratio: 0.5 },
  });
  const linear = [1, 2, 3, 4, 5, 6].map((step) => share(options("linear"), step));
  [0.45, 0.5625, 0.675, 0.7875, 0.9, 0.9].forEach((momentum, index) =>
    assertAlmostEquals(1 - linear[index]!, momentum, 1e-6)
  );
  assertAlmostEquals(share(options("constant"), 5), 0.55, 1e-6);
  assertAlmostEquals(share(options("constant"), 6), 0.1, 1e-6);
  assertAlmostEquals(share(options("exponential"), 3), 1 - 0.9 * 0.5 ** 0.5, 1e-6);
});

Deno.test("emaShare() keeps the precision of a momentum near 1", () => {
  assertAlmostEquals(share({ momentum: 0.99996 }, 1), 4e-5, 1e-11);
});

Deno.test("emaUpdate() averages what it is given an average of, constants exactly", () => {
  const parameters = { w: tf.scalar(3), fixed: tf.scalar(0.1), other: tf.scalar(7) };
  let average: Record<string, Tensor> = { w: tf.scalar(1), fixed: tf.scalar(0.1) };
  for (const step of [1, 2]) {
    average = emaUpdate({ momentum: 0.75 }, { average, parameters, step });
  }
  assertEquals(Object.keys(average), ["w", "fixed"]);
  assertAlmostEquals(average.w!.dataSync()[0]!, 0.75 * 1.5 + 0.25 * 3, 1e-6);
  assertEquals(average.fixed!.dataSync()[0], parameters.fixed.dataSync()[0]);
});

Deno.test("emaUpdate() compiled equals emaUpdate() eager", async () => {
  const options: EmaOptions = {
    momentum: 0.9,
    warmup: { kind: "linear", steps: 3, ratio: 0.9 },
  };
  const average = { w: tf.tensor1d([1, 2, 3]) };
  const parameters = { w: tf.tensor1d([4, -5, 0.5]) };
  const update = (step: Tensor) => emaUpdate(options, { average, parameters, step });
  for (const compiler of ["xla", "graph"] as const) {
    const compiled = jit(update, { compiler });
    for (const step of [1, 3, 6]) {
      const [eager, traced] = [update(tf.scalar(step)), await compiled(tf.scalar(step))];
      const difference = eager.w!.sub(traced.w!).abs().max().dataSync()[0]!;
      assertAlmostEquals(difference, 0, 1e-6);
    }
    compiled.dispose();
  }
});

Deno.test("emaUpdate() refuses momenta, warm-ups and averages that make no sense", () => {
  const none = { average: {}, parameters: {}, step: 1 };
  assertThrows(() => emaUpdate({ momentum: 1 }, none), Error, "between 0 and 1, got 1");
  const warmup = { kind: "linear", steps: 0, ratio: 0.9 } as const;
  assertThrows(
    () => emaUpdate({ momentum: 0.9, warmup }, none),
    Error,
    "got 0 and 0.9: leave it out for none",
  );
  const average = { gone: tf.scalar(1) };
  assertThrows(
    () => emaUpdate({ momentum: 0.9 }, { ...none, average }),
    Error,
    'an average of "gone", which is no parameter',
  );
});
