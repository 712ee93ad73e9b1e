import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import type { MapBackbone } from "../../lib/backbones/mod.ts";
import { randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { blockMask, type Mask, randomMask } from "../../lib/maskers/mod.ts";
import { a2mim, type MapMethodOutput, simmim } from "../../lib/methods/mod.ts";
import {
  describeParameters,
  initializeParameters,
  type Scope,
  scope,
} from "../../lib/nn/scope.ts";
import { imageSize, tinyBackbones } from "./map_backbones.ts";

type Method = (scope: Scope, images: Tensor, mask: Mask) => MapMethodOutput;

const shape = [2, imageSize, imageSize, 3];

function images(seed = 1): Tensor {
  return tf.randomNormal(shape, 0.5, 1, "float32", seed);
}

/** One square of 16 pixels of four is masked. */
function coarseMask(): Mask {
  const options = { batch: 2, rows: 2, columns: 2, cell: 1, maskRatio: 0.2 };
  return blockMask(randomKey(3), options);
}

function parametersOf(method: Method) {
  const specifications = describeParameters((scope, input) =>
    method(scope, input({ shape }), coarseMask())
  );
  return initializeParameters(specifications, randomKey(0));
}

function methodsFor(backbone: MapBackbone): Record<string, Method> {
  return {
    simmim: (scope, images, mask) => simmim(scope, images, mask, { backbone }),
    a2mim: (scope, images, mask) =>
      a2mim(scope, images, mask, {
        backbone,
        token: { kind: "add", layer: 1, scale: 1e-6 },
        regression: { kind: "focal-l1" },
        fourier: { weight: 0.5, focal: true, replacement: "mixed", unmaskWeight: 1e-3 },
      }),
  };
}

for (const backbone of Object.values<MapBackbone>(tinyBackbones)) {
  for (const [name, method] of Object.entries(methodsFor(backbone))) {
    Deno.test(`${name}() runs on a ${backbone.kind}, and its mask token learns`, () => {
      tf.tidy(() => {
        const parameters = parametersOf(method);
        const pixels = images();
        const mask = coarseMask();
        const { token, stages, ...output } = method(scope(parameters), pixels, mask);
        assertEquals(output.prediction.shape, shape);
        assertEquals(output.target, pixels);
        assertEquals(output.mask, mask);
        assertEquals(token.after.shape, token.before.shape);
        assertGreater(stages.length, 1);
        const [loss] = output.loss.dataSync();
        assert(loss! > 0.05 && loss! < 5, `${loss}`);

        const { input, reconstruction } = output.pictures();
        const visible = tf.sub(1, mask.mask.reshape([2, 2, 1, 2, 1, 1]));
        const unseen = (picture: Tensor): number =>
          picture.sub(pixels).reshape([2, 2, 16, 2, 16, 3]).mul(visible)
            .abs().max().dataSync()[0]!;
        assertEquals([unseen(input), unseen(reconstruction!)], [0, 0]);
        assertGreater(input.sub(pixels).abs().max().dataSync()[0]!, 0.1);
        assertGreater(reconstruction!.sub(pixels).abs().max().dataSync()[0]!, 0.1);

        const slope = tf.grad((token: Tensor) =>
          method(scope({ ...parameters, "backbone.mask_token": token }), pixels, mask)
            .loss
        )(parameters["backbone.mask_token"]!);
        assertGreater(slope.abs().max().dataSync()[0]!, 0);
      });
    });
  }
}

Deno.test("simmim() does not see masked pixels", () => {
  tf.tidy(() => {
    const method = methodsFor(tinyBackbones.vit)["simmim"]!;
    const model = scope(parametersOf(method));
    const mask = coarseMask();
    const pixels = images();
    const masked = mask.mask.reshape([2, 2, 1, 2, 1, 1]).tile([1, 1, 16, 1, 16, 3])
      .reshape(shape);
    const other = pixels.mul(tf.sub(1, masked)).add(images(2).mul(masked));
    const [a, b] = [pixels, other].map((images) => method(model, images, mask));
    assertEquals(a!.prediction.dataSync(), b!.prediction.dataSync());
    assertGreater(a!.loss.sub(b!.loss).abs().dataSync()[0]!, 1e-3);
  });
});

Deno.test("methods for maps say before computing what does not go together", () => {
  tf.tidy(() => {
    const untouched = scope({}); // any layer that ran would miss its parameters
    const mask = coarseMask();
    const convnext = methodsFor(tinyBackbones.convnext);
    const fine = randomMask(randomKey(0), { batch: 2, length: 64, maskRatio: 0.5 });
    for (const method of Object.values(convnext)) {
      assertThrows(
        () => method(untouched, tf.zeros([2, 48, 32, 3]), mask),
        Error,
        "An image of 48×32 does not divide into the map of this convnext: use a size that " +
          "is a multiple of 32",
      );
    }
    assertThrows(
      () => convnext["a2mim"]!(untouched, images(), fine),
      Error,
      "A mask of 64 cells does not divide a map of 4×4",
    );
    assertThrows(
      () => {
        simmim(untouched, images(), mask, { backbone: tinyBackbones.resnet, layer: 4 });
      },
      Error,
      "A resnet of this size has the layers 0 to 3, not 4",
    );
    // 3 × 3 cells do not divide 32 pixels.
    const nine = randomMask(randomKey(0), { batch: 2, length: 9, maskRatio: 0.5 });
    assertThrows(
      () => convnext["simmim"]!(untouched, images(), nine),
      Error,
      "A mask of 9 cells does not divide a map of 32×32",
    );
  });
});
