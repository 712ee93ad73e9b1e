import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  type LearningRate,
  learningRateOf,
  type ScheduleChoice,
} from "../../lib/trainers/learning_rate.ts";
import { cosineWithWarmup } from "../../lib/trainers/schedules.ts";

const counts = { learningRate: 2, steps: 100, warmupSteps: 10 };

function rates(schedule: ScheduleChoice | undefined, at: number[]): number[] {
  const options: LearningRate = schedule === undefined ? counts : { ...counts, schedule };
  return at.map(learningRateOf(options));
}

Deno.test("learningRateOf() is by default MAE's cosine without its rates of 0", () => {
  const mae = { base: 2, warmupEpochs: 10, epochs: 101 };
  const all = Array.from({ length: 100 }, (_, step) => step);
  assertEquals(rates(undefined, all), all.map((step) => cosineWithWarmup(mae, step + 1)));
  assert(rates(undefined, all).every((rate) => rate > 0));
  assertEquals(rates({ kind: "cosine" }, all), rates(undefined, all));
  assertAlmostEquals(rates({ kind: "cosine", minimum: 0.5 }, [99])[0]!, 0.5, 1e-3);
});

Deno.test("learningRateOf() knows every project's schedule", () => {
  const starts: [ScheduleChoice, number, number][] = [
    // The rate at step 0, and at step 55, the middle of what follows the warm-up.
    [{ kind: "cosine-mmengine", warmupRatio: 0.01 }, 0.02, 1],
    [{ kind: "cosine-openmixup" }, 0, 1],
    [{ kind: "cosine-mmcv", warmupRatio: 0.5 }, 1, 1 + Math.cos(Math.PI * 0.55)],
    [{ kind: "milestones", milestones: [50] }, 0, 0.2],
    [{ kind: "milestones-mmengine", milestones: [50], warmupRatio: 0.1 }, 0.2, 2],
    [{ kind: "constant" }, 2, 2],
  ];
  for (const [schedule, first, middle] of starts) {
    const [start, later] = rates(schedule, [0, 55]) as [number, number];
    assertAlmostEquals(start, first, 1e-9, schedule.kind);
    assertAlmostEquals(later, middle, 1e-9, schedule.kind);
  }
  const byEpoch = { kind: "cosine-mmcv", stepsPerEpoch: 10 } as const;
  assertEquals(...rates(byEpoch, [50, 59]) as [number, number]);
});

Deno.test("learningRateOf() refuses counts and rates that make no sense", () => {
  const refused = (changes: Partial<LearningRate>, message: string) =>
    assertThrows(() => learningRateOf({ ...counts, ...changes }), Error, message);
  refused({ learningRate: -1 }, "at least 0, got -1");
  refused({ learningRate: NaN }, "at least 0, got NaN");
  refused({ warmupSteps: -5 }, "must be 0 steps long or more, got -5");
  const schedule = { kind: "cosine-openmixup" } as const;
  refused({ warmupSteps: 100, schedule }, "shorter than its 100 steps, got 100");
  refused(
    { schedule: { kind: "cosin" } as never },
    'kind "cosin": there are cosine, cosine-mm',
  );
  const milestones = [60, 30];
  refused({ schedule: { kind: "milestones", milestones } }, "rising order");
});
