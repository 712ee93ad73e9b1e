/** `profile`: which operations a function spends its time on. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fused, jit, memory, type Tensor, tf } from "../../lib/engine/mod.ts";
import { profile } from "../../lib/engine/profile.ts";
import { readNodeRuns } from "../../lib/engine/step_stats.ts";

const square = (x: Tensor): Tensor => fused("square of", ([x]) => [x!.square()], [x])[0]!;

Deno.test("profile() counts and times each kind of operation", async () => {
  const x = tf.ones([256, 256]);
  const { operations, nodes, milliseconds } = await profile(
    (x: Tensor) => {
      let y = x;
      for (let count = 0; count < 5; count++) y = tf.matMul(y, y).div(256);
      return y.relu();
    },
    [x],
    { rounds: 2 },
  );
  const count = (kind: string) =>
    operations.find(({ operation }) => operation === kind)?.count;
  assertEquals(count("BatchMatMulV2"), 5);
  assertEquals(count("Relu"), 1);
  assertEquals(operations[0]!.operation, "BatchMatMulV2"); // the most expensive first
  assertEquals([nodes[0]!.operation, ...nodes[0]!.shape], ["BatchMatMulV2", 256, 256]);
  const sum = operations.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  // Five products of 256³ take longer than a microsecond, and no longer than the run.
  assert(operations[0]!.milliseconds > 1e-3);
  assert(operations[0]!.milliseconds < milliseconds);
  assert(sum < milliseconds * navigator.hardwareConcurrency);
  x.dispose();
});

Deno.test("profile() names fused functions, forward and backward", async () => {
  const { operations } = await profile(
    (x: Tensor) => tf.grad((x: Tensor) => square(x).sum())(x),
    [tf.ones([64])],
    { rounds: 1 },
  );
  const names = operations.map(({ operation }) => operation);
  // The sum's gradient does not depend on the values of the square, which nobody asked for.
  assert(names.includes("fused square of gradient f32"), names.join(", "));
  assertEquals(names.filter((name) => name.startsWith("PartitionedCall")), []);
});

Deno.test("profile() takes a jitted function, captures, and leaves nothing behind", async () => {
  const weight = tf.scalar(3);
  const x = tf.ones([4]);
  const jitted = jit((x: Tensor) => ({ y: square(x.mul(weight)) }), { compiler: "xla" });
  const once = () => profile(jitted, [x], { rounds: 1, warmUp: 0 });
  await once(); // brings the two values of the outside to TensorFlow
  const before = memory();
  const { operations } = await once();
  const names = operations.map(({ operation }) => operation);
  assert(names.includes("Mul"), names.join(", "));
  assert(names.includes("fused square of f32"), names.join(", "));
  const { tensors, handles, recordings } = memory();
  assertEquals({ tensors, handles, recordings }, {
    tensors: before.tensors,
    handles: before.handles,
    recordings: before.recordings,
  });
});

Deno.test("profile() takes results that are arguments, or the same twice", async () => {
  const x = tf.ones([4]);
  const double = (x: Tensor): Tensor[] => {
    const y = x.add(x);
    return [x, y, y];
  };
  const { operations } = await profile(double, [x], { rounds: 1 });
  assert(operations.some(({ operation }) => /^Add/.test(operation)));
  assertEquals((await profile((x: Tensor) => x, [x])).operations, []);
});

Deno.test("profile() refuses what cannot be recorded, and no rounds", async () => {
  const x = tf.ones([2]);
  const refusal = async (body: (x: Tensor) => unknown, rounds = 1): Promise<string> =>
    (await assertRejects(() => profile(body, [x], { rounds }), Error)).message;
  assertStringIncludes(await refusal((x) => x.square(), 0), "rounds is 0: use a whole");
  assertStringIncludes(
    await refusal((x) => Promise.resolve(x.square())),
    "is async: a traced function cannot wait",
  );
  assertStringIncludes(
    await refusal((x) => x.mul(x.dataSync()[0]!)),
    "was read inside a traced function",
  );
  // The failures above left no trace open.
  assertEquals(
    (await profile((x: Tensor) => x.square(), [x])).operations.length > 0,
    true,
  );
});

Deno.test("readNodeRuns() reads nothing from nothing", () => {
  assertEquals(readNodeRuns(new Uint8Array(0)), []);
});
