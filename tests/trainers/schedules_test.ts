import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  cosineByIteration,
  cosineOfMmcv,
  cosineOfOpenmixup,
  cosineWithWarmup,
} from "../../lib/trainers/schedules.ts";

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

// The formulas of mmcv 1 (lr_updater.py) and openmixup (lr_scheduler.py), written out.
const halfCosine = (base: number, minimum: number, share: number): number =>
  minimum + (base - minimum) * 0.5 * (1 + Math.cos(Math.PI * share));

Deno.test("cosineOfMmcv() spans the warm-up too, which is a factor on it", () => {
  const schedule = {
    ...{ base: 2, minimum: 0.1, iterations: 100 },
    ...{ warmupIterations: 20, warmupRatio: 0.01 },
  };
  for (const iteration of [0, 7, 19, 20, 60, 99]) {
    const warmup = iteration < 20 ? 1 - (1 - iteration / 20) * 0.99 : 1;
    const wanted = halfCosine(2, 0.1, iteration / 100) * warmup;
    assertAlmostEquals(cosineOfMmcv(schedule, iteration), wanted);
  }
  assertEquals(cosineOfMmcv(schedule, 0), 2 * (1 - 0.99));
});

Deno.test("cosineOfMmcv() by epoch changes after whole epochs, its warm-up all the time", () => {
  const schedule = { base: 1, iterations: 100, iterationsPerEpoch: 10 };
  const rate = (iteration: number) => cosineOfMmcv(schedule, iteration);
  assertEquals(rate(0), rate(9));
  assertAlmostEquals(rate(19), halfCosine(1, 0, 0.1));
  assertAlmostEquals(rate(20), halfCosine(1, 0, 0.2));
  const warm = { ...schedule, warmupIterations: 10 };
  assertAlmostEquals(cosineOfMmcv(warm, 5), 0.5);
});

Deno.test("cosineOfOpenmixup() starts at 0 and continues its cosine into the warm-up", () => {
  const schedule = { base: 2, minimum: 0.1, iterations: 110, warmupIterations: 10 };
  for (const iteration of [0, 3, 9, 10, 60, 109]) {
    const regular = halfCosine(2, 0.1, (iteration - 10) / 100);
    const wanted = regular * Math.min(1, iteration / 10);
    assertAlmostEquals(cosineOfOpenmixup(schedule, iteration), wanted);
  }
  assertEquals(cosineOfOpenmixup(schedule, 0), 0);
  assertEquals(cosineOfOpenmixup(schedule, 10), 2);
});
