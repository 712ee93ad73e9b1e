import { assertAlmostEquals, assertEquals } from "@std/assert";
import { cosineByIteration, cosineWithWarmup } from "../../lib/trainers/schedules.ts";

Deno.test("cosineWithWarmup() rises from 0 to the base and falls to the minimum", () => {
  const schedule = { base: 2, minimum: 0.5, warmupEpochs: 10, epochs: 50 };
  const rate = (epoch: number) => cosineWithWarmup(schedule, epoch);
  assertEquals([rate(0), rate(5), rate(10)], [0, 1, 2]);
  assertAlmostEquals(rate(30), 1.25);
  assertAlmostEquals(rate(50), 0.5);
  assertAlmostEquals(rate(51), 0.5); // stays there
});

Deno.test("cosineWithWarmup() without warm-up starts at the base", () => {
  assertEquals(cosineWithWarmup({ base: 1, warmupEpochs: 0, epochs: 10 }, 0), 1);
});

Deno.test("cosineWithWarmup() is a warm-up alone when that is the whole run", () => {
  const schedule = { base: 1, minimum: 0.25, warmupEpochs: 4, epochs: 4 };
  assertEquals(cosineWithWarmup(schedule, 2), 0.5);
  assertEquals(cosineWithWarmup(schedule, 4), 0.25);
});

Deno.test("cosineByIteration() reaches the base in the warm-up's last iteration", () => {
  const schedule = {
    base: 1,
    startFactor: 0.01,
    warmupEpochs: 2,
    epochs: 12,
    iterationsPerEpoch: 5,
  };
  const rate = (iteration: number) => cosineByIteration(schedule, iteration);
  assertEquals(rate(0), 0.01);
  assertAlmostEquals(rate(9), 1);
  assertAlmostEquals(rate(10), 1); // the cosine's first
  assertAlmostEquals(rate(35), 0.5);
});
