import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { disposeTree, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { zeros } from "../../lib/nn/initializers.ts";
import { linear } from "../../lib/nn/linear.ts";
import { describeParameters, type Scope } from "../../lib/nn/scope.ts";
import type { TensorTree } from "../../lib/trainers/checkpoint.ts";
import {
  averagedParametersOf,
  gradientJob,
  type Optimization,
  parametersOf,
} from "../../lib/trainers/gradient_job.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { train } from "../../lib/trainers/training_loop.ts";

/** A line with a running mean of its results, as batch norm has. */
function model(scope: Scope, x: Tensor): Tensor {
  const options = { initial: zeros, trainable: false };
  const mean = scope.parameter("running_mean", [1], options);
  const y = linear(scope, x, 1);
  if (scope.training) scope.update("running_mean", mean.mul(0.5).add(y.mean().mul(0.5)));
  return y;
}

type Line = { x: Tensor; y: Tensor };

function lineJob(changes: Partial<Optimization>) {
  return gradientJob<Line>({
    phase: "line",
    seed: 0,
    specifications: describeParameters((scope, input) =>
      model(scope, input({ shape: [2, 1] }))
    ),
    start: { weight: tf.zeros([1, 1]), bias: tf.zeros([1]) },
    optimization: {
      ...{ learningRate: 0.1, steps: 200, batchSize: 2, groups: new Map() },
      ...changes,
    },
    batch: () => ({ x: tf.tensor2d([[0], [1]]), y: tf.tensor2d([[1], [3]]) }),
    loss: (scope, { x, y }) => model(scope, x).sub(y).square().mean(),
  });
}

function numbersOf(parameters: Record<string, Tensor>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, value.dataSync()[0]!]),
  );
}

/** Steps without a loop, eagerly. */
function stepEagerly(changes: Partial<Optimization>, steps: number): TensorTree {
  const job = lineJob(changes);
  let state = job.initial();
  for (let step = 0; step < steps; step++) {
    const inputs = {
      learningRate: tf.scalar(job.learningRate(step)),
      step: tf.scalar(step + 1),
      key: randomKey(step),
    };
    ({ state } = job.step(state, job.batch(step) as Line, inputs));
  }
  return state;
}

const optimizers: [string, Partial<Optimization>][] = [
  ["adamw", { optimizer: { kind: "adamw", betas: [0.9, 0.999] } }],
  ["lamb", { optimizer: { kind: "lamb", maximumGradientNorm: Infinity } }],
  ["sgd", { optimizer: { kind: "sgd", nesterov: true }, learningRate: 0.05 }],
  ["lars", { optimizer: { kind: "lars", trustCoefficient: 0.1 } }],
  ["lars-mmpretrain", {
    optimizer: { kind: "lars-mmpretrain", exclude: () => true },
    learningRate: 0.05,
  }],
];
for (const [name, changes] of optimizers) {
  Deno.test(`gradientJob() fits a line with ${name}`, async () => {
    const state = await train(lineJob(changes), { progress: noProgress });
    const { weight, bias } = numbersOf(parametersOf(state));
    assertAlmostEquals(weight!, 2, 0.05);
    assertAlmostEquals(bias!, 1, 0.05);
    disposeTree(state);
  });
}

Deno.test("gradientJob() takes AdamW with MAE's betas where nothing is said", () => {
  const states = [
    {},
    { optimizer: { kind: "adamw" } },
    { optimizer: { kind: "adamw", betas: [0.9, 0.95] } },
    { betas: [0.9, 0.95] },
  ].map((changes) => stepEagerly(changes as Partial<Optimization>, 3));
  const [first, ...others] = states.map((state) => numbersOf(parametersOf(state)));
  for (const other of others) assertEquals(other, first);
  const different = stepEagerly({ betas: [0.5, 0.95] }, 3);
  assert(numbersOf(parametersOf(different)).weight !== first!.weight);
});

Deno.test("gradientJob() lists the optimisers when there is none of a kind", () => {
  assertThrows(
    () => lineJob({ optimizer: { kind: "adam" } as never }),
    Error,
    'no optimiser of the kind "adam": there are adamw, lamb, sgd, lars, lars-mmpretrain',
  );
});

Deno.test("gradientJob() clips all gradients together", () => {
  const optimizer = { kind: "sgd", momentum: 0 } as const;
  const schedule = { kind: "constant" } as const;
  const changes = { optimizer, schedule, maximumGradientNorm: 1, learningRate: 1 };
  const { weight, bias } = numbersOf(parametersOf(stepEagerly(changes, 1)));
  assertAlmostEquals(Math.hypot(weight!, bias!), 1, 1e-5);
  assertAlmostEquals(weight! / bias!, 3 / 4, 1e-5); // of the gradients (-3, -4)
});

Deno.test("gradientJob() keeps a moving average of all, or of what is trained", () => {
  const schedule = { kind: "constant" } as const;
  const optimizer = { kind: "sgd", momentum: 0 } as const;
  const options = { schedule, optimizer };
  const after = [0, 1, 2].map((steps) =>
    numbersOf(parametersOf(stepEagerly(options, steps)))
  );
  const averaged = (name: string): number =>
    after.slice(1).reduce(
      (average, values) => 0.75 * average + 0.25 * values[name]!,
      after[0]![name]!,
    );
  const whole = stepEagerly({ ...options, ema: { momentum: 0.75 } }, 2);
  assertEquals(numbersOf(parametersOf(whole)), after[2]);
  for (const [name, value] of Object.entries(numbersOf(averagedParametersOf(whole)))) {
    assertAlmostEquals(value, averaged(name), 1e-6, name);
  }
  const ema = { momentum: 0.75, of: "parameters" } as const;
  const trained = stepEagerly({ ...options, ema }, 2);
  assertEquals(Object.keys(trained.ema as TensorTree), ["weight", "bias"]);
  const evaluated = numbersOf(averagedParametersOf(trained));
  assertEquals(evaluated.running_mean, after[2]!.running_mean);
  assertAlmostEquals(evaluated.weight!, averaged("weight"), 1e-6);
});

Deno.test("gradientJob() compiled equals gradientJob() eager with everything on", async () => {
  const changes: Partial<Optimization> = {
    steps: 6,
    optimizer: { kind: "lamb" },
    schedule: { kind: "milestones", milestones: [4] },
    maximumGradientNorm: 2,
    ema: { momentum: 0.9, warmup: { kind: "linear", steps: 3, ratio: 0.9 } },
  };
  const compiled = await train(lineJob(changes), { progress: noProgress });
  const eager = stepEagerly(changes, 6);
  for (const part of [parametersOf, averagedParametersOf]) {
    const wanted = numbersOf(part(eager));
    for (const [name, value] of Object.entries(numbersOf(part(compiled)))) {
      assertAlmostEquals(value, wanted[name]!, 1e-6, name);
    }
  }
  disposeTree(compiled);
});
