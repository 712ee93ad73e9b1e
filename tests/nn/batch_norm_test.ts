import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertThrows,
} from "@std/assert";
import {
  disposeTree,
  jit,
  memory,
  random,
  randomKey,
  type Tensor,
  tf,
} from "../../lib/engine/mod.ts";
import { batchNorm, type BatchNormOptions } from "../../lib/nn/batch_norm.ts";
import {
  describeParameters,
  type Parameters,
  type Scope,
  scope,
} from "../../lib/nn/scope.ts";

const width = 4;

function parameters(): Parameters {
  return {
    weight: random.normal(randomKey(1), [width]),
    bias: random.normal(randomKey(2), [width]),
    running_mean: random.normal(randomKey(3), [width]),
    running_var: random.uniform(randomKey(4), [width]).add(0.5),
    num_batches_tracked: tf.scalar(7),
  };
}

function worstDifference(a: Tensor, b: Tensor): number {
  assertEquals(a.shape, b.shape);
  return a.sub(b).abs().max().dataSync()[0]!;
}

const trained = ["weight", "bias"];
const gradientNames = ["x", ...trained];

interface Outcome {
  output: Tensor;
  gradients: Tensor[];
  updates: Parameters;
}

/** Forward, backward and what is taken down, by some formula. */
function outcome(
  normalize: (scope: Scope, x: Tensor) => Tensor,
  given: Parameters,
  x: Tensor,
  training: boolean,
): Outcome {
  let updates: Parameters = {};
  const run = (tensors: Tensor[]): Tensor => {
    updates = {};
    const [x, weight, bias] = tensors as [Tensor, Tensor, Tensor];
    const key = training ? randomKey(0) : undefined;
    return normalize(scope({ ...given, weight, bias }, key, updates), x);
  };
  const inputs = [x, given.weight!, given.bias!];
  const gradients = tf.grads((...tensors: Tensor[]) => {
    const y = run(tensors);
    return y.mul(tf.range(0, y.size).reshape(y.shape).sin()).sum();
  })(inputs);
  return { output: run(inputs), gradients, updates };
}

/** The definition, differentiated by the tape. */
function written(
  scope: Scope,
  x: Tensor,
  { momentum = 0.1, epsilon = 1e-5 } = {},
): Tensor {
  const find = (name: string): Tensor =>
    scope.parameter(name, name === "num_batches_tracked" ? [] : [width], {
      initial: (_, shape) => tf.zeros(shape),
    });
  let mean = find("running_mean");
  let variance = find("running_var");
  if (scope.training) {
    const count = x.size / width;
    const axes = x.shape.slice(1).map((_, axis) => axis);
    const batch = tf.moments(x, axes);
    const move = (running: Tensor, now: Tensor): Tensor =>
      running.mul(1 - momentum).add(now.mul(momentum));
    scope.update("running_mean", move(mean, batch.mean));
    scope.update(
      "running_var",
      move(variance, batch.variance.mul(count / (count - 1))),
    );
    scope.update("num_batches_tracked", find("num_batches_tracked").add(1));
    ({ mean, variance } = batch);
  }
  return x.sub(mean).div(variance.add(epsilon).sqrt()).mul(find("weight"))
    .add(find("bias"));
}

function assertSame(actual: Outcome, expected: Outcome, tolerance: number): void {
  assert(worstDifference(actual.output, expected.output) < tolerance, "output");
  actual.gradients.forEach((gradient, index) => {
    const difference = worstDifference(gradient, expected.gradients[index]!);
    assert(difference < tolerance, `gradient of ${gradientNames[index]}: ${difference}`);
  });
  assertEquals(Object.keys(actual.updates), Object.keys(expected.updates));
  for (const [name, value] of Object.entries(actual.updates)) {
    const difference = worstDifference(value, expected.updates[name]!);
    assert(difference < tolerance, `${name}: ${difference}`);
  }
}

const shapes = [[3, 5, 2, width], [6, width], [2, 7, width]];

for (const training of [true, false]) {
  for (const shape of shapes) {
    const how = training ? "in training" : "with running statistics";
    Deno.test(`batchNorm() of [${shape}] ${how} is the definition, compiled too`, async () => {
      const given = parameters();
      const x = random.normal(randomKey(5), shape).mul(2).add(3);
      const expected = outcome(written, given, x, training);
      assertSame(outcome(batchNorm, given, x, training), expected, 1e-4);
      for (const compiler of ["graph", "xla"] as const) {
        const compiled = jit(
          (given: Parameters, x: Tensor) => ({
            ...outcome(batchNorm, given, x, training),
          }),
          { compiler },
        );
        assertSame(await compiled(given, x), expected, 1e-4);
        compiled.dispose();
      }
    });
  }
}

Deno.test("batchNorm() keeps its digits where the mean is large, under XLA too", async () => {
  const given = parameters();
  const x = random.normal(randomKey(5), [8, 4, 4, width]).add(1000);
  const expected = tf.tidy(() => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return x.sub(mean).div(variance.sqrt()).mul(given.weight!).add(given.bias!);
  });
  for (const compiler of ["graph", "xla"] as const) {
    const compiled = jit(
      (given: Parameters, x: Tensor) => batchNorm(scope(given, randomKey(0)), x),
      { compiler },
    );
    const difference = worstDifference(await compiled(given, x), expected);
    assert(difference < 2e-3, `${compiler}: ${difference}`);
    compiled.dispose();
  }
});

Deno.test("batchNorm() moves by its momentum, with the unbiased variance", () => {
  const updates: Parameters = {};
  const given = {
    running_mean: tf.tensor1d([100]),
    running_var: tf.tensor1d([10]),
    num_batches_tracked: tf.scalar(0),
  };
  const options: BatchNormOptions = { affine: false, momentum: 0.25 };
  const training = scope(given, randomKey(0), updates);
  const y = batchNorm(training, tf.tensor2d([[1], [3]]), options);
  assertAlmostEquals(y.dataSync()[0]!, -1, 1e-4);
  assertEquals(updates.running_mean!.dataSync()[0], 75.5); // ¾ · 100 + ¼ · 2
  assertEquals(updates.running_var!.dataSync()[0], 8); // ¾ · 10 + ¼ · 2
});

Deno.test("batchNorm() leaves frozen statistics in training, and trains its weight", () => {
  const given = parameters();
  const x = random.normal(randomKey(5), [6, width]);
  const frozen = outcome(
    (scope, x) => batchNorm(scope, x, { training: false }),
    given,
    x,
    true,
  );
  assertSame(frozen, outcome(written, given, x, false), 1e-4);
  assertGreater(frozen.gradients[1]!.abs().max().dataSync()[0]!, 0);
});

Deno.test("batchNorm() declares PyTorch's parameters, and which of them train", () => {
  const described = (options: BatchNormOptions) =>
    [...describeParameters((scope, input) =>
      batchNorm(scope.at("bn"), input({ shape: [1, 2, 2, width] }), options)
    )].map(([name, { shape, trainable }]) => `${name} [${shape}] ${trainable}`);
  const statistics = [
    "bn.running_mean [4] false",
    "bn.running_var [4] false",
    "bn.num_batches_tracked [] false",
  ];
  assertEquals(described({}), [
    ...["bn.weight [4] true", "bn.bias [4] true"],
    ...statistics,
  ]);
  assertEquals(described({ affine: false }), statistics);
});

Deno.test("batchNorm() refuses a batch that has no variance", () => {
  const training = scope(parameters(), randomKey(0));
  assertThrows(
    () => batchNorm(training, tf.zeros([1, 1, 1, width])),
    Error,
    "[1,1,1,4] has one value for each channel",
  );
  assertEquals(batchNorm(scope(parameters()), tf.zeros([1, width])).shape, [1, width]);
});

Deno.test("batchNorm() leaks nothing eagerly, with or without a gradient", () => {
  const given = parameters();
  const x = random.normal(randomKey(5), [6, 1, 1, width]);
  const run = (): void => {
    disposeTree(batchNorm(scope(given), x));
    disposeTree(
      tf.grads((x: Tensor, weight: Tensor) =>
        batchNorm(scope({ ...given, weight }, randomKey(0)), x).square().mean()
      )([x, given.weight!]),
    );
  };
  run(); // tfjs hands values to TensorFlow when they are first used
  const before = memory();
  run();
  const { tensors, handles } = memory();
  assertEquals({ tensors, handles }, {
    tensors: before.tensors,
    handles: before.handles,
  });
});
