import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readRunFolder } from "../../lib/runs/mod.ts";
import { inTemporaryFolder } from "../data/support.ts";
import { runTaskProcess, type TaskEnd, trainingPermissions } from "./child.ts";

function quickstart(folder: string, interruptAt?: string): Promise<TaskEnd> {
  return runTaskProcess({
    file: "tests/tasks/quickstart_child.ts",
    args: [folder],
    permissions: trainingPermissions(folder),
    ...(interruptAt === undefined ? {} : { interruptAt }),
  });
}

Deno.test("the quickstart ends with a report, and Ctrl-C on the way changes no number", async () => {
  await inTemporaryFolder(async (folder) => {
    const [whole, stopped] = [`${folder}/whole`, `${folder}/stopped`];
    const [through, first] = await Promise.all([
      quickstart(whole),
      quickstart(stopped, "milan: 8 steps"),
    ]);
    assertEquals(through.code, 0, through.stderr);
    assertEquals(first.code, 130, first.stderr);
    assertMatch(
      first.stderr,
      /milan stopped after step \d of 8\. Nothing is lost; go on/,
    );

    const second = await quickstart(stopped);
    assertEquals(second.code, 0, second.stderr);
    assertStringIncludes(second.stderr, `Going on with the run in ${stopped}`);
    const numbers = (of: string) => Deno.readTextFile(`${of}/evaluations.json`);
    assertEquals(await numbers(stopped), await numbers(whole));

    const { run, metrics, tables, pictures, warnings } = await readRunFolder(stopped);
    assertEquals(warnings, []);
    assert(run.finishedAt !== undefined);
    assertEquals(metrics.length, 6 + 2 * 8 + 3 * 8);
    assert(metrics.every(({ loss }) => loss !== null && loss > 0 && loss < 10));
    assertEquals(pictures.map(({ caption }) => caption !== ""), [true, true, true]);
    const values = tables.flatMap(({ rows }) =>
      rows.flatMap((row) => Object.values(row.values).flat())
    );
    const given = values.filter((value) => value !== null);
    assertEquals(given.length, 5 * 2 + 3);
    assert(given.every((value) => value >= 0 && value <= 100), `${given}`);
    const pixels = tables[0]!.rows.find(({ name }) => name === "raw pixels")!;
    assert(pixels.values.knn![0]! > 55, "raw pixels tell most classes apart");

    assertStringIncludes(second.stdout, `Report: ${stopped}/report.html`);
    const report = await Deno.readTextFile(`${stopped}/report.html`);
    assert(!/(src|href)="(?!data:|#)/.test(report), "the report needs other files");
    assertStringIncludes(report, "MILAN: where the teacher looks");
  });
});
