import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { jit, type Tensor, tf } from "../../../lib/engine/mod.ts";
import {
  clipByGlobalNorm,
  globalNorm,
} from "../../../lib/trainers/optimizers/gradient_norm.ts";
import { lamb, type LambOptions } from "../../../lib/trainers/optimizers/lamb.ts";
import { sgd } from "../../../lib/trainers/optimizers/sgd.ts";

/** The change of `w` and of the undecayed `b` in the first step, with a learning rate of 1. */
function firstStep(
  options: LambOptions,
  [w, b]: [number[], number[]],
  gradients: [number[], number[]] = [[1, 1], [1, 1]],
): { w: number[]; b: number[] } {
  const groups = new Map([["b", { learningRateScale: 1, weightDecay: 0 }]]);
  const optimizer = lamb({ weightDecay: 0.5, groups, ...options });
  const parameters = { w: tf.tensor1d(w), b: tf.tensor1d(b) };
  const updated = optimizer.update({
    parameters,
    gradients: { w: tf.tensor1d(gradients[0]), b: tf.tensor1d(gradients[1]) },
    state: optimizer.initial(parameters),
    learningRate: 1,
    step: 1,
  });
  const change = (name: "w" | "b") =>
    Array.from(updated.parameters[name]!.sub(parameters[name]).dataSync());
  return { w: change("w"), b: change("b") };
}

function assertNear(actual: number[], expected: number[], tolerance = 1e-4): void {
  actual.forEach((value, index) =>
    assertAlmostEquals(value, expected[index]!, tolerance)
  );
}

Deno.test("lamb()'s step is as long as the parameter, and plain for an undecayed one", () => {
  // Adam's direction is (1, 1); with the decay it is (2.5, 3), and scaled to |w| = 5.
  const { w, b } = firstStep({}, [[3, 4], [3, 4]]);
  const length = Math.hypot(2.5, 3);
  assertNear(w, [-2.5 * 5 / length, -3 * 5 / length]);
  assertNear(b, [-1, -1]);
});

Deno.test("lamb() scales undecayed parameters on request, and can bound the scale", () => {
  const adapted = firstStep({ alwaysAdapt: true }, [[3, 4], [3, 4]]);
  assertNear(adapted.b, [-5 / Math.SQRT2, -5 / Math.SQRT2]);
  const clipped = firstStep({ trustClip: true }, [[3, 4], [3, 4]]);
  assertNear(clipped.w, [-2.5, -3]);
});

Deno.test("lamb() takes a plain step from zero weights", () => {
  assertNear(firstStep({}, [[0, 0], [0, 0]]).w, [-1, -1]);
});

Deno.test("lamb() shortens all gradients together, which the second step feels", () => {
  // Adam's first direction does not depend on the gradient's length; the moments do.
  const optimizer = lamb({ maximumGradientNorm: 1 });
  const unlimited = lamb({ maximumGradientNorm: Infinity });
  const parameters = { w: tf.tensor1d([0]), v: tf.tensor1d([0]) };
  const gradients = { w: tf.tensor1d([3]), v: tf.tensor1d([4]) };
  const moment = (chosen: typeof optimizer): number =>
    chosen.update({
      ...{ parameters, gradients, learningRate: 1, step: 1 },
      state: chosen.initial(parameters),
    }).state.firstMoment.w!.dataSync()[0]!;
  assertAlmostEquals(moment(optimizer), 0.1 * 3 / 5, 1e-6);
  assertAlmostEquals(moment(unlimited), 0.1 * 3, 1e-6);
  assertThrows(() => lamb({ maximumGradientNorm: 0 }), Error, "must be positive, got 0");
});

Deno.test("lamb() compiled equals lamb() eager over several steps", async () => {
  const optimizer = lamb({ weightDecay: 0.02 });
  type Given = Parameters<typeof optimizer.update>[0];
  const gradients = { w: tf.tensor2d([[1, -2], [0.5, 4]]) };
  const start: Record<string, Tensor> = { w: tf.tensor2d([[1, 2], [-3, 0.1]]) };
  const run = async (update: (given: Given) => unknown): Promise<number[]> => {
    let given = { parameters: start, state: optimizer.initial(start) };
    for (const step of [1, 2, 3]) {
      const rate = { learningRate: tf.scalar(0.1), step: tf.scalar(step) };
      given = await update({ ...given, gradients, ...rate }) as typeof given;
    }
    return Array.from(given.parameters.w!.dataSync());
  };
  const eager = await run(optimizer.update);
  for (const compiler of ["xla", "graph"] as const) {
    const compiled = jit(optimizer.update, { compiler });
    assertNear(await run(compiled as (given: Given) => unknown), eager, 1e-6);
    compiled.dispose();
  }
});

Deno.test("clipByGlobalNorm() shortens long gradients and leaves short ones", () => {
  const gradients = { w: tf.tensor2d([[3]]), b: tf.tensor1d([4]) };
  assertEquals(globalNorm(gradients).dataSync()[0], 5);
  const norm = (maximum: number) =>
    globalNorm(clipByGlobalNorm(gradients, maximum)).dataSync()[0]!;
  assertAlmostEquals(norm(1), 1, 1e-5);
  assertEquals(norm(7), 5);
  assertThrows(() => clipByGlobalNorm(gradients, 0), Error, "positive norm, got 0");
});

Deno.test("sgd() with decay, momentum and Nesterov follows PyTorch's formula", () => {
  const optimizer = sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.1 });
  let parameters: Record<string, Tensor> = { w: tf.tensor1d([1, -2]) };
  let state = optimizer.initial(parameters);
  const gradient = [0.5, 0.25];
  const expected = [1, -2];
  const momentum = [0, 0];
  for (const [index, learningRate] of [0.1, 0.1, 0.05].entries()) {
    const gradients = { w: tf.tensor1d(gradient) };
    const step = index + 1;
    const input = { parameters, gradients, state, learningRate, step };
    ({ parameters, state } = optimizer.update(input));
    expected.forEach((value, place) => {
      const direction = gradient[place]! + 0.1 * value;
      momentum[place] = 0.9 * momentum[place]! + direction;
      expected[place] = value - learningRate * (direction + 0.9 * momentum[place]!);
    });
    assertNear(Array.from(parameters.w!.dataSync()), expected, 1e-6);
  }
});
