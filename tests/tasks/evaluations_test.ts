import { assertEquals } from "@std/assert";
import { openRun, readRunFolder } from "../../lib/runs/mod.ts";
import { openEvaluations, type TableLayout } from "../../tasks/training/evaluations.ts";
import { assertOneSentence, inTemporaryFolder } from "../data/support.ts";
import { toyRun } from "../trainers/toy.ts";

const layout: TableLayout<"a" | "b", "x"> = {
  title: "table",
  note: "",
  columns: [{ key: "x", label: "x" }],
  rows: ["a", "b"],
};

Deno.test("openEvaluations() computes a number once, over restarts too", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    const first = await openEvaluations(run, [0, 1], layout);
    assertEquals(await first.once("a", "x", 1, () => 3), 3);
    assertEquals(first.has("a", ["x"], 0), false);
    const second = await openEvaluations(run, [0, 1], layout);
    assertEquals(second.has("a", ["x"], 1), true);
    assertEquals(await second.once("a", "x", 1, () => 4), 3);
    const { tables } = await readRunFolder(folder);
    assertEquals(tables[0]!.rows.map(({ values }) => values.x), [[null, 3], [
      null,
      null,
    ]]);
  });
});

Deno.test("openEvaluations() says what to do with a damaged file", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    for (const text of ["", "{", "[1]", "null", '{"a/x/0": "3"}']) {
      await Deno.writeTextFile(`${folder}/evaluations.json`, text);
      await assertOneSentence(
        () => openEvaluations(run, [0], layout),
        "evaluations.json",
        "remove it",
      );
    }
  });
});
