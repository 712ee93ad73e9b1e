import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Tensor, tf } from "../../lib/engine/mod.ts";
import { type StoredTensor, writeSafetensors } from "../../lib/zoo/safetensors.ts";
import { configOf, input } from "./golden_case.ts";
import { computation, type Kinds } from "./kind.ts";
import { describeCase, summarize } from "./report.ts";
import { type CaseResult, findCases, runFolder } from "./runner.ts";
import { z } from "zod";

function floats(...values: number[]): StoredTensor {
  return { shape: [values.length], dtype: "F32", data: new Float32Array(values) };
}

/** y = x · factor, z = y + 1, and the gradient of the sum of z. */
const golden = {
  json: {
    kind: "toy",
    config: { factor: 2 },
    inputs: { x: {} },
    outputs: { y: {}, z: {} },
    tolerance: { atol: 1e-6, rtol: 0 },
    grad_tolerance: { relative_to_max: 1e-3 },
  },
  tensors: {
    "in/x": floats(1, 2),
    "out/y": floats(2, 4),
    "out/z": floats(3, 5),
    "grad/x": floats(2, 2),
  },
};

async function writeCase(
  { json, tensors }: { json: unknown; tensors: Record<string, StoredTensor> },
): Promise<string> {
  const folder = `${await Deno.makeTempDir()}/toy-case`;
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/case.json`, JSON.stringify(json));
  await writeSafetensors(`${folder}/tensors.safetensors`, tensors);
  return folder;
}

function toyKinds(
  change: (outputs: Record<string, Tensor>) => Record<string, Tensor>,
): Kinds {
  return {
    toy: (golden) => {
      const { factor } = configOf(golden, z.object({ factor: z.number() }));
      return computation({ x: input(golden, "x") }, ({ x }) => {
        const y = x.mul(factor);
        const gradient = tf.grad((x) => x.mul(factor).add(1).sum())(x);
        return change({ "out/y": y, "out/z": y.add(1), "grad/x": gradient });
      });
    },
  };
}

const correct = toyKinds((outputs) => outputs);

async function runToy(kinds: Kinds, written: Parameters<typeof writeCase>[0] = golden) {
  return await runFolder(await writeCase(written), kinds);
}

Deno.test("runFolder() runs a case eagerly and with both compilers", async () => {
  const result = await runToy(correct);
  assertEquals(result.outcome, "passed");
  assert("results" in result);
  assertEquals(result.results.map(({ mode }) => mode), ["eager", "xla", "graph"]);
  assertEquals(
    describeCase(result),
    "passed  toy-case (toy): eager 0/0, xla 0/0, graph 0/0 | y 0/0, z 0/0, grad/x 0/0",
  );
});

Deno.test("runFolder() names the first tensor that diverges", async () => {
  const result = await runToy(toyKinds((outputs) => ({
    ...outputs,
    "out/y": outputs["out/y"]!.mul(1.5),
    "out/z": outputs["out/y"]!.mul(1.5).add(1),
  })));
  assertEquals(result.outcome, "failed");
  assertStringIncludes(
    describeCase(result),
    "xla: first to diverge: out/y [1] is 6, expected 4 ± 0.0000010 (and 1 after it)",
  );
});

Deno.test("runFolder() fails a case whose output or gradient is not computed", async () => {
  const result = await runToy(toyKinds(({ "grad/x": _, ...rest }) => rest));
  assertEquals(result.outcome, "failed");
  assertStringIncludes(describeCase(result), "first to diverge: grad/x was not computed");
});

Deno.test("runFolder() does not mind outputs that the case does not have", async () => {
  const more = toyKinds((outputs) => ({ "out/more": tf.zeros([7]), ...outputs }));
  assertEquals((await runToy(more)).outcome, "passed");
});

Deno.test("runFolder() fails a case when the kind throws, with its message", async () => {
  const result = await runToy(toyKinds(() => {
    throw new Error("no such layer");
  }));
  assertEquals(result.outcome, "failed");
  assertStringIncludes(describeCase(result), "eager: no such layer");
});

Deno.test("runFolder() skips kinds that are not built, by name", async () => {
  const result = await runToy({});
  assertEquals(result.outcome, "skipped");
  assertEquals(
    describeCase(result),
    "skipped toy-case (toy): this kind is not built yet",
  );
});

Deno.test("runFolder() fails damaged cases in one sentence", async (t) => {
  const damaged: [string, Parameters<typeof writeCase>[0], RegExp][] = [
    [
      "a size is missing from config",
      { ...golden, json: { ...golden.json, config: {} } },
      /config\.factor: .*number/,
    ],
    [
      "a described tensor is missing",
      { ...golden, tensors: { "in/x": floats(1) } },
      /describes out\/y, out\/z, tensors\.safetensors lacks it/,
    ],
    [
      "there is no tolerance",
      { ...golden, json: { ...golden.json, tolerance: undefined } },
      /case\.json: tolerance: /,
    ],
    [
      "there is nothing to compare",
      { json: { ...golden.json, outputs: {} }, tensors: { "in/x": floats(1) } },
      /holds nothing to compare with/,
    ],
  ];
  for (const [name, written, message] of damaged) {
    await t.step(name, async () => {
      const result = await runToy(correct, written);
      assertEquals(result.outcome, "failed");
      assertMatch(describeCase(result), message);
    });
  }
  await t.step("the tensors are truncated", async () => {
    const folder = await writeCase(golden);
    const path = `${folder}/tensors.safetensors`;
    const bytes = await Deno.readFile(path);
    await Deno.writeFile(path, bytes.subarray(0, bytes.length - 4));
    assertMatch(describeCase(await runFolder(folder, correct)), /truncated/);
  });
  await t.step("case.json is no JSON", async () => {
    const folder = await writeCase(golden);
    await Deno.writeTextFile(`${folder}/case.json`, "{");
    assertMatch(describeCase(await runFolder(folder, correct)), /case\.json is no JSON/);
  });
});

Deno.test("runFolder() compares a table with the expected one", async () => {
  const json = { ...golden.json, outputs: {}, inputs: {}, expected: [{ lr: 0.1 }] };
  const table = (lr: number): Kinds => ({ toy: () => ({ table: [{ lr }] }) });
  const written = { json, tensors: {} };
  assertEquals((await runToy(table(0.1), written)).outcome, "passed");
  const wrong = await runToy(table(0.2), written);
  assertStringIncludes(
    describeCase(wrong),
    "first to diverge: 0.lr is 0.2, expected 0.1",
  );
});

Deno.test("runFolder() compares the arrays that a case stores besides its table", async () => {
  const json = { ...golden.json, inputs: {}, outputs: { rates: {} }, expected: [1, 2] };
  const written = { json, tensors: { "out/rates": floats(1, 2) } };
  const kindsGiving = (...rates: number[]): Kinds => ({
    toy: () => ({
      table: [1, 2],
      arrays: { "out/rates": { shape: [rates.length], values: rates } },
    }),
  });
  assertEquals((await runToy(kindsGiving(1, 2), written)).outcome, "passed");
  assertStringIncludes(
    describeCase(await runToy(kindsGiving(1, 3), written)),
    "first to diverge: out/rates [1] is 3, expected 2",
  );
  const none: Kinds = { toy: () => ({ table: [1, 2] }) };
  assertStringIncludes(
    describeCase(await runToy(none, written)),
    "first to diverge: out/rates was not computed",
  );
});

Deno.test("findCases() says what is wrong with a folder", async () => {
  const root = await Deno.makeTempDir();
  const messageOf = (promise: Promise<unknown>) =>
    promise.then(() => "", (error) => (error as Error).message);
  assertMatch(await messageOf(findCases(`${root}/none`)), /none does not exist/);
  assertMatch(await messageOf(findCases(root)), /holds no golden cases/);
  await Deno.mkdir(`${root}/b`);
  await Deno.mkdir(`${root}/a`);
  assertEquals(await findCases(`${root}/`), [`${root}/a`, `${root}/b`]);
  assertEquals(await findCases(root, "b"), [`${root}/b`]);
  assertMatch(await messageOf(findCases(root, "c")), /has no case "c"; it has: a, b/);
});

Deno.test("summarize() counts outcomes", () => {
  const results: CaseResult[] = [
    { name: "a", kind: "k", outcome: "skipped" },
    { name: "b", kind: "k", outcome: "failed", error: "" },
    { name: "c", kind: "k", outcome: "passed", results: [] },
    { name: "d", kind: "k", outcome: "passed", results: [] },
  ];
  assertEquals(summarize(results), "2 passed, 1 failed, 1 skipped");
});
