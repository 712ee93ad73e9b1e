/** Random numbers: the same bits under every compiler, the right distributions, clear errors. */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { handleCount } from "../../lib/engine/handles.ts";
import { jit, type JitOptions } from "../../lib/engine/jit.ts";
import { normalCumulative } from "../../lib/engine/quantile.ts";
import { random } from "../../lib/engine/random.ts";
import { foldIn, type Key, randomKey, splitKey } from "../../lib/engine/random_key.ts";
import { type Tensor, tf } from "../../lib/engine/tensorflow.ts";

const count = 30000;

function valuesOf(tensor: Tensor): number[] {
  const values = [...tensor.dataSync()];
  tensor.dispose();
  return values;
}

/** Kolmogorov and Smirnov's distance between a sample and a distribution, times √n. */
function distance(sample: number[], cumulative: (x: number) => number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  const gaps = sorted.map((x, index) => {
    const wanted = cumulative(x);
    return Math.max(
      Math.abs(wanted - index / sorted.length),
      Math.abs(wanted - (index + 1) / sorted.length),
    );
  });
  return Math.max(...gaps) * Math.sqrt(sorted.length);
}

// The distance exceeds it once in 1,000 samples (Smirnov 1948).
const unlikely = 1.95;

const draws: Record<string, (key: Key) => Tensor> = {
  "uniform": (key) => random.uniform(key, [7, 5]),
  "uniform between bounds": (key) =>
    random.uniform(key, [35], { minimum: -0.3, maximum: 2 }),
  "normal": (key) => random.normal(key, [5, 7], { standardDeviation: 0.02 }),
  "normal around 1": (key) =>
    random.normal(key, [35], { mean: 1, standardDeviation: 0.3 }),
  "truncated normal": (key) => random.truncatedNormal(key, [5, 1, 7]),
  "gumbel": (key) => random.gumbel(key, [35]),
  "bernoulli": (key) => random.bernoulli(key, 0.3, [35]),
  "permutation": (key) => random.permutation(key, 5, 7),
  "folded text": (key) => foldIn(key, "mask"),
  "folded number": (key) => foldIn(key, 0xfedcba98),
  "split": (key) => tf.concat(splitKey(key, 3)),
};

/** Compiles some draws together and compares them with their eager results. */
async function compare(names: string[], options: JitOptions): Promise<void> {
  const key = randomKey(1234567890123);
  const all = (from: Key): Tensor[] => names.map((name) => draws[name]!(from));
  const eager = all(key).map(valuesOf);
  const compiled = jit(all, options);
  (await compiled(key)).forEach((result, index) =>
    assertEquals(
      valuesOf(result),
      eager[index],
      `${names[index]} ${Deno.inspect(options)}`,
    )
  );
  compiled.dispose();
}

Deno.test("every draw has the same bits eagerly, in a graph and under XLA", async () => {
  await compare(Object.keys(draws), { compiler: "graph" });
  await compare(Object.keys(draws), { compiler: "xla" });
  await compare(["uniform", "gumbel"], { compiler: "graph", precision: "bfloat16" });
});

Deno.test("a number depends on its position, not on how many are drawn", async () => {
  const key = randomKey(4);
  const few = valuesOf(random.normal(key, [100]));
  const many = random.normal(key, [50, 2000]); // compiled for its size
  assertEquals(valuesOf(many.flatten().slice([0], [100])), few);
  const traced = jit((from: Key) => random.normal(from, [50, 2000]), { compiler: "xla" });
  const same = await traced(key);
  assertEquals(tf.notEqual(same, many).any().dataSync()[0], 0);
  traced.dispose();
});

Deno.test("draws have their distributions", () => {
  const gumbel = (x: number): number => Math.exp(-Math.exp(-x));
  const inside = 1 - 2 * normalCumulative(-2);
  const truncated = (x: number): number =>
    (normalCumulative(x) - normalCumulative(-2)) / inside;
  for (const seed of [0, 1, 2]) {
    const key = randomKey(seed);
    const cases: [string, Tensor, (x: number) => number][] = [
      ["uniform", random.uniform(key, [count]), (x) => x],
      ["normal", random.normal(key, [count]), normalCumulative],
      ["truncated", random.truncatedNormal(key, [count]), truncated],
      ["gumbel", random.gumbel(key, [count]), gumbel],
    ];
    for (const [name, sample, cumulative] of cases) {
      const found = distance(valuesOf(sample), cumulative);
      assert(found < unlikely, `${name}, seed ${seed}: distance ${found}`);
    }
  }
});

Deno.test("draws have the asked mean and spread", () => {
  const key = randomKey(8);
  const cases: [Tensor, number, number][] = [
    [random.uniform(key, [count], { minimum: -1, maximum: 3 }), 1, 4 / Math.sqrt(12)],
    [random.normal(key, [count], { mean: 3, standardDeviation: 0.5 }), 3, 0.5],
    // The variance of a standard normal cut at ±2: 1 - 4 φ(2) / (2 Φ(2) - 1).
    [
      random.truncatedNormal(key, [count], { standardDeviation: 0.02 }),
      0,
      0.02 * 0.87962566,
    ],
    // Euler's constant, π / √6.
    [random.gumbel(key, [count]), 0.57721566, Math.PI / Math.sqrt(6)],
    [random.bernoulli(key, 0.2, [count]), 0.2, 0.4],
  ];
  for (const [sample, mean, spread] of cases) {
    const values = valuesOf(sample);
    const found = values.reduce((sum, x) => sum + x) / count;
    const variance = values.reduce((sum, x) => sum + (x - found) ** 2, 0) / count;
    assert(Math.abs(found - mean) < 4 * spread / Math.sqrt(count), `mean ${found}`);
    assert(
      Math.abs(Math.sqrt(variance) / spread - 1) < 0.03,
      `spread ${variance ** 0.5}`,
    );
  }
});

Deno.test("no number is out of bounds", () => {
  const key = randomKey(2);
  const maximum = 1 + 2 ** -20;
  const narrow = valuesOf(random.uniform(key, [count], { minimum: 1, maximum }));
  assert(narrow.every((x) => x >= 1 && x < maximum));
  assert(valuesOf(random.uniform(key, [count])).every((x) => x >= 0 && x < 1));
  const bounds = { lowest: -0.5, highest: 1 };
  const cut = valuesOf(random.truncatedNormal(key, [count], bounds));
  assert(cut.every((x) => x >= -0.5 && x <= 1) && Math.max(...cut) > 0.99);
  assert(valuesOf(random.gumbel(key, [200000])).every(Number.isFinite));
  assert(valuesOf(random.bernoulli(key, 1, [1000])).every((x) => x === 1));
  assert(valuesOf(random.bernoulli(key, 0, [1000])).every((x) => x === 0));
});

Deno.test("keys for different purposes give unrelated numbers", () => {
  const key = randomKey(0);
  const keys = [
    ...[key, randomKey(1), randomKey(2 ** 32), foldIn(key, "mask"), foldIn(key, "noise")],
    ...[
      foldIn(key, 0),
      foldIn(key, 1),
      foldIn(key, "0"),
      foldIn(key, ""),
      ...splitKey(key, 4),
    ],
    foldIn(foldIn(key, 1), 0),
  ];
  assertEquals(new Set(keys.map((each) => `${each.dataSync()}`)).size, keys.length);
  const samples = keys.map((each) => random.normal(each, [4000]));
  const stacked = tf.stack(samples);
  const correlation = tf.matMul(stacked, stacked, false, true).div(4000).arraySync();
  (correlation as number[][]).forEach((row, i) =>
    row.forEach((value, j) => {
      const excess = Math.abs(value - (i === j ? 1 : 0)) * Math.sqrt(4000);
      assert(excess < 6, `keys ${i} and ${j}: ${value}`);
    })
  );
});

Deno.test("foldIn() takes a step that is a tensor, inside jit too", async () => {
  const key = randomKey(9);
  const wanted = valuesOf(foldIn(key, 41));
  assertEquals(valuesOf(foldIn(key, tf.scalar(41, "int32"))), wanted);
  const fold = jit((from: Key, step: Tensor) => foldIn(from, step));
  assertEquals(valuesOf(await fold(key, tf.scalar(41, "int32"))), wanted);
  assertNotEquals(valuesOf(await fold(key, tf.scalar(42, "int32"))), wanted);
  fold.dispose();
});

Deno.test("draws are constants for gradients, wherever they are made", async () => {
  const x = tf.ones([3, 4]);
  const slope = (of: Tensor, key: Key): Tensor =>
    tf.grad((given) => {
      const kept = random.bernoulli(foldIn(key, "drop"), 0.5, [3, 1]);
      const noisy = tf.mul(given, random.normal(foldIn(key, "noise"), [3, 4]));
      return tf.sum(tf.where(kept, noisy, tf.zerosLike(noisy)));
    })(of);
  const key = randomKey(21);
  const eager = valuesOf(slope(x, key));
  assert(eager.some((value) => value === 0) && eager.some((value) => value !== 0));
  for (const compiler of ["graph", "xla"] as const) {
    const compiled = jit(slope, { compiler });
    assertEquals(valuesOf(await compiled(x, key)), eager);
    compiled.dispose();
  }
});

Deno.test("permutation() gives each order equally often", () => {
  const rows = random.permutation(randomKey(6), 6000, 3).arraySync() as number[][];
  const frequency = Object.groupBy(rows, (row) => `${row}`);
  assertEquals(
    Object.keys(frequency).toSorted().join(" "),
    "0,1,2 0,2,1 1,0,2 1,2,0 2,0,1 2,1,0",
  );
  const chiSquare = Object.values(frequency)
    .reduce((sum, found) => sum + (found!.length - 1000) ** 2 / 1000, 0);
  assert(chiSquare < 20.5, `χ² = ${chiSquare}`); // exceeded once in 1,000 with 5 degrees
  const long = random.permutation(randomKey(7), 8, 1000).arraySync() as number[][];
  for (const row of long) {
    assertEquals(
      row.toSorted((a, b) => a - b),
      Array.from({ length: 1000 }, (_, i) => i),
    );
  }
});

Deno.test("gumbel() samples without replacement by top-k", () => {
  const weights = [0.5, 0.25, 0.15, 0.1];
  const rows = 20000;
  const noisy = random.gumbel(randomKey(3), [rows, 4]).add(tf.log(tf.tensor1d(weights)));
  const picks = tf.topk(noisy, 2).indices.dataSync();
  weights.forEach((weight, item) => {
    // Drawn first, or second after one of the others.
    const exact = weights.reduce(
      (sum, other, index) => index === item ? sum : sum + other * weight / (1 - other),
      weight,
    );
    const found = picks.filter((pick) => pick === item).length / rows;
    const spread = Math.sqrt(exact * (1 - exact) / rows);
    assert(Math.abs(found - exact) < 4 * spread, `item ${item}: ${found}, not ${exact}`);
  });
});

Deno.test("draws leave no tensor behind", () => {
  const key = randomKey(11);
  key.dataSync();
  for (const draw of Object.values(draws)) draw(key).dispose();
  const before = [handleCount(), tf.memory().numTensors];
  for (const draw of Object.values(draws)) {
    if (draw !== draws["split"]) draw(key).dispose();
  }
  random.uniform(key, [300, 300]).dispose();
  splitKey(key, 3).forEach((part) => part.dispose());
  assertEquals([handleCount(), tf.memory().numTensors], before);
});

Deno.test("shapes may be empty", () => {
  const key = randomKey(0);
  assertEquals(random.normal(key, []).shape, []);
  assertEquals(random.uniform(key, [0, 3]).shape, [0, 3]);
});

Deno.test("random functions refuse what they cannot do", () => {
  const key = randomKey(0);
  assertThrows(() => randomKey(-1), Error, "from 0 to 2^53 - 1, got -1");
  assertThrows(() => randomKey(0.5), Error, "got 0.5");
  assertThrows(() => random.uniform(tf.tensor1d([1, 2]), [2]), Error, "float32 [2]");
  assertThrows(() => random.uniform(3 as unknown as Key, [2]), Error, "randomKey(seed)");
  assertThrows(() => random.uniform(key, [1.5]), Error, "whole numbers");
  assertThrows(
    () => random.uniform(key, [2], { minimum: 1, maximum: 1 }),
    Error,
    "1 and 1",
  );
  assertThrows(() => random.uniform(key, [2 ** 16, 2 ** 16]), Error, "at most 2^30");
  assertThrows(() => random.normal(key, [2], { standardDeviation: -1 }), Error, "and -1");
  assertThrows(() => random.truncatedNormal(key, [2], { lowest: 3 }), Error, "3 and 2");
  assertThrows(() => random.bernoulli(key, 1.2, [2]), Error, "got 1.2");
  assertThrows(() => foldIn(key, -1), Error, "got -1");
  assertThrows(() => foldIn(key, tf.scalar(1)), Error, "int32 scalar");
  assertThrows(() => splitKey(key, 0), Error, "at least 1");
});
