/** The report of a run: its numbers, its warnings, and nothing loaded from elsewhere. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { imageGrid, writeReport } from "../../lib/plots/mod.ts";
import { settingsOf } from "../../lib/plots/recipe_markup.ts";
import { parseMetrics } from "../../lib/runs/run_folder.ts";
import {
  digitsFor,
  median,
  movingAverage,
  summarize,
} from "../../lib/plots/statistics.ts";

const run = {
  name: "tiny <run> & co",
  command: "deno task quickstart --minutes 1 && echo '<done>'",
  recipe: {
    masker: { ratio: { value: 0.75, source: "MAE, section 4.1" }, kind: "random" },
    betas: [0.9, 0.95],
  },
  sources: { "betas": "MAE, table 8" },
  seeds: [0, 1],
  machine: { cpu: "Test <CPU>", cores: 2, memoryBytes: 8 * 2 ** 30, os: "Linux" },
  versions: { mimkit: "0.1.0", deno: "2.9.6" },
  dataset: {
    name: "Fashion-MNIST",
    fingerprint: "sha256:ab12",
    counts: { train: 60000 },
  },
  startedAt: "2026-01-02T03:04:05Z",
  finishedAt: "2026-01-02T03:09:05Z",
  minutes: 5,
};
const results = {
  tables: [{
    title: "Accuracy <test>",
    columns: [
      { key: "knn", label: "kNN", unit: "%", better: "higher" },
      { key: "probe", label: "linear probe", unit: "%", better: "higher" },
    ],
    rows: [
      { name: "raw & plain", values: { knn: [59.123], probe: [] } },
      { name: "MAE", values: { knn: [70, 72, 74], probe: [78, null] } },
    ],
  }],
};

const metricLines = ["mae", "<milan>"].flatMap((phase) =>
  Array.from(
    { length: 50 },
    (_, step) =>
      JSON.stringify({ phase, step, loss: 2 / (step + 1), imagesPerSecond: 1234 }),
  )
);

async function withRun(
  files: Record<string, string | Uint8Array>,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/pictures`);
    for (const [name, content] of Object.entries(files)) {
      if (typeof content === "string") {
        await Deno.writeTextFile(`${folder}/${name}`, content);
      } else await Deno.writeFile(`${folder}/${name}`, content);
    }
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("writeReport() holds the numbers, escaped, and loads nothing", async () => {
  const png = await imageGrid([[{
    pixels: new Uint8Array(4),
    height: 2,
    width: 2,
    channels: 1,
  }]]);
  const files = {
    "run.json": JSON.stringify(run),
    "metrics.jsonl": [...metricLines, '{"phase":"mae","st'].join("\n"),
    "results.json": JSON.stringify(results),
    "pictures/a.png": png,
    "pictures.json": JSON.stringify([
      { file: "a.png", title: "T <1>", caption: "C & c" },
      { file: "gone.png", title: "gone" },
    ]),
  };
  await withRun(files, async (folder) => {
    const path = await writeReport(folder + "/");
    assertEquals(path, `${folder}/report.html`);
    const page = await Deno.readTextFile(path);
    for (
      const text of [
        "<h1>tiny &lt;run&gt; &amp; co</h1>",
        "2 seeds, 5.0 minutes on 2 cores of Test &lt;CPU&gt;.",
        "60,000 train",
        "<td>59.1</td>",
        '<td><strong>72.0</strong> <span class="spread">± 2.0</span></td>',
        "raw &amp; plain",
        "Accuracy &lt;test&gt;",
        "<h3>&lt;milan&gt;</h3>",
        "1,234 images/s",
        "T &lt;1&gt;",
        "C &amp; c",
        "MAE, section 4.1",
        "MAE, table 8",
        "echo &#39;&lt;done&gt;&#39;",
        "sha256:ab12",
        "1 damaged line of metrics.jsonl left out",
        "pictures/gone.png is missing",
      ]
    ) assertStringIncludes(page, text);
    // The row without a linear probe has a dash, not a zero.
    assertMatch(page, /raw &amp; plain<\/th><td>59\.1<\/td><td class="missing"[^>]*>–</);
    assert(!page.includes("not finished"));
    assertEquals(page.match(/<svg /g)?.length, 3); // two losses and the speed
    // Nothing is fetched: pictures are inside, there are no scripts, styles or links.
    const sources = [...page.matchAll(/(?:src|href)\s*=\s*"([^"]*)"/g)].map((m) => m[1]);
    assert(sources.some((source) => source?.startsWith("data:image/png;base64,")));
    assertEquals(sources.filter((source) => !/^(data:|#)/.test(source ?? "")), []);
    assert(!/<script|<link|@import|url\((?!['"]?#)/.test(page));
    const left = [...Deno.readDirSync(folder)].map((entry) => entry.name);
    assert(!left.some((name) => name.endsWith(".part")));
  });
});

Deno.test("writeReport() says that a run is not finished", async () => {
  const { finishedAt: _, minutes: __, ...unfinished } = { ...run, seeds: [7] };
  await withRun({ "run.json": JSON.stringify(unfinished) }, async (folder) => {
    const page = await Deno.readTextFile(await writeReport(folder));
    assertStringIncludes(page, "This run is not finished.");
    assertStringIncludes(page, "No results yet");
    assertStringIncludes(page, "No step has been logged yet");
    assertStringIncludes(page, "1 seed on 2 cores");
  });
});

Deno.test("writeReport() counts losses that were not finite", async () => {
  const metrics =
    '{"phase":"mae","step":1,"loss":null}\n{"phase":"mae","step":2,"loss":1}';
  const files = { "run.json": JSON.stringify(run), "metrics.jsonl": metrics };
  await withRun(files, async (folder) => {
    const page = await Deno.readTextFile(await writeReport(folder));
    assertStringIncludes(page, "The loss was not finite at 1 logged step");
  });
});

Deno.test("writeReport() names what is missing or damaged, in one sentence", async () => {
  await assertRejects(() => writeReport("/no/such/run"), Error, 'There is no folder "');
  await withRun({}, async (folder) => {
    await assertRejects(() => writeReport(folder), Error, "it has no run.json");
    await Deno.writeTextFile(`${folder}/run.json`, "{");
    await assertRejects(() => writeReport(folder), Error, "is damaged");
    await assertRejects(() => writeReport(`${folder}/run.json`), Error, "is a file");
    await Deno.writeTextFile(
      `${folder}/run.json`,
      JSON.stringify({ ...run, seeds: "no" }),
    );
    await assertRejects(() => writeReport(folder), Error, '"seeds"');
    await Deno.writeTextFile(`${folder}/run.json`, JSON.stringify(run));
    const outside = JSON.stringify([{ file: "../../secret.png", title: "x" }]);
    await Deno.writeTextFile(`${folder}/pictures.json`, outside);
    await assertRejects(() => writeReport(folder), Error, "name of a PNG in pictures/");
    assert(![...Deno.readDirSync(folder)].some(({ name }) => name === "report.html"));
  });
});

Deno.test("writeReport() draws long runs small, keeps their peaks, and says so", async () => {
  const steps = 5000;
  const lines = Array.from({ length: steps }, (_, step) => {
    const loss = step === 1234 ? 77 : 1 + (step % 7) / 10;
    const hardware = { processors: 1.5, residentBytes: 2 ** 30, gpuUse: 0.9 };
    return JSON.stringify({ phase: "mae", step, loss, ...(step % 9 ? {} : hardware) });
  });
  const files = { "run.json": JSON.stringify(run), "metrics.jsonl": lines.join("\n") };
  await withRun(files, async (folder) => {
    const page = await Deno.readTextFile(await writeReport(folder));
    assert(page.length < 150_000, `${page.length} characters`);
    assertStringIncludes(page, "Of 5,000 logged steps the curves show about 600 points");
    assertMatch(page, />80<\/text>/); // the axis reaches the single spike
    for (const title of ["Processors", "Main memory", "Graphics card"]) {
      assertStringIncludes(page, `<h3>${title}</h3>`);
    }
    assert(!page.includes("Memory of the graphics card")); // nothing was logged of it
  });
});

Deno.test("parseMetrics() sorts, counts damage and keeps the later of two lines", () => {
  const { metrics, damaged } = parseMetrics(
    '{"phase":"b","step":2,"loss":1}\n\n{"phase":"a","step":1,"loss":1}\nnoise\n' +
      '{"phase":"b","step":1,"loss":5}\n{"phase":"b","step":2,"loss":9}\n{"step":1}',
  );
  assertEquals(damaged, 2);
  assertEquals(metrics.map(({ phase, step, loss }) => [phase, step, loss]), [
    ["b", 1, 5],
    ["b", 2, 9],
    ["a", 1, 1],
  ]);
});

Deno.test("settingsOf() flattens a recipe and finds its sources", () => {
  assertEquals(settingsOf(run.recipe, run.sources), [
    { path: "masker.ratio", value: "0.75", source: "MAE, section 4.1" },
    { path: "masker.kind", value: "random", source: "" },
    { path: "betas", value: "[0.9,0.95]", source: "MAE, table 8" },
  ]);
});

Deno.test("summarize() is the sample's spread and leaves out what is missing", () => {
  assertEquals(summarize([]), undefined);
  assertEquals(summarize([null, NaN]), undefined);
  assertEquals(summarize([3]), { mean: 3, deviation: undefined, count: 1 });
  assertEquals(summarize([70, null, 72, 74]), { mean: 72, deviation: 2, count: 3 });
  assertEquals(movingAverage([0, 3, null, 6], 3), [1.5, 1.5, 4.5, 6]);
  assertEquals([median([]), median([3, 1]), median([5, 1, 2])], [undefined, 2, 2]);
  assertEquals([digitsFor(76.1), digitsFor(0.01234), digitsFor(123456)], [2, 5, 0]);
});
