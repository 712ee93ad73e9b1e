import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { mixMask } from "../../lib/maskers/mix.ts";
import { patchStatistics } from "../../lib/losses/pixel.ts";
import { randomMask } from "../../lib/maskers/random.ts";
import { mixmim, type MixmimConfiguration } from "../../lib/methods/mixmim.ts";
import { patchify } from "../../lib/nn/patch_embed.ts";
import { describeParameters, initializeParameters, scope } from "../../lib/nn/scope.ts";

const configuration: MixmimConfiguration = {
  backbone: {
    ...{ imageSize: 16, patchSize: 2, width: 8 },
    ...{ depths: [1, 1], heads: [1, 2], windows: [4, 4] },
  },
  decoder: { width: 12, depth: 1, heads: 2 },
};
const length = 16;

function images(batch: number): Tensor {
  return tf.randomNormal([batch, 16, 16, 3], 0, 1, "float32", 1);
}

function run(batch: number, changes: Partial<MixmimConfiguration> = {}) {
  const changed = { ...configuration, ...changes };
  const mask = mixMask(randomKey(0), { length, maskRatio: 0.5 });
  const specifications = describeParameters((scope, input) =>
    mixmim(scope, input({ shape: [batch, 16, 16, 3] }), mask, changed)
  );
  const parameters = initializeParameters(specifications, randomKey(1));
  return mixmim(scope(parameters), images(batch), mask, changed);
}

function largest(x: Tensor): number {
  return x.abs().max().dataSync()[0]!;
}

Deno.test("mixmim() predicts every cell of every image, and names its intermediates", () => {
  tf.tidy(() => {
    const output = run(3); // the middle image of three is its own partner
    assertEquals(output.loss.shape, []);
    assertEquals([output.prediction.shape, output.target.shape], [[3, 16, 48], [
      3,
      16,
      48,
    ]]);
    assertEquals(output.decoded.shape, [6, 16, 48]);
    assertEquals(output.latent.shape, [3, 16, 16]);
    assertEquals(output.partners.shape, [3, 16, 16, 3]);
    assertEquals(output.decoderBlocks.map(({ shape }) => shape), [[6, 16, 12]]);
    const [loss] = output.loss.dataSync();
    // Normalised pixels have variance 1, a fresh decoder's outputs not much more.
    assert(loss! > 0.4 && loss! < 4, `${loss}`);
    const error = output.prediction.sub(output.target).square().mean();
    assertAlmostEquals(error.dataSync()[0]!, loss!, 1e-6);
  });
});

Deno.test("mixmim() takes each cell's prediction from where the cell was hidden", () => {
  tf.tidy(() => {
    const { decoded, prediction, mask } = run(2);
    const flags = mask.mask.dataSync();
    const rows = decoded.arraySync() as number[][][];
    const predicted = prediction.arraySync() as number[][][];
    flags.forEach((flag, cell) => {
      // Image 0: from its own mixture where masked there, else as the partner of image 1's.
      assertEquals(predicted[0]![cell], rows[flag === 1 ? 0 : 3]![cell]);
      assertEquals(predicted[1]![cell], rows[flag === 1 ? 1 : 2]![cell]);
    });
  });
});

Deno.test("mixmim()'s pictures show the mixture, both images and both reconstructions", () => {
  tf.tidy(() => {
    for (const normalizePixels of [true, false]) {
      const output = run(2, { normalizePixels });
      const { input, reconstruction, partner } = output.pictures();
      const given = images(2);
      // A mixture and its partner's hold each pixel of both images once.
      assert(
        largest(input.add(input.reverse(0)).sub(given.add(given.reverse(0)))) < 1e-5,
      );
      assert(largest(input.sub(given)) > 0.1);
      assertEquals(reconstruction!.shape, [2, 16, 16, 3]);
      assertEquals(largest(partner!.images.sub(output.partners)), 0);
      assertEquals(largest(partner!.reconstruction.sub(reconstruction!.reverse(0))), 0);
    }
  });
});

Deno.test("mixmim()'s reconstruction is the prediction with each cell's brightness put back", () => {
  tf.tidy(() => {
    const cells = (x: Tensor) => patchify(x, 4);
    const plain = run(2, { normalizePixels: false });
    const shown = cells(plain.pictures().reconstruction!);
    assertEquals(largest(shown.sub(plain.prediction)), 0);
    const { prediction, pictures } = run(2);
    const { mean, deviation } = patchStatistics(cells(images(2)));
    const scores = cells(pictures().reconstruction!).sub(mean).div(deviation);
    assert(largest(scores.sub(prediction)) < 1e-5);
  });
});

Deno.test("mixmim() as mmpretrain computes otherwise, from the same parameters", () => {
  tf.tidy(() => {
    const backbone = { ...configuration.backbone, rewrite: "mmpretrain" as const };
    const [own, rewritten] = [run(2), run(2, { backbone })];
    assert(largest(own.prediction.sub(rewritten.prediction)) > 1e-3);
  });
});

Deno.test("mixmim() says that its mask is one for the whole batch", () => {
  tf.tidy(() => {
    const mask = randomMask(randomKey(0), { batch: 2, length, maskRatio: 0.5 });
    assertThrows(
      () => mixmim(scope({}), images(2), mask, configuration),
      Error,
      "one mask for the whole batch, [1,16]",
    );
  });
});
