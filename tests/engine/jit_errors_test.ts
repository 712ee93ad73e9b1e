import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { handleCount } from "../../lib/engine/handles.ts";
import { jit, recordingCount } from "../../lib/engine/jit.ts";
import { type Tensor, tf } from "../../lib/engine/tensorflow.ts";
import { activeTrace } from "../../lib/engine/trace.ts";

/** The message with which a promise is rejected; afterwards the engine must work as before. */
async function rejection(body: () => Promise<unknown>): Promise<string> {
  const error = await assertRejects(body, Error);
  assertEquals(activeTrace(), undefined);
  assertEquals(tf.tidy(() => [...tf.add([1], [2]).dataSync()]), [3]);
  return error.message;
}

const values = (tensor: Tensor): number[] => [...tensor.dataSync()];

Deno.test("jit() says which argument it cannot take", async () => {
  const double = jit((x: unknown) => (x as Tensor).mul(2));
  const disposed = tf.scalar(1);
  disposed.dispose();
  assertMatch(
    await rejection(() => double(disposed)),
    /tensor at arguments\[0\] was disposed/,
  );
  assertMatch(await rejection(() => double(new Float32Array(3))), /make a tensor of it/);
  assertMatch(await rejection(() => double(new Map())), /arguments\[0\] is Map/);
  assertMatch(
    await rejection(() => double({ deep: [() => 0] })),
    /arguments\[0\]\.deep\[0\]/,
  );
  assertMatch(await rejection(() => double(5)), /mul is not a function/);
  double.dispose();
});

Deno.test("jit() leaves the engine as it was when the body throws", async () => {
  const before = { handles: handleCount(), recordings: recordingCount(), ...tf.memory() };
  const weight = tf.tensor1d([1, 2]);
  const fails = jit((x: Tensor) => {
    tf.grad((y) => {
      y.mul(weight).sum().square();
      throw new Error("the body's own error");
    })(x);
  });
  const x = tf.tensor1d([1, 2]);
  for (let round = 0; round < 3; round++) {
    assertMatch(await rejection(() => fails(x)), /the body's own error/);
  }
  const gradient = tf.grad((y: Tensor) => y.square().sum())(x);
  assertEquals(values(gradient), [2, 4]);
  for (const tensor of [weight, x, gradient]) tensor.dispose();
  fails.dispose();
  assertEquals(recordingCount(), before.recordings);
  assertEquals(tf.memory().numTensors, before.numTensors);
  assertEquals(handleCount(), before.handles);
});

Deno.test("jit() refuses an async body, and nothing of it comes up later", async () => {
  const waits = jit(async (x: Tensor) => {
    await Promise.resolve();
    return x.square();
  });
  assertMatch(
    await rejection(() => waits(tf.scalar(2))),
    /is async: a traced function cannot/,
  );
  await new Promise((done) => setTimeout(done, 20));
});

Deno.test("jit() refuses values that are read inside, and names the line", async () => {
  const reads = jit((x: Tensor) => x.mul(x.sum().dataSync()[0]!));
  assertMatch(
    await rejection(() => reads(tf.scalar(2))),
    /read inside a traced function at .*jit_errors_test\.ts:\d+/,
  );
  const draws = jit((x: Tensor) => x.add(tf.randomNormal([1])));
  assertMatch(
    await rejection(() => draws(tf.scalar(2))),
    /random number.*jit_errors_test\.ts/,
  );
  const selects = jit((x: Tensor) =>
    tf.unique(x as ReturnType<typeof tf.tensor1d>).values
  );
  assertMatch(
    await rejection(() => selects(tf.tensor1d([2, 2]))),
    /shape depends on values/,
  );
});

Deno.test("jit() inside jit, and under a gradient tape, says what to do instead", async () => {
  const inner = jit((x: Tensor) => x.square(), { name: "inner" });
  const outer = jit((x: Tensor) => {
    inner(x).catch((error) => nested = String(error));
    return inner.original(x);
  });
  let nested = "";
  assertEquals(values(await outer(tf.scalar(3))), [9]);
  assertMatch(nested, /inner is jitted: inside a traced function call inner\.original/);
  let taped = "";
  tf.grad((x: Tensor) => {
    inner(x).catch((error) => taped = String(error));
    return x.square();
  })(tf.scalar(1));
  await Promise.resolve();
  assertMatch(taped, /inner is jitted and has no gradient: take the gradient inside/);
});

Deno.test("a tensor of a trace is of no use after it, and says so", async () => {
  const leaked: Tensor[] = [];
  const leaks = jit((x: Tensor) => {
    leaked.push(tf.keep(x.square()), x.neg());
    return x.add(1);
  });
  assertEquals(values(await leaks(tf.scalar(1))), [2]);
  assertMatch(
    assertThrows(() => leaked[0]!.dataSync(), Error).message,
    /trace that has ended/,
  );
  assertMatch(
    assertThrows(() => leaked[0]!.add(1), Error).message,
    /trace that\s+has ended/,
  );
  assertMatch(assertThrows(() => leaked[1]!.add(1), Error).message, /disposed/);
  const uses = jit((x: Tensor) => x.add(leaked[0]!));
  assertMatch(
    await rejection(() => uses(tf.scalar(1))),
    /disposed, or comes from another trace/,
  );
  leaked[0]!.dispose();
});

Deno.test("jit() returns inputs, captures, constants, twins, plain values and nothing", async () => {
  const outside = tf.tensor1d([7]);
  for (const compiler of ["graph", "xla"] as const) {
    const mixed = jit((x: Tensor) => {
      const square = x.square();
      return {
        input: x,
        outside,
        constant: tf.tensor1d([5]),
        twins: [square, square],
        plain: { name: "step", count: 3, none: null, yes: true },
      };
    }, { compiler });
    const x = tf.tensor1d([2]);
    const result = await mixed(x);
    x.dispose(); // the result is a tensor of its own
    assertEquals(values(result.input), [2]);
    assertEquals(values(result.outside), [7]);
    assertEquals(values(result.constant), [5]);
    assertEquals(result.twins.map(values), [[4], [4]]);
    result.twins[0]!.dispose();
    assertEquals(values(result.twins[1]!), [4]);
    assertEquals(result.plain, { name: "step", count: 3, none: null, yes: true });
    const nothing = jit((_: Tensor) => undefined, { compiler });
    assertEquals(await nothing(tf.scalar(1)), undefined);
    mixed.dispose();
    nothing.dispose();
  }
  assertEquals(values(outside), [7]);
});

Deno.test("jit() runs calls of one and of several functions at once", async () => {
  const power = jit((x: Tensor, y: Tensor) => x.pow(y));
  const sum = jit((x: Tensor, y: Tensor) => x.add(y), { compiler: "graph" });
  const pairs = Array.from(
    { length: 20 },
    (_, index) => [index % 5, (index % 3) + 1] as const,
  );
  const results = await Promise.all(pairs.flatMap(([a, b]) => {
    const [x, y] = [tf.scalar(a), tf.scalar(b)];
    const running = [power(x, y), sum(x, y)];
    tf.dispose([x, y]); // they may go while the calls run
    return running;
  }));
  const found = results.map((tensor) => Math.round(values(tensor)[0]!));
  assertEquals(found, pairs.flatMap(([a, b]) => [a ** b, a + b]));
  tf.dispose(results);
  power.dispose();
  sum.dispose();
});

Deno.test("an error of a running function is a rejection with its name", async () => {
  const lookup = jit((x: Tensor, index: Tensor) => tf.gather(x, index), {
    compiler: "graph",
    name: "lookup",
  });
  const x = tf.tensor1d([1, 2, 3]);
  const message = await rejection(() => lookup(x, tf.tensor1d([9], "int32")));
  assertMatch(message, /^lookup_\d+: .*indices\[0\] = 9 is not in \[0, 3\)/s);
  assertEquals(values(await lookup(x, tf.tensor1d([2], "int32"))), [3]);
  lookup.dispose();
});
