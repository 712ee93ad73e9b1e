import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { type DrawAddress, drawsOf } from "../../../lib/data/transforms/mod.ts";

const first = (address: DrawAddress): number => drawsOf(address).uniform();

Deno.test("drawsOf() gives the same numbers at the same address, others elsewhere", () => {
  const address = { seed: 3, epoch: 5, index: 7 };
  assertEquals(first(address), first(address));
  assertEquals(first({ ...address, repetition: 0 }), first(address));
  const others: DrawAddress[] = [
    { ...address, seed: 4 },
    { ...address, epoch: 6 },
    { ...address, index: 8 },
    { ...address, repetition: 1 },
  ];
  for (const other of others) assertNotEquals(first(other), first(address));
});

Deno.test("uniform, normal and whole numbers have their distributions", () => {
  const draws = drawsOf({ seed: 0, epoch: 0, index: 0 });
  const count = 20_000;
  const uniform = Float64Array.from({ length: count }, () => draws.uniform());
  assert(uniform.every((value) => value >= 0 && value < 1));
  const mean = (values: ArrayLike<number>): number =>
    Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  assertAlmostEquals(mean(uniform), 0.5, 0.01);
  const normal = Float64Array.from({ length: count }, () => draws.normal());
  assertAlmostEquals(mean(normal), 0, 0.03);
  assertAlmostEquals(mean(normal.map((value) => value ** 2)), 1, 0.04);
  assertAlmostEquals(
    mean(normal.map((value) => Math.abs(value) < 1 ? 1 : 0)),
    0.683,
    0.01,
  );
  // Both numbers of a pair come from the same two: they must not go together.
  const pairs = Float64Array.from(
    { length: count / 2 },
    (_, k) => normal[2 * k]! * normal[2 * k + 1]!,
  );
  assertAlmostEquals(mean(pairs), 0, 0.04);
  const counts = [0, 0, 0];
  for (let k = 0; k < 9000; k++) counts[draws.integer(3)]!++;
  for (const each of counts) assert(Math.abs(each - 3000) < 150, `${counts}`);
});
