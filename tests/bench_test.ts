/** `deno task bench`: its command line, its statistics, its table, its JSON, and a short run. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { UsageError } from "../tasks/arguments.ts";
import { benchHelp, readBenchRequest } from "../tasks/bench/flags.ts";
import { productOperations } from "../tasks/bench/groups/matrix_products.ts";
import { compareLosses } from "../tasks/bench/groups/step.ts";
import { loadWarning } from "../tasks/bench/machine.ts";
import { preparePython } from "../tasks/bench/python_environment.ts";
import {
  type Benchmark,
  benchmarkSchema,
  isReached,
  type Target,
} from "../tasks/bench/results.ts";
import { alternate } from "../tasks/bench/rounds.ts";
import { runBenchmark } from "../tasks/bench/run.ts";
import { ratioOf, spreadOf } from "../tasks/bench/statistics.ts";
import { alignColumns, renderGroup } from "../tasks/bench/table.ts";

const target: Target = {
  text: "ours against theirs",
  better: "at least",
  limit: 1.7,
  value: 2,
  unit: "×",
  range: [1.5, 2.5],
};

const benchmark: Benchmark = {
  format: 1,
  started: "2026-01-02T03:04:05.678Z",
  machine: {
    processor: "a processor",
    cores: 2,
    instructionSets: ["avx2"],
    memoryBytes: 8e9,
    platform: "x86_64-unknown-linux-gnu",
    versions: { mimkit: "0.1.0" },
  },
  threads: 2,
  repeats: 3,
  loadAverage: { before: 0.1, after: 1.9 },
  groups: [{
    group: "step",
    title: "a step",
    settings: { width: 384 },
    measurements: [
      { contender: "ours", unit: "ms", samples: [10, 30, 20] },
      { contender: "theirs, the slow ones", unit: "ms", samples: [40, 60, 120] },
    ],
    targets: [target, { ...target, value: 1.6 }, { ...target, value: null }],
    notes: ["a note"],
  }],
};

Deno.test("readBenchRequest() reads groups, peers and flags", () => {
  const request = readBenchRequest([
    "operation",
    "step",
    "--against",
    "torch",
    "--repeats=3",
  ]);
  assertEquals(request.groups, ["step", "operation"]); // in their own order
  assertEquals(request.against, ["torch"]);
  assertEquals(request.flags.repeats, 3);
  assertEquals(request.flags.width, 384);
  const quick = ["step", "operation", "startup"];
  assertEquals(readBenchRequest([]).groups as string[], quick);
  const long = ["methods", "data", "wait", "checkpoint", ...[
    "load",
    "inference",
    "prediction",
  ], "memory"];
  assertEquals(readBenchRequest(["all"]).groups as string[], [...quick, ...long]);
  assertEquals(readBenchRequest([]).against, []);
});

Deno.test("readBenchRequest() reads the models of the group methods", () => {
  const modelsOf = (...args: string[]): string[] =>
    readBenchRequest(["methods", ...args]).models;
  assertEquals(modelsOf(), ["mixmim", "resnet", "convnext"]);
  assertEquals(modelsOf("--model", "convnext, resnet"), ["resnet", "convnext"]);
  const { flags } = readBenchRequest(["methods", "--size", "128", "--profile"]);
  assertEquals([flags.size, flags.images, flags.profile, flags.eager], [
    ...[128, 8],
    ...[true, false],
  ]);
});

Deno.test("readBenchRequest() answers a wrong word with the nearest right one", () => {
  const refusal = (...args: string[]): string =>
    assertThrows(() => readBenchRequest(args), UsageError).message;
  assertStringIncludes(refusal("startpu"), '"startpu": did you mean "startup"?');
  assertStringIncludes(refusal("--against", "troch"), 'did you mean "torch"?');
  assertStringIncludes(refusal("--repeat", "3"), "did you mean --repeats?");
  assertStringIncludes(refusal("--repeats", "0"), "at least 1");
  assertStringIncludes(refusal("--width", "100"), "multiple of 64");
  assertStringIncludes(refusal("--size", "100"), "multiple of 32");
  assertStringIncludes(refusal("--steps", "20"), "at least 100");
  assertStringIncludes(refusal("--compiler", "gaph"), 'did you mean "graph"?');
  assertStringIncludes(refusal("--model", "resent"), 'did you mean "resnet"?');
  assertStringIncludes(refusal("--model", ","), "names no model: there are mixmim");
});

Deno.test("benchHelp() names every group", () => {
  const long = ["methods", "data", "wait", "checkpoint", "memory"];
  for (const name of ["step", "operation", "startup", ...long, "all"]) {
    assertMatch(benchHelp(), new RegExp(`^  ${name} +[A-Z]`, "m"));
  }
});

Deno.test("spreadOf() gives median, extremes and quartiles", () => {
  const odd = spreadOf([3, 1, 2, 5, 4]);
  assertEquals(odd, { median: 3, least: 1, most: 5, quartiles: [2, 4] });
  assertEquals(spreadOf([4, 1]).median, 2.5);
  assertThrows(() => spreadOf([]), Error, "no samples");
  assertThrows(() => spreadOf([1, NaN]), Error, "NaN");
});

Deno.test("ratioOf() compares medians, and the rounds one by one", () => {
  const { value, least, most } = ratioOf([10, 20, 30], [40, 60, 30]);
  assertAlmostEquals(value, 2);
  assertEquals([least, most], [1, 4]);
  assertThrows(() => ratioOf([1, 2], [1]), Error, "2 rounds");
});

Deno.test("alternate() gives every contender a round before the next round", async () => {
  const order: string[] = [];
  const contender = (name: string) => ({
    name,
    round: () => Promise.resolve(order.push(name)),
  });
  const measurements = await alternate([contender("ours"), contender("theirs")], {
    repeats: 2,
    unit: "ms",
    log: () => {},
  });
  assertEquals(order, ["ours", "theirs", "ours", "theirs"]);
  assertEquals(measurements[1], { contender: "theirs", unit: "ms", samples: [2, 4] });
});

Deno.test("isReached() reads a target both ways", () => {
  assertEquals(isReached(target), true);
  assertEquals(isReached({ ...target, value: 1.69 }), false);
  assertEquals(isReached({ ...target, better: "below" }), false);
  assertEquals(isReached({ ...target, value: null }), undefined);
});

Deno.test("renderGroup() aligns the columns and tells what was reached", () => {
  const text = renderGroup(benchmark.groups[0]!);
  assertStringIncludes(text, "theirs, the slow ones  60.0 ms");
  assertStringIncludes(text, "✓ reached: ours against theirs: 2.00 × (rounds 1.50–2.50)");
  assertStringIncludes(text, "✗ not reached: ours against theirs: 1.60 ×");
  assertStringIncludes(text, "– ours against theirs: not measured (at least 1.7 ×)");
  assertEquals(alignColumns([["a", "1"], ["bbb", "22"]]), ["a     1", "bbb  22"]);
});

Deno.test("benchmarkSchema takes a run and refuses a damaged one", () => {
  const written = JSON.parse(JSON.stringify(benchmark));
  assertEquals(benchmarkSchema.parse(written), benchmark);
  written.groups[0].measurements[0].samples = [];
  assertEquals(benchmarkSchema.safeParse(written).success, false);
});

Deno.test("loadWarning() speaks up on a busy machine", () => {
  assertEquals(loadWarning(1, 2), undefined);
  assertStringIncludes(loadWarning(1.5, 2) ?? "", "1.50 on 2 cores");
});

Deno.test("compareLosses() refuses to time what computes something else", () => {
  const reference = { name: "theirs", precision: "float32", losses: [2, 1.5] } as const;
  const close = { name: "ours", precision: "float32", losses: [2, 1.50001] } as const;
  const rough = { name: "rough", precision: "bfloat16", losses: [2.01, 1.5] } as const;
  const notes = compareLosses([close, reference, rough].map(mutable), "theirs");
  assertEquals(notes.length, 2);
  const wrong = { ...rough, precision: "float32" as const };
  const error = assertThrows(
    () => compareLosses([wrong, reference].map(mutable), "theirs"),
    Error,
  );
  assertStringIncludes(error.message, "rough does not compute what theirs computes");
  const nan = { ...close, losses: [2, NaN] };
  assertThrows(
    () => compareLosses([nan, reference].map(mutable), "theirs"),
    Error,
    "NaN",
  );
});

function mutable<Value extends { losses: readonly number[] }>(value: Value) {
  return { ...value, losses: [...value.losses] };
}

Deno.test("preparePython() says what to do without Python", async () => {
  const parent = await Deno.makeTempDir();
  const folder = `${parent}/environment`;
  const options = { log: () => {}, folder, systemPython: "no-such-python" };
  const error = await assertRejects(() => preparePython(["torch"], options), Error);
  assertStringIncludes(
    error.message,
    "there is no no-such-python on the PATH: install Python",
  );
  await assertRejects(() => Deno.stat(folder), Deno.errors.NotFound);
  await Deno.remove(parent);
});

Deno.test("productOperations() counts what a step multiplies", () => {
  // One block, one token, one sequence: 12 · 64² weights, 64 · 768 of the head, 2 · 64 of
  // attention; a product has two operations per weight, and a step three products of each.
  const operations = productOperations({ width: 64, blocks: 1, tokens: 1, batch: 1 });
  assertEquals(operations, 6 * (12 * 64 ** 2 + 64 * 768 + 2 * 64));
});

Deno.test("runBenchmark() measures an operation", async () => {
  const printed: string[] = [];
  const request = readBenchRequest(["operation", "--repeats", "1"]);
  const result = await runBenchmark(request, {
    print: (text) => printed.push(text),
    log: () => {},
  });
  assertEquals(benchmarkSchema.parse(JSON.parse(JSON.stringify(result))), result);
  const [measurement] = result.groups[0]!.measurements;
  assertEquals(measurement!.unit, "µs");
  // A wrong unit would be a thousand times off; how fast it is, is not this test's question.
  assert(measurement!.samples[0]! > 0.1 && measurement!.samples[0]! < 10_000);
  assertStringIncludes(printed.join("\n"), "mimkit eager");
});
