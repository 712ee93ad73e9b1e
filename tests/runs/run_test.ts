import { assert, assertEquals, assertRejects } from "@std/assert";
import { openRun, readRunFolder } from "../../lib/runs/mod.ts";
import { assertOneSentence, inTemporaryFolder } from "../data/support.ts";
import { toyRun } from "../trainers/toy.ts";

const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

Deno.test("openRun() writes a folder that readRunFolder() reads back", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    assert(!run.resumed);
    await run.log({ phase: "a", seed: 0, step: 1, loss: 0.5 });
    await run.writePicture({ file: "b.png", title: "second" }, png);
    await run.writePicture({ file: "a.png", title: "first", caption: "says" }, png);
    await run.writePicture({ file: "b.png", title: "again" }, png);
    const columns = [{ key: "knn", label: "kNN" }];
    const rows = [{ name: "MAE", values: { knn: [1, null] } }];
    await run.writeResults([{ title: "table", columns, rows }]);
    await run.finish(true);

    const read = await readRunFolder(folder);
    assertEquals(read.warnings, []);
    assertEquals(read.metrics.map(({ loss }) => loss), [0.5]);
    assertEquals(read.pictures.map(({ title, caption }) => [title, caption]), [
      ["first", "says"],
      ["again", ""],
    ]);
    assertEquals(read.tables[0]!.rows, rows);
    assert(read.run.finishedAt !== undefined && read.run.minutes! >= 0);
  });
});

Deno.test("openRun() goes on with a run, and forgets what came after the checkpoint", async () => {
  await inTemporaryFolder(async (folder) => {
    const first = await openRun(folder, toyRun());
    for (const phase of ["a", "b"]) {
      for (const step of [1, 2, 3]) await first.log({ phase, seed: 0, step, loss: 1 });
    }
    await first.log({ phase: "a", seed: 1, step: 3, loss: 1 });
    // A line that a kill cut off.
    await Deno.writeTextFile(`${folder}/metrics.jsonl`, '{"phase":"a","st', {
      append: true,
    });
    await first.finish(false);

    const second = await openRun(folder, {
      ...toyRun(),
      startedAt: "2027-01-01T00:00:00Z",
    });
    assert(second.resumed);
    assertEquals(second.run.startedAt, "2026-01-01T00:00:00Z");
    // Steps 2 and 3, and the line that was cut off.
    assertEquals(await second.forgetAfter({ phase: "a", seed: 0 }, 1), 3);
    await second.log({ phase: "a", seed: 0, step: 2, loss: 2 });
    const { metrics, warnings } = await readRunFolder(folder);
    assertEquals(warnings, []);
    assertEquals(
      metrics.map(({ phase, seed, step }) => `${phase}${seed}${step}`),
      ["a01", "a02", "a13", "b01", "b02", "b03"],
    );
  });
});

Deno.test("openRun() refuses a folder with other settings, and names the first", async () => {
  await inTemporaryFolder(async (folder) => {
    const before = toyRun({ masker: { ratio: 0.75, kind: undefined } });
    await openRun(folder, before);
    await openRun(folder, before);
    const other = toyRun({ masker: { ratio: 0.6 } });
    await assertOneSentence(
      () => openRun(folder, other),
      folder,
      "recipe.masker.ratio: 0.75 → 0.6",
      "--out",
    );
    const { recipe } = (await readRunFolder(folder)).run;
    assertEquals(recipe, { steps: 20, masker: { ratio: 0.75 } });
  });
});

Deno.test("openRun() goes on with other settings when it may, and notes them", async () => {
  await inTemporaryFolder(async (folder) => {
    const first = await openRun(folder, toyRun({ optimizer: { lr: 1, kind: "sgd" } }));
    await first.finish(true);
    const other = { ...toyRun({ optimizer: { lr: 0.1 } }), command: "deno task other" };
    const refused = () => openRun(folder, other, { changeSettings: false });
    await assertOneSentence(refused, "recipe.optimizer.lr: 1 → 0.1", "--change-settings");
    const second = await openRun(folder, other, { changeSettings: true });
    const settings = [
      "recipe.optimizer.lr: 1 → 0.1",
      'recipe.optimizer.kind: "sgd" → nothing',
    ];
    assertEquals(second.changed, settings);
    // Not before the run really goes on with them.
    assertEquals((await readRunFolder(folder)).run.recipe.optimizer, {
      lr: 1,
      kind: "sgd",
    });
    await second.finish(false);
    assertEquals((await readRunFolder(folder)).run.changes, undefined);
    await Deno.writeTextFile(`${folder}/results.json`, '{"tables": []}');
    await second.forgetAfter({ phase: "a", seed: 0 }, 0);
    await assertRejects(() => Deno.stat(`${folder}/results.json`), Deno.errors.NotFound);
    const { run } = await readRunFolder(folder);
    assertEquals(run.changes!.map(({ settings }) => settings), [settings]);
    assertEquals([run.command, run.finishedAt], ["deno task other", undefined]);
    assertEquals(run.recipe.optimizer, { lr: 0.1 });
    assertEquals((await openRun(folder, other)).changed, []);

    const elsewhere = { ...other, dataset: { ...other.dataset, fingerprint: "another" } };
    await assertOneSentence(
      () => openRun(folder, elsewhere, { changeSettings: true }),
      'dataset.fingerprint: "toy" → "another"',
    );
  });
});

Deno.test("openRun() does not take checkpoints of an unknown run for its own", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.mkdir(`${folder}/checkpoints/mae-seed0`, { recursive: true });
    await openRun(folder, toyRun());
    await Deno.remove(`${folder}/run.json`);
    await Deno.writeTextFile(
      `${folder}/checkpoints/mae-seed0/step-00000001.safetensors`,
      "",
    );
    await assertOneSentence(() => openRun(folder, toyRun()), "no run.json", "--out");
  });
});

Deno.test("openRun() says that run.json is damaged", async () => {
  await inTemporaryFolder(async (folder) => {
    for (const text of ["", "{", "{}", '{"name": 3}']) {
      await Deno.writeTextFile(`${folder}/run.json`, text);
      await assertOneSentence(() => openRun(folder, toyRun()), "run.json", "--out");
    }
  });
});
