import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { compareLogits, inferenceTargets } from "../../tasks/bench/groups/inference.ts";

Deno.test("compareLogits() names who computes something else", () => {
  const ours = { name: "ours", logits: [1, 2, 3] };
  assertMatch(
    compareLogits([ours, { name: "theirs", logits: [1, 2, 3.00001] }]),
    /within 1\.0e-5/,
  );
  assertThrows(
    () => compareLogits([ours, { name: "theirs", logits: [1, 2.1, 3] }]),
    Error,
    "theirs does not compute what ours computes: logit 1 is 2.1 instead of 2",
  );
  assertThrows(
    () => compareLogits([ours, { name: "theirs", logits: [1, NaN, 3] }]),
    Error,
  );
});

Deno.test("inferenceTargets() takes the faster compiler of each batch", () => {
  const samples: [string, number][] = [
    ["mimkit jit graph, batch 1", 20],
    ["mimkit jit xla, batch 1", 10],
    ["mimkit jit graph, batch 32", 8],
    ["mimkit jit xla, batch 32", 9],
    ["torch eager, batch 1", 15],
    ["torch eager, batch 32", 4],
  ];
  const targets = inferenceTargets(samples.map(([contender, sample]) => ({
    ...{ contender, unit: "ms", samples: [sample, sample] } as const,
  })));
  assertEquals(targets.map(({ text, value }) => [text, value]), [
    ["mimkit jit xla, batch 1 against torch eager, batch 1", 1.5],
    ["mimkit jit xla, batch 1 against torch compile, batch 1", null],
    ["mimkit jit graph, batch 32 against torch eager, batch 32", 0.5],
    ["mimkit jit graph, batch 32 against torch compile, batch 32", null],
  ]);
});
