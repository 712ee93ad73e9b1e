import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { jit, random, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { selfAttention } from "../../lib/nn/attention.ts";
import { dropPath } from "../../lib/nn/drop_path.ts";
import { layerNorm } from "../../lib/nn/layer_norm.ts";
import { linear } from "../../lib/nn/linear.ts";
import { mlp } from "../../lib/nn/mlp.ts";
import { patchEmbed, patchify, unpatchify } from "../../lib/nn/patch_embed.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
  type Scope,
  scope,
} from "../../lib/nn/scope.ts";
import { transformerBlock } from "../../lib/nn/transformer_block.ts";

/** Every layer as a function of one input, with that input's shape. */
const layers: Record<
  string,
  { shape: number[]; layer: (scope: Scope, x: Tensor) => Tensor }
> = {
  linear: { shape: [2, 5, 8], layer: (scope, x) => linear(scope, x, 12) },
  layerNorm: { shape: [2, 5, 8], layer: (scope, x) => layerNorm(scope, x) },
  selfAttention: {
    shape: [2, 5, 8],
    layer: (scope, x) => selfAttention(scope, x, { heads: 2 }).output,
  },
  mlp: { shape: [2, 5, 8], layer: (scope, x) => mlp(scope, x, { hidden: 16 }) },
  "mlp, quick GELU": {
    shape: [2, 5, 8],
    layer: (scope, x) => mlp(scope, x, { hidden: 16, activation: "quick-gelu" }),
  },
  patchEmbed: {
    shape: [2, 8, 8, 3],
    layer: (scope, x) => patchEmbed(scope, x, { patchSize: 4, width: 8 }),
  },
  transformerBlock: {
    shape: [2, 5, 8],
    layer: (scope, x) =>
      transformerBlock(scope, x, { heads: 2, hidden: 16, layerScale: 0.5 }).tokens,
  },
  "transformerBlock, relative positions": {
    shape: [2, 7, 8],
    layer: (scope, x) =>
      transformerBlock(scope, x, {
        ...{ heads: 2, hidden: 16, qkvBias: "query-value", relativePositions: [2, 3] },
      }).tokens,
  },
  dropPath: { shape: [64, 3], layer: (scope, x) => dropPath(scope, x, 0.5) },
};

function worstDifference(a: Tensor, b: Tensor): number {
  return a.sub(b).abs().max().dataSync()[0]!;
}

for (const [name, { shape, layer }] of Object.entries(layers)) {
  Deno.test(`${name}: eager, graph and XLA agree, gradients included`, async () => {
    const specifications = describeParameters((scope, input) =>
      layer(scope, input({ shape }))
    );
    const drawn = initializeParameters(specifications, randomKey(1));
    const x = random.normal(randomKey(2), shape);
    const body = (parameters: Parameters, x: Tensor) => {
      const named = Object.entries({ ...parameters, x });
      const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
        const all = Object.fromEntries(
          named.map(([name], index) => [name, tensors[index]!]),
        );
        const y = layer(scope(all, randomKey(3)), all.x!);
        return y.mul(tf.range(0, y.size).reshape(y.shape).sin()).sum();
      })(named.map(([, tensor]) => tensor));
      return { value, grads };
    };
    const eager = body(drawn, x);
    for (const compiler of ["graph", "xla"] as const) {
      const compiled = jit(body, { compiler });
      const traced = await compiled(drawn, x);
      assertAlmostEquals(traced.value.dataSync()[0]!, eager.value.dataSync()[0]!, 1e-4);
      traced.grads.forEach((gradient, index) => {
        const difference = worstDifference(gradient, eager.grads[index]!);
        assert(
          difference < 1e-4,
          `gradient ${index} under ${compiler} differs by ${difference}`,
        );
      });
      compiled.dispose();
    }
  });
}

Deno.test("patchify() and unpatchify() are inverse", () => {
  const images = random.normal(randomKey(0), [2, 8, 12, 3]);
  const patches = patchify(images, 4);
  assertEquals(patches.shape, [2, 6, 48]);
  const back = unpatchify(patches, { rows: 2, columns: 3, patchSize: 4 });
  assertEquals(worstDifference(images, back), 0);
});

Deno.test("patchify() refuses an image that is no multiple of the patch", () => {
  assertThrows(() => patchify(tf.zeros([1, 10, 8, 3]), 4), Error, "10×8");
});

Deno.test("dropPath() keeps the mean, and does nothing outside training", () => {
  const x = tf.ones([4096, 1]);
  const dropped = dropPath(scope({}, randomKey(0)), x, 0.25);
  assertAlmostEquals(dropped.mean().dataSync()[0]!, 1, 0.05);
  assertEquals([...new Set(dropped.dataSync())].length, 2);
  assertEquals(worstDifference(dropPath(scope({}), x, 0.25), x), 0);
  assertThrows(() => dropPath(scope({}), x, 1), Error, "[0, 1)");
});

Deno.test("scope() names a parameter that is missing or of another shape", () => {
  const model = scope({ "head.weight": tf.zeros([3, 2]) });
  assertThrows(
    () => linear(model.at("neck"), tf.ones([1, 3]), 2),
    Error,
    '"neck.weight"',
  );
  assertThrows(() => linear(model.at("head"), tf.ones([1, 4]), 2), Error, "[3,2]");
});

Deno.test("initializeParameters() depends on key and name alone", () => {
  const one = describeParameters((scope, input) =>
    linear(scope.at("a"), input({ shape: [1, 4] }), 4)
  );
  const two = describeParameters((scope, input) => {
    const x = linear(scope.at("b"), input({ shape: [1, 4] }), 4);
    linear(scope.at("a"), x, 4);
  });
  const first = initializeParameters(one, randomKey(5))["a.weight"]!;
  const second = initializeParameters(two, randomKey(5))["a.weight"]!;
  assertEquals(worstDifference(first, second), 0);
  const other = initializeParameters(one, randomKey(6))["a.weight"]!;
  assert(worstDifference(first, other) > 0.01);
});
