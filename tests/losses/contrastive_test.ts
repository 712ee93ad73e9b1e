import { assertAlmostEquals, assertLess, assertThrows } from "@std/assert";
import { tf } from "../../lib/engine/mod.ts";
import { contrastiveLoss } from "../../lib/losses/contrastive.ts";

Deno.test("contrastiveLoss() is log B for logits that know nothing", () => {
  const loss = tf.tidy(() => contrastiveLoss(tf.zeros([8, 8])).dataSync()[0]!);
  assertAlmostEquals(loss, Math.log(8), 1e-6);
});

Deno.test("contrastiveLoss() is the mean of both directions", () => {
  const loss = tf.tidy(() =>
    contrastiveLoss(tf.tensor2d([[2, 0], [1, 3]])).dataSync()[0]!
  );
  const missed = (difference: number) => Math.log(1 + Math.exp(difference));
  const byImage = (missed(0 - 2) + missed(1 - 3)) / 2;
  const byText = (missed(1 - 2) + missed(0 - 3)) / 2;
  assertAlmostEquals(loss, (byImage + byText) / 2, 1e-6);
});

Deno.test("contrastiveLoss() does not push apart captions that are the same", () => {
  tf.tidy(() => {
    const matches = tf.tensor2d([[1, 1, 0], [1, 1, 0], [0, 0, 1]]);
    const logits = matches.mul(20).sub(10); // as sure of the equal captions as can be
    const loss = contrastiveLoss(logits, { matches }).dataSync()[0]!;
    assertAlmostEquals(loss, 2 / 3 * Math.log(2), 1e-4); // the entropy of the targets
    assertLess(loss, contrastiveLoss(logits).dataSync()[0]! + 1e-6);
    const gradient = tf.grad((x) => contrastiveLoss(x, { matches }))(logits);
    assertLess(gradient.abs().max().dataSync()[0]!, 1e-6);
  });
});

Deno.test("contrastiveLoss() refuses logits that are not square", () => {
  tf.tidy(() => {
    assertThrows(() => contrastiveLoss(tf.zeros([2, 3])), Error, "[2,3]");
  });
});
