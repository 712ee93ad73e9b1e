import {
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { openRun, readRunFolder, type ResultsTable } from "../../lib/runs/mod.ts";
import {
  type CompareTask,
  describePlan,
  fillTables,
} from "../../tasks/compare/compare.ts";
import { chooseMethods, comparedNetworks } from "../../tasks/compare/methods.ts";
import { recipe } from "../../lib/recipes/catalogue.ts";
import { inTemporaryFolder } from "../data/support.ts";
import { toyRun } from "../trainers/toy.ts";

function taskIn(out: string, names = ["mae-tiny"]): CompareTask {
  return {
    ...{ data: "fashion-mnist", out, labels: 0.01, seeds: [0, 1] },
    networks: chooseMethods(names),
    steps: { pretraining: 9, few: 3, all: 6 },
    command: "deno task compare",
  };
}

/** Stands in for a task: leaves a table with the number that `valueOf` gives. */
async function leaveResults(args: readonly string[], value: number): Promise<void> {
  const folder = args[args.indexOf("--out") + 1]!;
  const rows = args[0] === "pretrain" ? ["random weights", args[1]!] : ["finetune"];
  const keys = args[0] === "pretrain" ? ["knn", "probe"] : ["top1", "top5"];
  const table: ResultsTable = {
    ...{ title: "t", note: "", columns: keys.map((key) => ({ key, label: key })) },
    rows: rows.map((name, row) => ({
      name,
      values: Object.fromEntries(keys.map((key, column) => [
        key,
        [value + 10 * row + 100 * column],
      ])),
    })),
  };
  const run = await openRun(folder, toyRun());
  await run.writeResults([table]);
}

Deno.test("fillTables() takes each number out of the run that it belongs to, once", async () => {
  await inTemporaryFolder(async (folder) => {
    const task = taskIn(folder);
    const run = await openRun(`${folder}/all`, toyRun());
    const done: string[] = [];
    const parts = {
      say: () => {},
      runTask: async (args: readonly string[]) => {
        await leaveResults(args, done.push(args.join(" ")));
        return 0;
      },
    };
    await fillTables(task, run, undefined, parts);
    // Pretraining and three networks with two amounts of labels, for each of two seeds.
    assertEquals(done.length, 14);
    const [table] = (await readRunFolder(`${folder}/all`)).tables;
    const values = Object.fromEntries(
      table!.rows.map(({ name, values }) => [name, values]),
    );
    assertEquals(values, {
      "random weights": { knn: [1, 8], probe: [101, 108], few: [4, 11], all: [5, 12] },
      "supervised, steps of both": {
        ...{ knn: [null, null], probe: [null, null], few: [6, 13], all: [7, 14] },
      },
      "MAE": { knn: [11, 18], probe: [111, 118], few: [2, 9], all: [3, 10] },
    });
    await fillTables(task, run, undefined, parts);
    assertEquals(done.length, 14);
    assertStringIncludes(done[5]!, "--steps 12 ");
    assertEquals(done.map((line) => line.includes("--like")), [
      ...[false, false, false, true, true, true, true],
      ...[false, false, false, true, true, true, true],
    ]);
  });
});

Deno.test("fillTables() ends where a task does, and says which", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(`${folder}/all`, toyRun());
    const attempt = (runTask: () => Promise<number>) => () =>
      fillTables(taskIn(folder), run, undefined, { say: () => {}, runTask });
    await assertRejects(
      attempt(() => Promise.resolve(3)),
      Error,
      "Ended with status 3: deno task pretrain mae-tiny",
    );
    await assertRejects(attempt(() => Promise.resolve(0)), Error, "has no results");
  });
});

Deno.test("describePlan() lists commands for recipes that there are", () => {
  const lines = describePlan({ ...taskIn("runs/x", []), seeds: [0] }).split("\n");
  // Ten ways to pretrain and four networks with two baselines, each with two amounts of labels.
  assertEquals(lines.length, 10 + 2 * (10 + 2 * 4));
  assertEquals(new Set(lines.map((line) => line.split("--out ")[1])).size, lines.length);
  for (const { methods } of comparedNetworks) {
    for (const { recipe: name } of methods) assertEquals(recipe(name).task, "pretrain");
  }
  assertThrows(() => chooseMethods(["mae"]), Error, '"mae" is not compared');
});
