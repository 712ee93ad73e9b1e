/** The groups `checkpoint` and `memory` of `deno task bench`, as far as they only reckon. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { disposeTree, memory, tf } from "../../lib/engine/mod.ts";
import { checkpointTargets } from "../../tasks/bench/groups/checkpoint.ts";
import {
  firstDifferentTensor,
  sizeOf,
} from "../../tasks/bench/groups/checkpoint_state.ts";
import { delaysOf } from "../../tasks/bench/groups/checkpoint_steps.ts";
import {
  describeTensors,
  describeTrend,
  growthPercent,
  type MemorySample,
} from "../../tasks/bench/groups/memory.ts";
import { isReached } from "../../tasks/bench/results.ts";
import { afterWarmUp, trendOf } from "../../tasks/bench/trend.ts";

Deno.test("trendOf() finds a line and how sure it is", () => {
  const exact = trendOf([10, 20, 40].map((step) => ({ step, value: 5 + 3 * step })));
  assertAlmostEquals(exact.slope, 3, 1e-9);
  assertAlmostEquals(exact.error, 0, 1e-6);
  assertAlmostEquals(exact.rise, 90, 1e-9);
  // 0, 1, 0 at 0, 1, 2: no slope; the squares of the rest are 6/9, of the steps 2.
  const noise = trendOf([0, 1, 0].map((value, step) => ({ step, value })));
  assertAlmostEquals(noise.slope, 0, 1e-9);
  assertAlmostEquals(noise.error, Math.sqrt(2 / 3 / 2), 1e-9);
  assertThrows(() => trendOf([{ step: 1, value: 1 }]), Error, "1 points have no trend");
});

Deno.test("afterWarmUp() leaves out a share of the steps", () => {
  const points = [10, 20, 30, 40].map((step) => ({ step, value: 0 }));
  assertEquals(afterWarmUp(points, 0.5).map(({ step }) => step), [20, 30, 40]);
  assertEquals(afterWarmUp([], 0.5), []);
});

const sample = (step: number, resident: number, tensors = 7): MemorySample => ({
  ...{ step, resident, tensors },
  ...{ heap: 1e6, buffers: 0 },
});

Deno.test("the group memory tells growth, and what is no more than scatter", () => {
  const growing = [0, 100, 200].map((step) => sample(step, 1e8 + 10_000 * step));
  assertAlmostEquals(growthPercent(growing), 2, 1e-9);
  // Garbage that waits for its collection is no growth.
  const sawtooth = [1, 5, 9, 1, 5, 9, 1, 5, 9].map((megabytes, step) =>
    sample(step, 1e8 + 1e6 * megabytes)
  );
  assertEquals(growthPercent(sawtooth), 0);
  const text = describeTrend("resident", growing, ({ resident }) => resident);
  assertEquals(text, "resident: 10000 ± 0 bytes per step, 2.0 MB over 200 steps");
  const flat = [0, 100, 200].map((step) => sample(step, 1e8 + (step === 100 ? 1e6 : 0)));
  assertStringIncludes(
    describeTrend("resident", flat, ({ resident }) => resident),
    "no more than its scatter",
  );
  assertEquals(describeTensors(growing), "tensors alive: 7 at every look");
  const saving = [sample(1, 0, 7), sample(2, 0, 12), sample(3, 0, 7)];
  assertStringIncludes(
    describeTensors(saving),
    "at least 7 and at most 12, most often 7",
  );
});

Deno.test("delaysOf() measures against the undisturbed step", () => {
  const { longest, all } = delaysOf([1, 1, 1.5], [1, 3, 2]);
  assertEquals([longest, all], [2, 3]);
});

Deno.test("checkpointTargets() asks for three seconds, and no stop longer than a copy", () => {
  const of = (contender: string, ...samples: number[]) =>
    ({ contender, unit: "s", samples }) as const;
  const measurements = [
    of("mimkit save (checked, summed, on the disk)", 2, 2.5),
    of("one copy of the state", 0.4, 0.4),
    of("longest delay of a step while saving", 0.1, 0.3),
  ];
  const [saved, stopped] = checkpointTargets(measurements);
  assertEquals([saved!.value, isReached(saved!)], [2.25, true]);
  assertAlmostEquals(stopped!.value!, 0.5, 1e-9);
  assertEquals(isReached(stopped!), true);
});

Deno.test("firstDifferentTensor() compares bits, names and sizes", () => {
  const before = memory().tensors;
  const state = { parameters: { a: tf.tensor1d([1, NaN]), b: tf.tensor1d([0]) } };
  const same = { parameters: { a: tf.tensor1d([1, NaN]), b: tf.tensor1d([0]) } };
  const negative = { parameters: { a: tf.tensor1d([1, NaN]), b: tf.tensor1d([-0]) } };
  const missing = { parameters: { a: state.parameters.a } };
  assertEquals(firstDifferentTensor(state, same), undefined);
  assertEquals(firstDifferentTensor(state, negative), "parameters/b");
  assertEquals(firstDifferentTensor(state, missing), "parameters/b");
  assertEquals(firstDifferentTensor(missing, state), "parameters/b");
  assertEquals(sizeOf(state), { bytes: 12, tensors: 2 });
  disposeTree([state, same, negative]);
  assert(memory().tensors === before, `${memory().tensors - before} tensors left`);
});
