import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Between } from "../../lib/backbones/between.ts";
import {
  convNext,
  type ConvNextConfiguration,
  convNextStride,
  type ConvNextVariant,
  convNextVariant,
} from "../../lib/backbones/convnext.ts";
import { jit, random, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  describeParameters,
  initializeParameters,
  type ParameterSpecification,
  scope,
} from "../../lib/nn/scope.ts";

const tiny: ConvNextConfiguration = {
  depths: [1, 1, 2, 1],
  widths: [4, 6, 8, 10],
  layerScale: 0.5,
};

function specificationsOf(
  configuration: ConvNextConfiguration,
): Map<string, ParameterSpecification> {
  return describeParameters((scope, input) =>
    convNext(scope, input({ shape: [1, 64, 64, 3] }), configuration)
  );
}

function worstDifference(a: Tensor, b: Tensor): number {
  return a.sub(b).abs().max().dataSync()[0]!;
}

Deno.test("convNext() names its stages and its normalised last map", () => {
  tf.tidy(() => {
    const parameters = initializeParameters(specificationsOf(tiny), randomKey(0));
    const images = random.normal(randomKey(1), [2, 64, 96, 3]);
    const { stages, latent } = convNext(scope(parameters), images, tiny);
    assertEquals(stages.map(({ shape }) => shape), [
      [2, 16, 24, 4],
      [2, 8, 12, 6],
      [2, 4, 6, 8],
      [2, 2, 3, 10],
    ]);
    assertEquals(latent.shape, [2, 2, 3, 10]);
    assert(worstDifference(latent.mean(-1), tf.zeros([2, 2, 3])) < 1e-5);
    const pooled = { ...tiny, gapBeforeFinalNorm: true };
    const feature = convNext(scope(parameters), images, pooled).latent;
    assertEquals(feature.shape, [2, 10]);
    assert(worstDifference(feature, latent.mean([1, 2])) > 1e-4); // the norm is not linear
  });
});

Deno.test("convNext() without layer scale has no gamma", () => {
  const names = [...specificationsOf({ ...tiny, layerScale: 0 }).keys()];
  assertEquals(names.filter((name) => name.endsWith("gamma")), []);
  assertEquals(names.length, specificationsOf(tiny).size - 5);
});

Deno.test("convNext() starts as the original: norms at one, weights small, biases at zero", () => {
  tf.tidy(() => {
    const parameters = initializeParameters(specificationsOf(tiny), randomKey(0));
    for (const [name, tensor] of Object.entries(parameters)) {
      const values = tensor.dataSync();
      const all = (value: number) => values.every((each) => each === value);
      if (name.endsWith("bias")) assert(all(0), name);
      else if (name.endsWith("gamma")) assert(all(0.5), name);
      else if (tensor.rank === 1) assert(all(1), name);
      else assert(values.every((each) => Math.abs(each) < 0.12), name);
    }
  });
});

Deno.test("convNext() shows the map before each stage, and goes on with what it gets", () => {
  tf.tidy(() => {
    const parameters = scope(
      initializeParameters(specificationsOf(tiny), randomKey(0)),
    );
    const images = random.normal(randomKey(1), [2, 32, 32, 3]);
    const layers: [number, number[]][] = [];
    const between: Between = (map, layer) => {
      layers.push([layer, map.shape]);
      return layer === 3 ? tf.zerosLike(map) : map;
    };
    const { stages, latent } = convNext(parameters, images, { ...tiny, between });
    assertEquals(layers, [
      [0, [2, 8, 8, 4]],
      [1, [2, 4, 4, 6]],
      [2, [2, 2, 2, 8]],
      [3, [2, 1, 1, 10]],
    ]);
    const plain = convNext(parameters, images, tiny);
    assertEquals(worstDifference(stages[2]!, plain.stages[2]!), 0);
    assert(worstDifference(latent, plain.latent) > 1e-3);
    // Nothing of the images is left.
    assertEquals(worstDifference(latent.slice([0], [1]), latent.slice([1], [1])), 0);
  });
});

Deno.test("convNext() drops paths by the depth in training alone", () => {
  tf.tidy(() => {
    const parameters = initializeParameters(specificationsOf(tiny), randomKey(0));
    const images = random.normal(randomKey(1), [8, 32, 32, 3]);
    const dropping = { ...tiny, layerScale: 1, dropPathRate: 0.9 };
    const of = (key?: number) =>
      convNext(
        key === undefined ? scope(parameters) : scope(parameters, randomKey(key)),
        images,
        dropping,
      ).stages;
    assertEquals(worstDifference(of().at(-1)!, of().at(-1)!), 0);
    assertEquals(worstDifference(of(1)[0]!, of()[0]!), 0); // the first block's rate is 0
    assert(worstDifference(of(1).at(-1)!, of(2).at(-1)!) > 0);
  });
});

Deno.test("jit() chooses TensorFlow's own kernels for convNext()", async () => {
  const parameters = initializeParameters(specificationsOf(tiny), randomKey(0));
  const images = random.normal(randomKey(1), [1, 32, 32, 3]);
  const run = jit((images: Tensor) => convNext(scope(parameters), images, tiny).latent);
  const latent = await run(images);
  assertEquals(run.compiler(), "graph");
  const eager = convNext(scope(parameters), images, tiny).latent;
  assert(worstDifference(latent, eager) < 1e-5);
  run.dispose();
});

Deno.test("convNext() says what does not fit before it computes anything", () => {
  const refused = (
    message: string,
    shape: number[],
    configuration: ConvNextConfiguration = tiny,
  ): void => {
    assertThrows(
      () => convNext(scope({}), tf.zeros(shape), configuration),
      Error,
      message,
    );
  };
  assertEquals(convNextStride(tiny), 32);
  refused("sides are multiples of 32, got 100×96", [1, 100, 96, 3]);
  refused("of 32, got 96×100", [1, 96, 100, 3]);
  refused("of 32, got 0×0", [1, 0, 0, 3]);
  refused("got [96,96,3]", [96, 96, 3]);
  refused("depths [1,1] and widths [4]", [1, 32, 32, 3], {
    depths: [1, 1],
    widths: [4],
  });
  const unknown = (name: string) => () => convNextVariant(name as ConvNextVariant);
  assertThrows(
    unknown("tiny"),
    Error,
    'Unknown ConvNeXt "tiny": use one of "T", "S", "B"',
  );
  assertThrows(unknown("toString"), Error, "Unknown");
});
