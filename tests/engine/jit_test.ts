import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { jit, type Tensor, tf, withPrecision } from "../../lib/engine/mod.ts";

const compilers = ["xla", "graph", "auto"] as const;

for (const compiler of compilers) {
  Deno.test(`jit() with ${compiler} takes and gives nested records and arrays`, async () => {
    const step = jit((state: { w: Tensor; moments: Tensor[] }, rate: number) => ({
      w: state.w.sub(state.moments[0]!.mul(rate)),
      info: { rate, moments: state.moments.map((moment) => moment.mul(2)) },
    }), { compiler });
    const state = { w: tf.tensor1d([1, 2]), moments: [tf.tensor1d([1, 1])] };
    const result = await step(state, 0.5);
    assertEquals([...result.w.dataSync()], [0.5, 1.5]);
    assertEquals(result.info.rate, 0.5);
    assertEquals([...result.info.moments[0]!.dataSync()], [2, 2]);
    step.dispose();
  });
}

Deno.test("jit() traces once per signature of shapes, types and plain values", async () => {
  let traces = 0;
  const scale = jit((x: Tensor, factor: number) => {
    traces++;
    return x.mul(factor);
  }, { compiler: "graph" });
  await scale(tf.ones([2]), 2);
  await scale(tf.zeros([2]), 2);
  assertEquals(traces, 1);
  await scale(tf.ones([3]), 2);
  assertEquals(traces, 2);
  const tripled = await scale(tf.ones([2]), 3);
  assertEquals(traces, 3);
  assertEquals([...tripled.dataSync()], [3, 3]);
  scale.dispose();
});

Deno.test("jit() leaves the event loop free while a step runs", async () => {
  const product = jit((x: Tensor) => {
    let y = x;
    for (let index = 0; index < 20; index++) y = tf.matMul(y, x).mul(1e-3);
    return y.sum();
  }, { compiler: "graph" });
  const x = tf.ones([700, 700]) as Tensor;
  (await product(x)).dispose();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const result = await product(x);
  clearInterval(timer);
  assertGreater(ticks, 0, "no timer ran while the compiled function did");
  tf.dispose([result, x]);
  product.dispose();
});

Deno.test("jit() chooses TensorFlow's kernels for convolutions and bfloat16, else XLA", async () => {
  const convolution = jit((x: Tensor, w: Tensor) =>
    tf.conv2d(
      x as ReturnType<typeof tf.tensor4d>,
      w as ReturnType<typeof tf.tensor4d>,
      1,
      "same",
    )
  );
  await convolution(tf.ones([1, 4, 4, 1]), tf.ones([3, 3, 1, 2]));
  assertEquals(convolution.compiler(), "graph");
  const product = jit((x: Tensor) => tf.matMul(x, x));
  await product(tf.eye(2));
  assertEquals(product.compiler(), "xla");
  const reduced = jit((x: Tensor) => tf.matMul(x, x), { precision: "bfloat16" });
  await reduced(tf.eye(2));
  assertEquals(reduced.compiler(), "graph");
});

Deno.test("jit() in bfloat16 rounds products, and only products", async () => {
  const third = 1 / 3;
  const run = jit((x: Tensor) => ({ product: tf.matMul(x, x), sum: x.add(x) }), {
    precision: "bfloat16",
  });
  const { product, sum } = await run(tf.tensor2d([[third]]));
  assertAlmostEquals(sum.dataSync()[0]!, 2 * third, 1e-6);
  const rounded = product.dataSync()[0]!;
  assertAlmostEquals(rounded, third * third, 2e-3);
  assert(
    Math.abs(rounded - third * third) > 1e-5,
    "the product kept float32's precision",
  );
});

Deno.test("jit() captures tensors of the outside as constants, which may be disposed after", async () => {
  const outside = tf.tensor1d([10]);
  const add = jit((x: Tensor) => x.add(outside), { compiler: "graph" });
  const first = await add(tf.tensor1d([1]));
  outside.dispose();
  const second = await add(tf.tensor1d([2]));
  assertEquals([first.dataSync()[0], second.dataSync()[0]], [11, 12]);
});

Deno.test("withPrecision() rounds eager products as a traced one", async () => {
  const x = tf.tensor2d([[1 / 3, 2 / 3], [1 / 7, 5 / 7]]);
  const eager = withPrecision("bfloat16", () => tf.matMul(x, x));
  const compiled = jit((x: Tensor) => tf.matMul(x, x), { precision: "bfloat16" });
  const traced = await compiled(x);
  assertEquals([...eager.dataSync()], [...traced.dataSync()]);
  assert(eager.sub(tf.matMul(x, x)).abs().max().dataSync()[0]! > 1e-5);
  tf.dispose([eager, traced]);
  compiled.dispose();
});
