import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Between } from "../../lib/backbones/between.ts";
import {
  resnet,
  type ResnetConfiguration,
  resnetStride,
  type ResnetVariant,
  resnetVariant,
} from "../../lib/backbones/resnet.ts";
import { jit, random, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { convolution } from "../../lib/nn/convolution.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
  type ParameterSpecification,
  scope,
} from "../../lib/nn/scope.ts";

const tiny: ResnetConfiguration = {
  ...{ depths: [1, 2, 1], stemChannels: 8, baseChannels: 2, expansion: 4 },
};

function specificationsOf(
  configuration: ResnetConfiguration,
): Map<string, ParameterSpecification> {
  return describeParameters((scope, input) =>
    resnet(scope, input({ shape: [1, 32, 32, 3] }), configuration)
  );
}

function drawn(configuration = tiny): Parameters {
  return initializeParameters(specificationsOf(configuration), randomKey(0));
}

function worstDifference(a: Tensor, b: Tensor): number {
  return a.sub(b).abs().max().dataSync()[0]!;
}

Deno.test("resnet() names its maps, whose sides shrink by half", () => {
  const { stem, stages, pooled } = resnet(scope(drawn()), tf.ones([2, 64, 32, 3]), tiny);
  assertEquals(stem.shape, [2, 16, 8, 8]);
  assertEquals(stages.map(({ shape }) => shape), [
    ...[[2, 16, 8, 8], [2, 8, 4, 16], [2, 4, 2, 32]],
  ]);
  assertEquals(resnetStride(tiny), 16);
  assertEquals(worstDifference(pooled, stages[2]!.mean([1, 2])), 0);
});

Deno.test("resnet() projects the identity only where shapes differ", () => {
  const projected = [...specificationsOf(tiny).keys()].filter((name) =>
    name.endsWith("downsample.0.weight")
  );
  assertEquals(projected, [
    "layer2.0.downsample.0.weight", // layer1 takes 8 channels and gives 2 · 4
    "layer3.0.downsample.0.weight",
  ]);
  const wider = specificationsOf({ ...tiny, stemChannels: 6 });
  assert(wider.has("layer1.0.downsample.0.weight"));
});

Deno.test("resnet() starts with blocks that hand on, unless asked otherwise", () => {
  const x = random.normal(randomKey(1), [2, 32, 32, 3]);
  const { stem, stages } = resnet(scope(drawn()), x, tiny);
  assertEquals(worstDifference(stages[0]!, stem), 0);
  const torchvision = { ...tiny, zeroInitialResidual: false };
  const other = resnet(scope(drawn(torchvision)), x, torchvision);
  assert(worstDifference(other.stages[0]!, other.stem) > 0.01);
});

Deno.test("resnet() asks `between` before each stage, and goes on with its map", () => {
  const seen: [number, number[]][] = [];
  const x = random.normal(randomKey(1), [2, 32, 32, 3]);
  const between: Between = (map, layer) => {
    seen.push([layer, map.shape]);
    return layer === 2 ? map.mul(0) : map;
  };
  const parameters = drawn();
  const changed = resnet(scope(parameters), x, { ...tiny, between });
  assertEquals(seen, [[0, [2, 8, 8, 8]], [1, [2, 8, 8, 8]], [2, [2, 4, 4, 16]]]);
  const plain = resnet(scope(parameters), x, tiny);
  assertEquals(worstDifference(changed.stages[1]!, plain.stages[1]!), 0);
  assertEquals(changed.stages[2]!.abs().max().dataSync()[0], 0);
});

Deno.test("resnet() strides in the 3×3 convolution, or in the first as in the paper", () => {
  const x = random.normal(randomKey(1), [1, 32, 32, 3]);
  const free = { ...tiny, zeroInitialResidual: false };
  const parameters = drawn(free);
  const later = resnet(scope(parameters), x, free);
  const first = resnet(scope(parameters), x, { ...free, strideAt: "conv1" });
  assertEquals(first.pooled.shape, later.pooled.shape);
  assert(worstDifference(first.pooled, later.pooled) > 1e-4);
});

Deno.test("resnet() drops paths in training, the more the deeper", () => {
  const free = { ...tiny, zeroInitialResidual: false, frozenStatistics: true };
  const x = random.normal(randomKey(1), [8, 32, 32, 3]);
  const parameters = drawn(free);
  const updates: Parameters = {};
  const plain = resnet(scope(parameters), x, free);
  const dropped = resnet(scope(parameters, randomKey(2), updates), x, {
    ...free,
    dropPathRate: 0.9,
  });
  assertEquals(worstDifference(dropped.stages[0]!, plain.stages[0]!), 0); // rate 0
  assert(worstDifference(dropped.stages[2]!, plain.stages[2]!) > 0.01);
  assertEquals(Object.keys(updates), []); // frozen statistics
});

Deno.test("resnet() in training: graph and eager agree, gradients and statistics too", async () => {
  const specifications = specificationsOf({ ...tiny, zeroInitialResidual: false });
  const parameters = initializeParameters(specifications, randomKey(0));
  const trained = [...specifications].flatMap(([name, { trainable }]) =>
    trainable ? [name] : []
  );
  const x = random.normal(randomKey(1), [3, 32, 32, 3]);
  const body = (parameters: Parameters, x: Tensor) => {
    const updates: Parameters = {};
    const gradients = tf.grads((...tensors: Tensor[]) => {
      const changed = Object.fromEntries(trained.map((name, i) => [name, tensors[i]!]));
      const training = scope({ ...parameters, ...changed }, randomKey(2), updates);
      const { pooled } = resnet(training, x, tiny);
      for (const tensor of Object.values(updates)) tf.keep(tensor);
      return pooled.square().sum();
    })(trained.map((name) => parameters[name]!));
    return { gradients, updates };
  };
  const eager = body(parameters, x);
  const compiled = jit(body, { compiler: "graph" });
  const { gradients, updates } = await compiled(parameters, x);
  gradients.forEach((gradient, index) => {
    const expected = eager.gradients[index]!;
    const scale = expected.abs().max().dataSync()[0]!;
    assert(worstDifference(gradient, expected) < 1e-3 * scale + 1e-5, trained[index]);
  });
  const statistics = [...specifications.keys()].filter((name) => !trained.includes(name));
  assertEquals(Object.keys(updates).sort(), statistics.sort());
  for (const [name, value] of Object.entries(updates)) {
    assert(worstDifference(value, eager.updates[name]!) < 1e-4, name);
  }
  compiled.dispose();
});

Deno.test("resnet() hands epsilon and momentum to every norm", () => {
  const norm = { epsilon: 0.5, momentum: 0.25 };
  const parameters = drawn();
  const x = random.normal(randomKey(1), [2, 32, 32, 3]);
  const run = (configuration: ResnetConfiguration) => {
    const updates: Parameters = {};
    const training = scope(parameters, randomKey(2), updates);
    return { ...resnet(training, x, configuration), updates };
  };
  const [plain, changed] = [run(tiny), run({ ...tiny, norm })];
  assert(worstDifference(plain.pooled, changed.pooled) > 1e-3);
  const mean = "layer1.0.bn1.running_mean"; // starts at 0, and its input's epsilon changed
  const first = "bn1.running_mean";
  const ratio = changed.updates[first]!.div(plain.updates[first]!);
  assert(worstDifference(ratio, tf.fill([8], 2.5)) < 1e-3);
  assert(worstDifference(plain.updates[mean]!, changed.updates[mean]!) > 1e-4);
});

const basic: ResnetConfiguration = {
  ...{ depths: [1, 2], block: "basic", stemChannels: 8, baseChannels: 8 },
};

Deno.test("resnet() has torchvision's basic blocks, with two convolutions of 3×3", () => {
  const specifications = specificationsOf(basic);
  const convolutions = [...specifications]
    .filter(([name]) => /layer.*(conv\d|downsample\.0)\.weight/.test(name))
    .map(([name, { shape }]) => [name, ...shape]); // height, width, inputs, outputs
  assertEquals(convolutions, [
    ["layer1.0.conv1.weight", 3, 3, 8, 8],
    ["layer1.0.conv2.weight", 3, 3, 8, 8],
    ["layer2.0.conv1.weight", 3, 3, 8, 16],
    ["layer2.0.conv2.weight", 3, 3, 16, 16],
    ["layer2.0.downsample.0.weight", 1, 1, 8, 16],
    ["layer2.1.conv1.weight", 3, 3, 16, 16],
    ["layer2.1.conv2.weight", 3, 3, 16, 16],
  ]);
  const x = random.normal(randomKey(1), [2, 32, 32, 3]);
  const { stem, stages } = resnet(scope(drawn(basic)), x, basic);
  assertEquals(stages.map(({ shape }) => shape), [[2, 8, 8, 8], [2, 4, 4, 16]]);
  assertEquals(worstDifference(stages[0]!, stem), 0); // starts as the identity
});

Deno.test("resnet() computes a basic block as its formula says", () => {
  const configuration = { ...basic, depths: [1], zeroInitialResidual: false };
  const parameters = drawn(configuration);
  const x = random.normal(randomKey(1), [2, 32, 32, 3]);
  const { stem, stages } = resnet(scope(parameters), x, configuration);
  const convolve = (map: Tensor, name: string): Tensor =>
    convolution(scope({ weight: parameters[name]! }), map, {
      ...{ filters: 8, kernel: 3, padding: 1, bias: false },
    }).div(Math.sqrt(1 + 1e-5)); // a batch norm that has seen nothing
  const inner = convolve(stem, "layer1.0.conv1.weight").relu();
  const expected = convolve(inner, "layer1.0.conv2.weight").add(stem).relu();
  assert(worstDifference(stages[0]!, expected) < 1e-5);
});

Deno.test("resnet() keeps the images' size in a full-size stem", () => {
  const configuration = { ...basic, stem: "full-size" } as const;
  assertEquals(resnetStride(configuration), 2);
  const x = random.normal(randomKey(1), [1, 12, 12, 3]);
  const parameters = drawn(configuration);
  assertEquals(parameters["conv1.weight"]!.shape, [3, 3, 3, 8]);
  const { stages } = resnet(scope(parameters), x, configuration);
  assertEquals(stages.map(({ shape }) => shape), [[1, 12, 12, 8], [1, 6, 6, 16]]);
});

Deno.test("resnetVariant() lists what there is", () => {
  assertThrows(
    () => resnetVariant(20 as ResnetVariant),
    Error,
    "Unknown ResNet 20: there are 18, 34, 50, 101, 152, 200",
  );
});

Deno.test("resnet() refuses what makes no ResNet, before computing anything", () => {
  const refuses = (
    changes: Partial<ResnetConfiguration>,
    message: string,
    shape = [1, 32, 32, 3],
  ) =>
    assertThrows(
      () => resnet(scope({}), tf.zeros(shape), { ...tiny, ...changes }),
      Error,
      message,
    );
  refuses({ depths: [] }, "its depths are []");
  refuses({ depths: [1, 0] }, "depth of stage 1 must be a whole number from 1, got 0");
  refuses({ baseChannels: 2.5 }, "baseChannels must be a whole number from 1, got 2.5");
  refuses({ expansion: 0 }, "expansion");
  refuses({ block: "basic" }, "Basic blocks have an expansion of 1, got 4");
  refuses({ block: "basic", expansion: 1, strideAt: "conv2" }, "first convolution");
  refuses({ dropPathRate: 1 }, "[0, 1), got 1");
  refuses({}, "(B, H, W, C), got [32,32,3]", [32, 32, 3]);
});

Deno.test("resnet() takes any size, but for a mask only whole cells", () => {
  const parameters = drawn();
  const x = tf.zeros([1, 40, 32, 3]);
  assertEquals(resnet(scope(parameters), x, tiny).stages[2]!.shape, [1, 3, 2, 32]);
  assertThrows(
    () => resnet(scope(parameters), x, { ...tiny, between: (map) => map }),
    Error,
    "40×32 cannot be masked in a ResNet of 3 stages: use a size that is a multiple of 16",
  );
});
