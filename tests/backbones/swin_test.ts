import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  swin,
  type SwinConfiguration,
  swinStride,
  type SwinVariant,
  swinVariant,
} from "../../lib/backbones/swin.ts";
import { jit, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
  type ParameterSpecification,
  scope,
} from "../../lib/nn/scope.ts";

const tiny: SwinConfiguration = {
  width: 4,
  depths: [2, 2],
  heads: [1, 2],
  window: 3,
  dropPathRate: 0.5,
};

function describe(
  configuration: SwinConfiguration,
  height: number,
  width = height,
): Map<string, ParameterSpecification> {
  return describeParameters((scope, input) =>
    swin(scope, input({ shape: [1, height, width, 3] }), configuration)
  );
}

function tinyParameters(): Parameters {
  return initializeParameters(describe(tiny, 40), randomKey(0));
}

function count(specifications: Map<string, ParameterSpecification>): number {
  return [...specifications.values()]
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

Deno.test("swin() has as many parameters as the published models without their heads", () => {
  // Swin's own classifiers have 28,288,354, 49,606,258 and 87,768,224.
  const published = { T: 27_519_354, S: 48_837_258, B: 86_743_224 };
  for (const [variant, parameters] of Object.entries(published)) {
    const configuration = swinVariant(variant as SwinVariant, 224);
    assertEquals(count(describe(configuration, 224)), parameters, variant);
  }
});

Deno.test("swin() names its parameters as openmixup does", () => {
  const specifications = describe(swinVariant("T", 192), 192);
  const shape = (name: string) => specifications.get(name)?.shape;
  assertEquals(shape("patch_embed.projection.weight"), [4, 4, 3, 96]);
  assertEquals(shape("patch_embed.norm.weight"), [96]);
  const block = "stages.2.blocks.5";
  assertEquals(shape(`${block}.attn.w_msa.relative_position_bias_table`), [121, 12]);
  assertEquals(shape(`${block}.attn.w_msa.qkv.weight`), [384, 1152]);
  assertEquals(shape(`${block}.ffn.layers.0.0.weight`), [384, 1536]);
  assertEquals(shape(`${block}.ffn.layers.1.bias`), [384]);
  assertEquals(shape("stages.2.downsample.norm.weight"), [1536]);
  assertEquals(shape("stages.2.downsample.reduction.weight"), [1536, 768]);
  assertEquals(shape("stages.3.downsample.norm.weight"), undefined);
  assertEquals(shape("norm3.weight"), [768]);
});

Deno.test("swin() gives its stages and the last one's norm", () => {
  tf.tidy(() => {
    const images = tf.randomNormal([2, 40, 24, 3]);
    const { stages, latent } = swin(scope(tinyParameters()), images, tiny);
    assertEquals(stages.map(({ shape }) => shape), [[2, 10, 6, 4], [2, 5, 3, 8]]);
    assertEquals(latent.shape, [2, 5, 3, 8]);
    // The norm's weight and bias are still 1 and 0.
    const means = latent.mean(-1).dataSync();
    means.forEach((mean) => assertAlmostEquals(mean, 0, 1e-5));
  });
});

Deno.test("swin() hands its maps to between and goes on with what comes back", () => {
  tf.tidy(() => {
    const images = tf.randomNormal([1, 40, 40, 3]);
    const model = scope(tinyParameters());
    const seen: [number, number[]][] = [];
    const plain = swin(model, images, {
      ...tiny,
      between: (map, layer) => {
        seen.push([layer, map.shape]);
        return map;
      },
    });
    assertEquals(seen, [[0, [1, 10, 10, 4]], [1, [1, 10, 10, 4]], [2, [1, 5, 5, 8]]]);
    const blank = swin(model, images, {
      ...tiny,
      between: (map, layer) => layer === 2 ? tf.zerosLike(map) : map,
    });
    const same = (one: Tensor, other: Tensor) =>
      one.sub(other).abs().max().dataSync()[0]! < 1e-6;
    assert(same(plain.stages[0]!, blank.stages[0]!));
    assert(!same(plain.latent, blank.latent));
  });
});

Deno.test("swin() looks only as far as its windows, and further once they shift", () => {
  tf.tidy(() => {
    const two = { ...tiny, depths: [2], heads: [1] };
    const parameters = initializeParameters(describe(two, 24), randomKey(2));
    // Which of the 6 rows of patches the patch at (row, row) learns of.
    const seenFrom = (row: number, blocks: number): number[] => {
      const gradient = tf.grad((images: Tensor) =>
        swin(scope(parameters), images, { ...two, depths: [blocks] }).stages[0]!
          .slice([0, row, row, 0], [1, 1, 1, 1]).sum()
      )(tf.randomNormal([1, 24, 24, 3], 0, 1, "float32", 1));
      const reached = gradient.abs().reshape([6, 4 * 24 * 3]).max(1).dataSync();
      return [...reached].flatMap((value, row) => value > 1e-30 ? [row] : []);
    };
    assertEquals(seenFrom(2, 1), [0, 1, 2]); // its own window of 3
    assertEquals(seenFrom(2, 2), [0, 1, 2, 3, 4, 5]); // shifted by 1 it meets patch 3
    // Rolled round the border, patch 0 stands beside 4 and 5: the mask keeps them apart.
    assertEquals(seenFrom(0, 2), [0, 1, 2]);
  });
});

Deno.test("swin() drops paths only in training, the same way for the same key", async () => {
  const parameters = tinyParameters();
  const images = tf.randomNormal([4, 40, 40, 3]);
  const latent = jit((parameters: Parameters, images: Tensor, key: Tensor) => ({
    trained: swin(scope(parameters, key), images, tiny).latent,
    still: swin(scope(parameters), images, tiny).latent,
  }), { compiler: "graph" });
  const [first, again, other] = [
    await latent(parameters, images, randomKey(0)),
    await latent(parameters, images, randomKey(0)),
    await latent(parameters, images, randomKey(1)),
  ];
  assertEquals(first.trained.dataSync(), again.trained.dataSync());
  assert(first.trained.sub(other.trained).abs().max().dataSync()[0]! > 1e-3);
  assert(first.trained.sub(first.still).abs().max().dataSync()[0]! > 1e-3);
  assertEquals(first.still.dataSync(), other.still.dataSync());
  latent.dispose();
});

Deno.test("swinVariant() takes windows as large as the last map, and names the known variants", () => {
  assertEquals(swinVariant("T", 224).window, 7);
  assertEquals(swinVariant("B", 192).window, 6);
  assertEquals(swinVariant("S", 384).depths, [2, 2, 18, 2]);
  assertEquals(swinStride(swinVariant("T", 224)), 32);
  const wrong = () => swinVariant("XL" as SwinVariant, 224);
  assertThrows(wrong, Error, 'Unknown Swin "XL": the known ones are T, S, B, L');
  assertThrows(() => swinVariant("T", 200), Error, "200×200 that often: use a size");
});

Deno.test("swin() refuses sizes that do not fit before it computes", () => {
  assertThrows(() => describe(tiny, 36), Error, "multiple of 8");
  assertThrows(
    () => describe({ ...tiny, heads: [1, 3] }, 40),
    Error,
    "Stage 1 of the Swin is 8 wide: 3 heads do not divide that",
  );
  assertThrows(
    () => describe({ ...tiny, depths: [2, 2, 2] }, 48),
    Error,
    "depths [2,2,2] and heads [1,2]",
  );
  assertThrows(() => describe({ ...tiny, window: 6 }, 40), Error, "windows of at most 5");
});
