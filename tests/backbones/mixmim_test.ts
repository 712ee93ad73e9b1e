import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { mixmimTransformer, mixPairs, partnersOf } from "../../lib/backbones/mixmim.ts";
import {
  mixmimCells,
  type MixmimTransformerConfiguration,
  type MixmimVariant,
  mixmimVariant,
  mixmimWindows,
} from "../../lib/backbones/mixmim_variants.ts";
import { jit, randomKey, tf } from "../../lib/engine/mod.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
  scope,
} from "../../lib/nn/scope.ts";
import { relativePositionIndex } from "../../lib/nn/window_attention.ts";
import { withoutDerivedBuffers } from "../../lib/zoo/key_maps/derived_buffers.ts";
import { manifest } from "../manifests/manifest.ts";

const tiny: MixmimTransformerConfiguration = {
  ...{ imageSize: 16, patchSize: 2, width: 8 },
  ...{ depths: [1, 2], heads: [1, 2], windows: [4, 4] },
};
const cells = mixmimCells(tiny);

function tinyParameters(): Parameters {
  const specifications = describeParameters((scope, input) =>
    mixmimTransformer(scope, input({ shape: [1, 16, 16, 3] }), tiny)
  );
  return initializeParameters(specifications, randomKey(0));
}

Deno.test("mixmimVariant() has the authors' windows at 224 and 384 pixels, and fitting ones else", () => {
  assertEquals(mixmimVariant("B", 224).windows, [14, 14, 14, 7]);
  assertEquals(mixmimVariant("L", 384).windows, [16, 16, 24, 12]);
  assertEquals(mixmimVariant("H", 128).windows, [8, 8, 8, 4]);
  assertEquals(mixmimVariant("B", 160).windows, [10, 10, 10, 5]);
  assertEquals(mixmimVariant("H", 224).width, 352);
  assertEquals(mixmimCells(mixmimVariant("B", 384)), 144);
});

Deno.test("mixmimVariant() names the known variants, and refuses sizes that leave a rest", () => {
  const wrong = (name: string) => () => mixmimVariant(name as MixmimVariant, 224);
  assertThrows(wrong("S"), Error, 'Unknown MixMIM "S": it is one of B, L, H');
  assertThrows(wrong("toString"), Error, "it is one of B, L, H");
  for (const size of [225, 0, -32, 48.5, NaN]) {
    assertThrows(
      () => mixmimVariant("B", size),
      Error,
      `${size}×${size}: the size must be`,
    );
  }
});

const variantOf: Record<string, MixmimVariant> = { base: "B", large: "L", huge: "H" };

for (
  const [name, imageSize] of [
    ["mixmim-base-classifier", 224],
    ["mixmim-base-384-classifier", 384],
    ["mixmim-large-384-classifier", 384],
    ["mixmim-huge-pretrain", 224],
  ] as const
) {
  // That all parameters are there, and no other, tests/zoo/architectures_test.ts checks.
  Deno.test(`the buffers of ${name} are what the kit computes`, async () => {
    const buffers = [...await manifest(name)]
      .filter(([key]) => withoutDerivedBuffers(key) === undefined);
    assertEquals(buffers.length, 24);
    const windows = mixmimWindows(
      mixmimVariant(variantOf[name.split("-")[1]!]!, imageSize),
    );
    for (const [key, shape] of buffers) {
      const tokens = windows[Number(key.split(".")[1])]! ** 2;
      assertEquals([key, shape], [key, [tokens, tokens]]);
      assert(key.endsWith("attn.relative_position_index"), key);
    }
    assertEquals(relativePositionIndex(windows[0]!).length, windows[0]! ** 4);
  });
}

Deno.test("mixmimTransformer() names its intermediates", () => {
  tf.tidy(() => {
    const images = tf.randomNormal([3, 16, 16, 3]);
    const output = mixmimTransformer(scope(tinyParameters()), images, tiny);
    assertEquals(output.embedded.shape, [3, 8, 8, 8]);
    assertEquals(output.mixed.shape, [3, 8, 8, 8]);
    assertEquals(output.stages.map(({ shape }) => shape), [[3, 4, 4, 16], [3, 4, 4, 16]]);
    assertEquals([output.tokens.shape, output.feature.shape], [[3, 16, 16], [3, 16]]);
    assertEquals(output.feature.dataSync(), output.tokens.mean(1).dataSync());
  });
});

Deno.test("mixPairs() puts the partner's cells where the mask is 1", () => {
  tf.tidy(() => {
    const batch = tf.tensor2d([[1, 2], [3, 4], [5, 6]]);
    assertEquals(partnersOf(batch).arraySync(), [[5, 6], [3, 4], [1, 2]]);
    const mixed = mixPairs(batch, tf.tensor2d([[0, 1]]));
    assertEquals(mixed.arraySync(), [[1, 6], [3, 4], [5, 2]]);
  });
});

Deno.test("tokens of a mixed image know nothing of the image that they are not from", () => {
  tf.tidy(() => {
    const parameters = scope(tinyParameters());
    const flags = Array.from({ length: cells }, (_, cell) => cell * 7 % 3 === 0 ? 1 : 0);
    const mask = tf.tensor2d([flags], [1, cells]);
    const own = tf.randomNormal([1, 16, 16, 3], 0, 1, "float32", 1);
    const tokensWith = (seed: number) => {
      const partner = tf.randomNormal([1, 16, 16, 3], 0, 1, "float32", seed);
      const images = tf.concat([own, partner]);
      const { tokens } = mixmimTransformer(parameters, images, tiny, mask);
      return tokens.arraySync() as number[][][];
    };
    const [one, other] = [tokensWith(2), tokensWith(3)];
    const changed = (image: number, cell: number): boolean =>
      one[image]![cell]!.some((value, at) =>
        Math.abs(value - other[image]![cell]![at]!) > 1e-4
      );
    flags.forEach((flag, cell) => {
      // Image 0 is the same in both, and shows where the mask is 0; in its partner where it is 1.
      assertEquals([changed(0, cell), changed(1, cell)], [flag === 1, flag === 0]);
    });
  });
});

Deno.test("mixmimTransformer() draws drop path from the key alone", () => {
  tf.tidy(() => {
    const parameters = tinyParameters();
    const images = tf.randomNormal([4, 16, 16, 3], 0, 1, "float32", 4);
    const dropping = { ...tiny, dropPathRate: 0.9 };
    const feature = (seed: number | undefined) => {
      const key = seed === undefined ? undefined : randomKey(seed);
      return mixmimTransformer(scope(parameters, key), images, dropping).feature
        .dataSync();
    };
    assertEquals(feature(1), feature(1));
    assert(feature(1).some((value, at) => value !== feature(undefined)[at]));
  });
});

Deno.test("mixmimTransformer() says what does not fit before it computes", () => {
  const run =
    (change: Partial<MixmimTransformerConfiguration>, side = 16, mask?: number[]) => () =>
      tf.tidy(() => {
        const images = tf.zeros([2, side, side, 3]);
        const configuration = { ...tiny, ...change };
        const given = mask === undefined ? undefined : tf.zeros(mask);
        mixmimTransformer(scope({}), images, configuration, given);
      });
  assertThrows(run({ imageSize: 18 }), Error, "18×18: the size must be a multiple of 4");
  assertThrows(run({}, 32), Error, "made for images of 16×16, got [2,32,32,3]");
  assertThrows(run({ windows: [3, 4] }), Error, "Windows of 3 do not fit stage 0");
  assertThrows(run({ windows: [3, 4] }), Error, "use one of 1, 2, 4, 8");
  assertThrows(run({ windows: [4] }), Error, "for each stage");
  assertThrows(run({ heads: [1, 3] }), Error, "16 is not a multiple of the 3 heads");
  assertThrows(run({}, 16, [2, cells]), Error, "one mask for the whole batch, [1,16]");
  assertThrows(run({}, 16, [1, 9]), Error, "a cell for each 4×4 pixels");
});

Deno.test("mixmimTransformer() computes the same compiled", async () => {
  const parameters = tinyParameters();
  const images = tf.randomNormal([2, 16, 16, 3], 0, 1, "float32", 5);
  const mask = tf.tensor2d([Array.from({ length: cells }, (_, cell) => cell % 2)]);
  const forward = (given: { parameters: Parameters; images: typeof images }) =>
    mixmimTransformer(scope(given.parameters), given.images, tiny, mask).feature;
  const expected = tf.tidy(() => forward({ parameters, images }).dataSync());
  const compiled = jit(forward, { compiler: "graph" });
  const result = await compiled({ parameters, images });
  result.dataSync().forEach((value: number, at: number) =>
    assertAlmostEquals(value, expected[at]!, 1e-5)
  );
  tf.dispose([result, parameters, images, mask]);
});
