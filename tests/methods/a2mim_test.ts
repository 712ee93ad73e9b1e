import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { fillMasked, maskFromCells } from "../../lib/maskers/mod.ts";
import { maskMap } from "../../lib/nn/mod.ts";
import { a2mim, type A2mimConfiguration, a2mimLosses } from "../../lib/methods/mod.ts";
import { describeParameters, initializeParameters, scope } from "../../lib/nn/scope.ts";
import { imageSize, tinyBackbones } from "./map_backbones.ts";

const shape = [1, imageSize, imageSize, 3];
const base: A2mimConfiguration = {
  backbone: tinyBackbones.convnext,
  token: { kind: "add", layer: 2 },
};

function value(tensor: Tensor): number {
  return tensor.dataSync()[0]!;
}

/** One forward pass with one square of four masked. */
function run(configuration: A2mimConfiguration) {
  const mask = maskFromCells(tf.tensor2d([[0, 0, 1, 0]]), 1);
  const specifications = describeParameters((scope, input) =>
    a2mim(scope, input({ shape }), mask, configuration)
  );
  const model = scope(initializeParameters(specifications, randomKey(0)));
  const images = tf.randomNormal(shape, 0.7, 1, "float32", 1);
  return { images, ...a2mim(model, images, mask, configuration) };
}

Deno.test("a2mim() shows the network the image with its mean colour in masked pixels", () => {
  tf.tidy(() => {
    const filled = run(base);
    const expected = fillMasked(filled.images, filled.mask.mask);
    assertEquals(filled.pictures().input.dataSync(), expected.dataSync());
    const open = run({ ...base, fill: false });
    assertEquals(open.pictures().input.dataSync(), open.images.dataSync());
  });
});

Deno.test("a2mim() with residual adds the mean colour to the prediction", () => {
  tf.tidy(() => {
    const plain = run(base);
    const residual = run({ ...base, residual: true });
    const mean = plain.images.mean([1, 2], true);
    const off = residual.prediction.sub(plain.prediction).sub(mean).abs().max();
    assertLess(value(off), 1e-5);
  });
});

Deno.test("a2mim() adds the Fourier loss with its weight, and none without", () => {
  tf.tidy(() => {
    const plain = run(base);
    assertEquals(plain.losses.fourier, undefined);
    assertEquals(value(plain.loss), value(plain.losses.spatial));
    for (const focal of [true, false]) {
      const fourier = { weight: 0.25, focal, replacement: "mixed" } as const;
      const { loss, losses } = run({ ...base, fourier });
      const sum = value(losses.spatial) + 0.25 * value(losses.fourier!);
      assertAlmostEquals(value(loss), sum, 1e-6);
      assertAlmostEquals(value(losses.spatial), value(plain.loss), 1e-6);
    }
  });
});

Deno.test("a2mimLosses() knows nothing of visible pixels when they are replaced", () => {
  tf.tidy(() => {
    const mask = maskMap(tf.tensor2d([[0, 0, 1, 0]]), { rows: 8, columns: 8 });
    const target = tf.randomNormal([1, 8, 8, 3], 0, 1, "float32", 2);
    const slope = tf.grad((prediction: Tensor) =>
      a2mimLosses(prediction, target, mask, {
        fourier: { weight: 1, focal: true, replacement: "mixed" },
      }).loss
    )(tf.zeros([1, 8, 8, 3]));
    const visible = slope.mul(tf.sub(1, mask)).abs().max();
    assertEquals(value(visible), 0);
  });
});
