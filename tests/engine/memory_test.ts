/** A thousand training steps leave nothing behind, neither in JavaScript nor in TensorFlow. */
import { assert, assertEquals } from "@std/assert";
import { gatherTokens } from "../../lib/engine/gather.ts";
import { jit } from "../../lib/engine/jit.ts";
import { memory } from "../../lib/engine/memory.ts";
import { random } from "../../lib/engine/random.ts";
import { foldIn, randomKey } from "../../lib/engine/random_key.ts";
import { type Tensor, tf } from "../../lib/engine/tensorflow.ts";

const batch = 8;
const steps = 1000;
const warmUp = 200;
// Main memory without JavaScript's heap, which is only collected now and then. Native memory breathes
// too: a leaked operation of 100 bytes, 100 times per step, would be 10 MiB, a leaked step far more.
const allowedGrowth = 24 * 2 ** 20;

function nativeBytes(): number {
  const { rss, heapTotal } = Deno.memoryUsage();
  return rss - heapTotal;
}

interface State {
  weight: Tensor;
  momentum: Tensor;
  step: Tensor;
}

function initialState(): State {
  return {
    weight: tf.fill([16, 16], 0.1),
    momentum: tf.zeros([16, 16]),
    step: tf.scalar(0, "int32"),
  };
}

/** Two of four tokens, drawn anew at each step. */
function drawnIds(step: Tensor): Tensor {
  const key = foldIn(randomKey(1), step);
  return random.permutation(key, batch, 4).slice([0, 0], [batch, 2]);
}

/** The same two tokens: a draw is 200 operations, too slow for a thousand eager ones. */
function fixedIds(): Tensor {
  return tf.tile(tf.tensor2d([[2, 0]], [1, 2], "int32"), [batch, 1]);
}

/** A step with what a real one has: numbers, a gather, a gradient, an update. */
function trainingStep(
  state: State,
  x: Tensor,
  idsOf: (step: Tensor) => Tensor,
): { state: State; loss: Tensor } {
  const ids = idsOf(state.step);
  const loss = (weight: Tensor): Tensor => {
    const tokens = gatherTokens(x, ids).reshape([batch * 2, 16]);
    return tf.mean(tf.square(tf.sub(tf.tanh(tf.matMul(tokens, weight)), tokens)));
  };
  const { value, grad } = tf.valueAndGrad(loss)(state.weight);
  const momentum = state.momentum.mul(0.9).add(grad);
  const weight = state.weight.sub(momentum.mul(0.1));
  return {
    state: { weight, momentum, step: state.step.add(tf.scalar(1, "int32")) },
    loss: value,
  };
}

/** Runs the steps, each on an input of its own, and compares the counts around them. */
async function countAround(
  run: (state: State, x: Tensor) => Promise<{ state: State; loss: Tensor }>,
  count: number,
): Promise<{ first: number; last: number; growth: number }> {
  let state = initialState();
  const losses: number[] = [];
  const one = async (): Promise<void> => {
    const x = tf.tensor(new Float32Array(batch * 4 * 16).fill(0.5), [batch, 4, 16]);
    const result = await run(state, x);
    losses.push(result.loss.dataSync()[0]!);
    tf.dispose([x, result.loss, state.weight, state.momentum, state.step]);
    state = result.state;
  };
  for (let index = 0; index < warmUp; index++) await one();
  const before = memory();
  const bytesBefore = nativeBytes();
  for (let index = 0; index < count; index++) await one();
  const after = memory();
  const growth = nativeBytes() - bytesBefore;
  tf.dispose(Object.values(state));
  assertEquals({ ...after, residentBytes: 0 }, { ...before, residentBytes: 0 });
  return { first: losses[0]!, last: losses.at(-1)!, growth };
}

for (const compiler of ["graph", "xla"] as const) {
  Deno.test(`${steps} jitted steps (${compiler}) leave nothing behind`, async () => {
    const before = memory();
    const step = (state: State, x: Tensor) => trainingStep(state, x, drawnIds);
    const compiled = jit(step, { compiler });
    const { first, last, growth } = await countAround(compiled, steps);
    assert(last < first, `the loss went from ${first} to ${last}`);
    assert(growth < allowedGrowth, `memory grew by ${growth} bytes`);
    assertEquals(memory().recordings, before.recordings + 1);
    compiled.dispose();
    const after = memory();
    assertEquals([after.recordings, after.tensors], [before.recordings, before.tensors]);
    assertEquals(after.handles, before.handles);
  });
}

Deno.test(`${steps} eager steps leave nothing behind`, async () => {
  const step = (state: State, x: Tensor): Promise<{ state: State; loss: Tensor }> => {
    tf.engine().startScope();
    const result = trainingStep(state, x, fixedIds);
    tf.engine().endScope([...Object.values(result.state), result.loss] as Tensor[]);
    return Promise.resolve(result);
  };
  const { growth } = await countAround(step, steps);
  assert(growth < allowedGrowth, `memory grew by ${growth} bytes`);
});

Deno.test("memory() counts a tensor, its handle and its bytes", () => {
  const before = memory();
  const x = tf.ones([2, 3]).add(1);
  const { tensors, bytes, handles, residentBytes } = memory();
  assertEquals([tensors - before.tensors, bytes - before.bytes], [2, 48]);
  assert(handles > before.handles && residentBytes > 2 ** 20);
  x.dispose();
});
