/** Runs side by side: what belongs together, in what they differ, and how all of it is shown. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  compareRuns,
  comparisonJson,
  comparisonText,
  writeComparison,
} from "../../../lib/plots/mod.ts";
import { shortNames } from "../../../lib/plots/comparison/compared_run.ts";
import { comparedCurves } from "../../../lib/plots/comparison/comparison_curves.ts";
import { inTemporaryFolder } from "../../data/support.ts";
import { type RunFiles, writeRun } from "./run_files.ts";

/** Runs in folders of these names. */
async function withRuns(
  runs: Record<string, RunFiles>,
  test: (folders: string[], parent: string) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (parent) => {
    for (const [name, files] of Object.entries(runs)) {
      await writeRun(`${parent}/${name}`, files);
    }
    await test(Object.keys(runs).map((name) => `${parent}/${name}`), parent);
  });
}

const usual: Record<string, RunFiles> = {
  "mae-seed1": { seed: 1, knn: 72 },
  "milan": { method: "milan", knn: 75, loss: 0.01 },
  "mae": { seed: 0, knn: 70 },
};

Deno.test("compareRuns() puts runs together that differ only in their seed", async () => {
  await withRuns(usual, async (folders) => {
    const { groups, tables, differing } = await compareRuns(folders);
    assertEquals(groups.map(({ name, color }) => [name, color]), [
      ["mae (seeds 0, 1)", 0],
      ["milan", 1],
    ]);
    assertEquals(tables, [{
      ...{ title: "Accuracy", note: "k = 20." },
      columns: [
        ...[{
          key: "knn",
          label: "kNN",
          unit: "%",
          better: "higher" as const,
          digits: 1,
        }],
      ],
      rows: [
        { name: "mae (seeds 0, 1): random weights", values: { knn: [60, 60] } },
        { name: "mae (seeds 0, 1)", values: { knn: [70, 72] } },
        { name: "milan: random weights", values: { knn: [60] } },
        { name: "milan", values: { knn: [75] } },
      ],
    }]);
    assertEquals(differing, [
      { path: "model.kind", values: ["mae", "milan"] },
      { path: "seed", values: ["0, 1", "0"] },
    ]);
  });
});

Deno.test("compareRuns() says once what all runs have with the same numbers", async () => {
  await withRuns(
    { one: { knn: 70 }, two: { method: "milan", knn: 75 } },
    async (folders) => {
      const { tables } = await compareRuns(folders);
      assertEquals(tables[0]!.rows.map(({ name }) => name), [
        "random weights",
        "one",
        "two",
      ]);
    },
  );
});

Deno.test("compareRuns() takes seeds of fine-tuning together, with their parts of the images", async () => {
  const tuned = (seed: number, from: string): RunFiles => ({
    ...{ seed, from, task: "finetune", method: "classifier" },
    images: `fashion-mnist/train/labels-0.01-seed-${seed}`,
  });
  const runs = {
    a: tuned(0, "runs/mae"),
    b: tuned(1, "runs/mae-seed1"),
    c: tuned(1, "runs/milan-seed1"),
  };
  await withRuns(runs, async (folders) => {
    const { groups, runs } = await compareRuns(folders);
    assertEquals(groups.map(({ runs }) => runs.map(({ name }) => name)), [["a", "b"], [
      "c",
    ]]);
    const methods = runs.map((run) => run.state === "damaged" ? "" : run.facts.method);
    assertEquals(methods[0], "classifier from mae");
  });
});

Deno.test("compareRuns() keeps apart what is no second sample", async () => {
  const runs = { a: {}, b: {}, c: { seed: 1, finished: false } };
  await withRuns(runs, async (folders) => {
    // The same seed twice, and a run that has not come to its end.
    assertEquals((await compareRuns(folders)).groups.length, 3);
  });
});

Deno.test("compareRuns() shows unfinished, empty and damaged runs as what they are", async () => {
  const runs = {
    whole: { knn: 70 },
    half: { finished: false, steps: 20 },
    empty: { finished: false, steps: 0 },
    broken: {},
  };
  await withRuns(runs, async (folders, parent) => {
    await Deno.writeTextFile(`${parent}/broken/run.json`, "{");
    await Deno.writeTextFile(`${parent}/half/metrics.jsonl`, '{"phase":"mae","st', {
      append: true,
    });
    const comparison = await compareRuns(folders);
    const text = comparisonText(comparison);
    for (
      const pattern of [
        /^whole +finished .* 50 +1\.\d+ +400 +5\.0 min$/m,
        /^half +unfinished .* 20 of 50 +1\.\d+ +400 +20\.0 min$/m,
        /^empty +not begun .* 0 of 50 +– +– +–$/m,
        /^broken +damaged( +–)+$/m,
        /^half: 1 damaged line of metrics\.jsonl left out\.$/m,
        /^broken: ".*broken\/run\.json" is damaged: it holds no JSON\./m,
      ]
    ) assertMatch(text, pattern);
    const json = comparisonJson(comparison) as { runs: { state: string }[] };
    assertEquals(json.runs.map(({ state }) => state), [
      ...["finished", "unfinished", "unfinished", "damaged"],
    ]);
    await writeComparison(comparison, `${parent}/page.html`);
    const page = await Deno.readTextFile(`${parent}/page.html`);
    assertStringIncludes(page, "Not finished: half, empty.");
    assertStringIncludes(page, "broken cannot be read:");
  });
});

Deno.test("comparisonText() lists settings by value where columns have no room", async () => {
  await withRuns(usual, async (folders) => {
    const comparison = await compareRuns(folders);
    const wide = comparisonText(comparison, 120);
    assertMatch(wide, /^model\.kind +mae +milan$/m);
    assertMatch(wide, /^mae \(seeds 0, 1\) +71\.0 ± 1\.4$/m);
    assertStringIncludes(wide, "machine 2 cores of Test CPU");
    const narrow = comparisonText(comparison, 30);
    assertStringIncludes(narrow, "model.kind\n  mae: mae (seeds 0, 1)\n  milan: milan\n");
  });
});

Deno.test("comparedCurves() draws each group in its colour, apart by what is trained", async () => {
  const runs = { ...usual, tuned: { task: "finetune", method: "classifier" } };
  await withRuns(runs, async (folders) => {
    const curves = comparedCurves((await compareRuns(folders)).groups);
    assertEquals(curves.map(({ title }) => title), ["pretrain", "finetune"]);
    const [pretraining] = curves;
    const loss = pretraining!.loss!;
    // Losses of 1 and of 0.01 in one figure, of which only the shapes compare.
    assertEquals((loss.figure.layout.yaxis as { type: string }).type, "log");
    assertStringIncludes(loss.note ?? "", "do not compare");
    const titles = [...pretraining!.evaluations, ...pretraining!.training]
      .map(({ title }) => title);
    assertEquals(titles, [
      ...[
        "Nearest neighbours",
        "Learning rate",
        "Speed",
        "Waiting for data",
        "Processors",
      ],
    ]);
    assertEquals(pretraining!.groups.map(({ name }) => name), [
      "mae (seeds 0, 1)",
      "milan",
    ]);
  });
});

Deno.test("writeComparison() is one page with everything inside it", async () => {
  await withRuns({ ...usual, "<odd>": { method: "a<b" } }, async (folders, parent) => {
    const comparison = await compareRuns(folders);
    const path = `${parent}/page.html`;
    await writeComparison(comparison, path);
    const page = await Deno.readTextFile(path);
    for (
      const text of [
        "<h1>4 runs side by side</h1>",
        "<h2>Pretraining</h2>",
        "<h2>Settings that differ</h2>",
        '<td>71.0 <span class="spread">± 1.4</span></td>',
        "<td><strong>75.0</strong></td>",
        "deno task pretrain milan-tiny --seed 0",
        "&lt;odd&gt;",
        "prefers-color-scheme: dark",
      ]
    ) assertStringIncludes(page, text);
    assertEquals(page.match(/<img /g)?.length, 2);
    const sources = [...page.matchAll(/(?:src|href)\s*=\s*"([^"]*)"/g)].map((m) => m[1]);
    assertEquals(sources.filter((source) => !/^(data:|#)/.test(source ?? "")), []);
    assert(!/<script|<link|@import|url\((?!['"]?#)/.test(page));
    assert(!page.includes("<odd>"));
    await assertRejects(
      () => writeComparison(comparison, `${parent}/no/such/folder.html`),
      Error,
      "choose another file with --out",
    );
  });
});

Deno.test("shortNames() are the ends of paths that tell runs apart", () => {
  assertEquals(shortNames(["runs/mae", "runs/milan/", "./runs/a2mim"]), [
    "mae",
    "milan",
    "a2mim",
  ]);
  assertEquals(shortNames(["first/mae", "second/mae", "second/milan"]), [
    "first/mae",
    "second/mae",
    "milan",
  ]);
});
