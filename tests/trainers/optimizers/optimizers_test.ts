import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { jit, type Tensor, tf } from "../../../lib/engine/mod.ts";
import { adamW } from "../../../lib/trainers/optimizers/adamw.ts";
import { larsOfMae, larsOfMmpretrain } from "../../../lib/trainers/optimizers/lars.ts";
import type { Optimizer } from "../../../lib/trainers/optimizers/optimizer.ts";
import { sgd } from "../../../lib/trainers/optimizers/sgd.ts";

/** The values of `w` after each of some updates with the same gradient. */
function trajectory<Moment extends string>(
  optimizer: Optimizer<Moment>,
  start: Tensor,
  gradient: Tensor,
  learningRates: number[],
): number[][] {
  let parameters: Record<string, Tensor> = { w: start };
  let state = optimizer.initial(parameters);
  return learningRates.map((learningRate, index) => {
    const gradients = { w: gradient };
    const step = index + 1;
    const input = { parameters, gradients, state, learningRate, step };
    ({ parameters, state } = optimizer.update(input));
    return Array.from(parameters.w!.dataSync());
  });
}

function assertNear(actual: number[], expected: number[], tolerance = 1e-6): void {
  assertEquals(actual.length, expected.length);
  actual.forEach((value, index) =>
    assertAlmostEquals(value, expected[index]!, tolerance)
  );
}

Deno.test("adamW() takes a first step of one learning rate, after the decay", () => {
  const optimizer = adamW({ weightDecay: 0.5 });
  const [first] = trajectory(optimizer, tf.tensor1d([1, 1]), tf.tensor1d([1e-3, -20]), [
    0.1,
  ]);
  assertNear(first!, [1 - 0.05 - 0.1, 1 - 0.05 + 0.1], 1e-5);
});

Deno.test("adamW() keeps the precision of its bias correction at the first steps", () => {
  // With g = 1 throughout both corrected moments are 1 exactly, so every step is η / (1 + ε).
  const steps = trajectory(adamW(), tf.tensor1d([0]), tf.tensor1d([1]), Array(5).fill(1));
  steps.forEach(([value], index) => assertAlmostEquals(value!, -(index + 1), 3e-6));
});

Deno.test("sgd() accumulates momentum as PyTorch does", () => {
  const run = (optimizer: Optimizer<"momentum">) =>
    trajectory(optimizer, tf.tensor1d([1]), tf.tensor1d([1]), [0.1, 0.1]).flat();
  assertNear(run(sgd({ momentum: 0.9 })), [0.9, 0.9 - 0.19]);
  assertNear(run(sgd({ momentum: 0.9, nesterov: true })), [1 - 0.19, 1 - 0.19 - 0.271]);
  assertNear(run(sgd({ momentum: 0, weightDecay: 1 })), [0.8, 0.8 - 0.18]);
});

Deno.test("larsOfMae() scales matrices by |p| / |g| and leaves vectors alone", () => {
  const optimizer = larsOfMae({ trustCoefficient: 0.01 });
  const matrix = trajectory(optimizer, tf.tensor2d([[3, 4]]), tf.tensor2d([[0, 2]]), [1]);
  assertNear(matrix[0]!, [3, 4 - 0.01 * 5]);
  const vector = trajectory(optimizer, tf.tensor1d([3, 4]), tf.tensor1d([0, 2]), [1]);
  assertNear(vector[0]!, [3, 2]);
});

Deno.test("larsOfMae() takes a plain step from zero weights and from zero gradients", () => {
  const zero = tf.zeros([1, 2]);
  const optimizer = larsOfMae();
  assertNear(trajectory(optimizer, zero, tf.ones([1, 2]), [0.5])[0]!, [-0.5, -0.5]);
  assertNear(trajectory(optimizer, tf.ones([1, 2]), zero, [0.5])[0]!, [1, 1]);
});

Deno.test("larsOfMmpretrain() has the learning rate inside its momentum", () => {
  // The same scaled direction d each time: with rates 1, 0 the second step is 0.9 d, not 0.
  const options = { trustCoefficient: 0.01, exclude: () => true };
  const start = tf.tensor1d([0]);
  const steps = trajectory(larsOfMmpretrain(options), start, tf.tensor1d([1]), [1, 0]);
  assertNear(steps.flat(), [-1, -1.9]);
  const scaled = larsOfMmpretrain({ trustCoefficient: 0.01 });
  assertNear(trajectory(scaled, tf.tensor1d([2]), tf.tensor1d([4]), [1])[0]!, [2 - 0.02]);
});

Deno.test("an optimiser follows the groups, and leaves what has no gradient", () => {
  const groups = new Map([
    ["slow", { learningRateScale: 0.5, weightDecay: 0 }],
    ["decayed", { learningRateScale: 1, weightDecay: 1 }],
  ]);
  const optimizer = sgd({ momentum: 0, groups, weightDecay: 0 });
  const names = ["slow", "decayed", "other", "frozen"];
  const parameters = Object.fromEntries(names.map((name) => [name, tf.ones([1])]));
  const gradients = { slow: tf.ones([1]), decayed: tf.ones([1]), other: tf.ones([1]) };
  const { parameters: updated } = optimizer.update({
    parameters,
    gradients,
    state: optimizer.initial(parameters),
    learningRate: 0.1,
    step: 1,
  });
  assertNear(names.map((name) => updated[name]!.dataSync()[0]!), [0.95, 0.8, 0.9, 1]);
  assertEquals(updated.frozen, parameters.frozen);
});

Deno.test("an optimiser records once for all steps and learning rates", async () => {
  const optimizer = adamW({ weightDecay: 0.05 });
  let recordings = 0;
  for (const compiler of ["xla", "graph"] as const) {
    recordings = 0;
    const update = jit((input: Parameters<typeof optimizer.update>[0]) => {
      recordings++;
      return optimizer.update(input);
    }, { compiler });
    const gradients = { w: tf.tensor2d([[1, -2]]) };
    const start: Record<string, Tensor> = { w: tf.tensor2d([[1, 2]]) };
    let given = { parameters: start, state: optimizer.initial(start) };
    for (const [index, rate] of [0.1, 0.2, 0.05].entries()) {
      given = await update({
        ...given,
        gradients,
        learningRate: tf.scalar(rate),
        step: tf.scalar(index + 1, "int32"),
      });
    }
    const eager = trajectory(optimizer, start.w!, gradients.w, [0.1, 0.2, 0.05]);
    assertNear(Array.from(given.parameters.w!.dataSync()), eager[2]!);
    assertEquals(recordings, 1, compiler);
    update.dispose();
  }
});

Deno.test("an optimiser names a gradient that it has no parameter or state for", () => {
  const optimizer = adamW();
  const parameters = { w: tf.ones([1]) };
  const state = optimizer.initial(parameters);
  const shared = { learningRate: 0.1, step: 1 };
  assertThrows(
    () =>
      optimizer.update({ parameters, gradients: { v: tf.ones([1]) }, state, ...shared }),
    Error,
    'There is a gradient for "v", which is no parameter',
  );
  const more = { ...parameters, v: tf.ones([1]) };
  assertThrows(
    () => optimizer.update({ parameters: more, gradients: more, state, ...shared }),
    Error,
    'has no firstMoment for "v": make it with initial()',
  );
});
