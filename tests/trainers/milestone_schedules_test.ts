import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  milestones,
  milestonesOfMmengine,
} from "../../lib/trainers/milestone_schedules.ts";

const schedule = { base: 2, milestones: [30, 60], gamma: 0.5, warmupIterations: 10 };

Deno.test("milestones() falls at milestones that count from the start of the run", () => {
  const rate = (iteration: number) => milestones(schedule, iteration);
  assertEquals([rate(0), rate(5), rate(10)], [0, 1, 2]);
  assertEquals([rate(29), rate(30), rate(59), rate(60), rate(1000)], [2, 1, 1, 0.5, 0.5]);
  assertEquals(milestones({ base: 1, milestones: [1] }, 1), 0.1);
  assertAlmostEquals(milestones({ ...schedule, warmupRatio: 0.1 }, 5), 2 * 0.55);
});

Deno.test("milestonesOfMmengine() counts from the end of a warm-up that ends full", () => {
  const rate = (iteration: number) =>
    milestonesOfMmengine({ ...schedule, warmupRatio: 0.01 }, iteration);
  assertAlmostEquals(rate(0), 0.02);
  assertEquals([rate(9), rate(10), rate(39), rate(40), rate(70)], [2, 2, 2, 1, 0.5]);
});

Deno.test("milestonesOfMmengine() may have a warm-up of one iteration, or none", () => {
  const one = { ...schedule, warmupIterations: 1, warmupRatio: 0.25 };
  assertEquals([0, 1].map((iteration) => milestonesOfMmengine(one, iteration)), [0.5, 2]);
  assertEquals(milestonesOfMmengine({ base: 3, milestones: [] }, 0), 3);
});
