import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { compareNumbers, compareTables, toleranceFor } from "./compare.ts";
import type { GoldenCase } from "./golden_case.ts";

const tight = { absolute: 1e-6, relative: 1e-5 };

function compare(actual: number[], expected: number[], tolerance = tight) {
  const shape = [expected.length];
  return compareNumbers(
    "out/x",
    { shape, values: actual },
    { shape, values: expected },
    tolerance,
  );
}

Deno.test("compareNumbers() allows absolute plus relative tolerance for each element", () => {
  assert(compare([1 + 1.0e-5], [1]).passed);
  assert(!compare([1 + 1.2e-5], [1]).passed);
  // A large element elsewhere does not excuse a small one.
  assert(!compare([1000, 1e-3 + 2e-6], [1000, 1e-3]).passed);
});

Deno.test("compareNumbers() reports the worst errors and says where", () => {
  const difference = compareNumbers(
    "out/x",
    { shape: [2, 2], values: [1, 2, 3.5, 4] },
    { shape: [2, 2], values: [1, 2, 3, 4] },
    tight,
  );
  assertEquals(difference.absolute, 0.5);
  assertAlmostEquals(difference.relative, 0.125);
  assertEquals(difference.reason, "[1,0] is 3.5, expected 3 ± 0.000031");
});

Deno.test("compareNumbers() passes nothing that is not a number, unless it is expected", () => {
  assert(!compare([NaN], [1]).passed);
  assert(!compare([1], [NaN]).passed);
  assert(!compare([1], [Infinity]).passed);
  assert(!compare([-Infinity], [Infinity]).passed);
  assert(compare([NaN, Infinity], [NaN, Infinity]).passed);
});

Deno.test("compareNumbers() refuses another shape with as many elements", () => {
  const difference = compareNumbers(
    "out/x",
    { shape: [4], values: [1, 2, 3, 4] },
    { shape: [2, 2], values: [1, 2, 3, 4] },
    tight,
  );
  assert(!difference.passed);
  assertEquals(difference.reason, "is [4], expected [2,2]");
});

Deno.test("compareNumbers() measures gradients by the tensor's largest magnitude", () => {
  const tolerance = { relativeToLargest: 1e-3 };
  const check = (actual: number[], expected: number[]) =>
    compareNumbers(
      "grad/x",
      { shape: [2], values: actual },
      { shape: [2], values: expected },
      tolerance,
    ).passed;
  assert(check([1e-7, 0.9e-10], [1e-7, 0]));
  assert(!check([1e-7, 1.1e-10], [1e-7, 0]));
});

Deno.test("toleranceFor() follows the case: per tensor, for gradients, or the common one", () => {
  const golden: GoldenCase = {
    name: "x",
    kind: "x",
    config: {},
    inputs: {},
    outputs: {},
    tensors: new Map(),
    tolerance: { atol: 1, rtol: 2, per_tensor_atol: { "grad/w": 3, "out/a": 4 } },
  };
  assertEquals(toleranceFor(golden, "out/b"), { absolute: 1, relative: 2 });
  assertEquals(toleranceFor(golden, "out/a"), { absolute: 4, relative: 2 });
  assertEquals(toleranceFor(golden, "grad/w"), { absolute: 3, relative: 2 });
  const strict = { ...golden, grad_tolerance: { relative_to_max: 5 } };
  assertEquals(toleranceFor(strict, "grad/v"), { relativeToLargest: 5 });
  assertEquals(toleranceFor(strict, "out/b"), { absolute: 1, relative: 2 });
});

Deno.test("compareTables() finds wrong, missing and surplus entries", () => {
  const expected = { a: { scale: 0.5, shape: [1, 2] }, b: { scale: 1, frozen: true } };
  const failures = (actual: Parameters<typeof compareTables>[1]) =>
    compareTables("", actual, expected, tight)
      .filter(({ passed }) => !passed)
      .map(({ name, reason }) => `${name} ${reason}`);
  assertEquals(failures(expected), []);
  assertMatch(
    failures({ ...expected, a: { scale: 0.6, shape: [1, 2] } })[0]!,
    /a\.scale .* 0\.6/,
  );
  assertEquals(failures({ a: expected.a }), ["b is missing"]);
  assertEquals(failures({ ...expected, c: 1 }), ["c is not in the expected table"]);
  assertEquals(failures({ ...expected, a: { scale: 0.5, shape: [1, 2, 3] } }), [
    "a.shape.2 is not in the expected table",
  ]);
  assertEquals(failures({ ...expected, b: { scale: 1, frozen: false } }), [
    "b.frozen is false, expected true",
  ]);
});
