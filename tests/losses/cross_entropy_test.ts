import { assert, assertAlmostEquals } from "@std/assert";
import { type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  classySmoothing,
  crossEntropy,
  mixedTargets,
  softTargets,
} from "../../lib/losses/mod.ts";

function value(loss: () => Tensor): number {
  return tf.tidy(() => loss().dataSync()[0]!);
}

Deno.test("mixedTargets() give the mix of both labels' losses", () => {
  const mixed = {
    labels: tf.tensor1d([0, 2], "int32"),
    otherLabels: tf.tensor1d([1, 2], "int32"),
    lambda: tf.tensor1d([0.75, 0.25]),
  };
  const logits = tf.tensor2d([[1, 2, 3], [0, -1, 5]]);
  const row = (index: number, label: number): number =>
    value(() =>
      crossEntropy(
        logits.slice([index, 0], [1, 3]),
        softTargets(tf.tensor1d([label], "int32"), 3, 0.1),
      )
    );
  const wanted = (0.75 * row(0, 0) + 0.25 * row(0, 1) + row(1, 2)) / 2;
  const got = value(() => crossEntropy(logits, mixedTargets(mixed, 3, 0.1)));
  assertAlmostEquals(got, wanted, 1e-6);
});

Deno.test("classySmoothing() gives (onehot + s/C) / (1 + s)", () => {
  const [row] = softTargets(tf.tensor1d([1], "int32"), 4, classySmoothing(0.25))
    .arraySync() as number[][];
  assertAlmostEquals(row![1]!, (1 + 0.25 / 4) / 1.25, 1e-6);
  assertAlmostEquals(row![0]!, (0.25 / 4) / 1.25, 1e-6);
  assert(row!.reduce((sum, share) => sum + share) - 1 < 1e-6);
});
