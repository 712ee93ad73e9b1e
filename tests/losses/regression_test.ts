import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type Tensor, tf } from "../../lib/engine/mod.ts";
import { maskedRegression, type Regression } from "../../lib/losses/mod.ts";

function value(tensor: Tensor): number {
  return tensor.dataSync()[0]!;
}

/** The loss of one masked pixel of one channel that is off by `difference`, and its slope. */
function single(difference: number, regression: Regression): [number, number] {
  return tf.tidy(() => {
    const mask = tf.ones([1, 1, 1, 1]);
    const target = tf.zeros([1, 1, 1, 1]);
    const { value: loss, grad } = tf.valueAndGrad((x: Tensor) =>
      maskedRegression(x, target, mask, { regression })
    )(tf.fill([1, 1, 1, 1], difference));
    return [value(loss), value(grad)];
  });
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const losses: [string, Regression, (d: number) => number][] = [
  ["l1", { kind: "l1" }, (d) => d],
  ["l2", { kind: "l2" }, (d) => d ** 2],
  ["focal-l1", { kind: "focal-l1" }, (d) => d * (2 * sigmoid(0.2 * d) - 1)],
  [
    "focal-l1 with its options",
    { kind: "focal-l1", alpha: 0.7, gamma: 2, activation: "tanh", residual: true },
    (d) => d * Math.tanh(0.7 * d) ** 2 + d,
  ],
  [
    "focal-l2",
    { kind: "focal-l2", alpha: 0.3, gamma: 1.5 },
    (d) => d ** 2 * (2 * sigmoid(0.3 * d) - 1) ** 1.5,
  ],
];

for (const [name, regression, formula] of losses) {
  Deno.test(`maskedRegression() is ${name} of the difference, the factor differentiated`, () => {
    for (const difference of [0.4, -2]) {
      const [loss, slope] = single(difference, regression);
      const size = Math.abs(difference);
      // 1 + 1e-5 masked pixels
      assertAlmostEquals(loss, formula(size) / (1 + 1e-5), 1e-6);
      const [step, sign] = [1e-4, Math.sign(difference)];
      const expected = sign * (formula(size + step) - formula(size - step)) / (2 * step);
      assertAlmostEquals(slope, expected, 1e-4);
    }
  });
}

Deno.test("maskedRegression() has no slope where prediction and target are equal", () => {
  assertEquals(single(0, { kind: "l1" }), [0, 0]);
  assertEquals(single(0, { kind: "focal-l1" }), [0, 0]);
});

Deno.test("maskedRegression() counts masked pixels, and visible ones by their weight", () => {
  tf.tidy(() => {
    const mask = tf.tensor4d([1, 0, 0, 1], [1, 2, 2, 1]);
    const target = tf.zeros([1, 2, 2, 2]);
    const prediction = tf.tensor4d([1, 3, 9, 9, 9, 9, 2, 2], [1, 2, 2, 2]);
    const masked = maskedRegression(prediction, target, mask);
    assertAlmostEquals(value(masked), (1 + 3 + 2 + 2) / 2 / 2, 1e-4);
    const all = maskedRegression(prediction, target, mask, { unmaskWeight: 0.5 });
    assertAlmostEquals(value(all), (8 + 0.5 * 36) / (2 + 0.5 * 2) / 2, 1e-4);
    assertThrows(
      () => maskedRegression(prediction, target, mask, { unmaskWeight: 1.5 }),
      Error,
      "unmaskWeight must lie from 0 to 1, got 1.5",
    );
  });
});
