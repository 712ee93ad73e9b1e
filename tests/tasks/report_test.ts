import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { UsageError } from "../../tasks/arguments.ts";
import { report } from "../../tasks/report.ts";
import { assertOneSentence, inTemporaryFolder } from "../data/support.ts";
import { writeRun } from "../plots/comparison/run_files.ts";

/** What a call of the task says on its two channels, and its exit status. */
async function said(
  args: string[],
): Promise<{ status: number; output: string; errors: string }> {
  const [output, errors]: string[][] = [[], []];
  const { log, error } = console;
  console.log = (text: string) => output!.push(text);
  console.error = (text: string) => errors!.push(text);
  try {
    const status = await report(args);
    return { status, output: output!.join("\n"), errors: errors!.join("\n") };
  } finally {
    Object.assign(console, { log, error });
  }
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

Deno.test("report() writes a run's page, and with several runs a comparison", async () => {
  await inTemporaryFolder(async (folder) => {
    await writeRun(`${folder}/runs/mae`, { knn: 70 });
    await writeRun(`${folder}/runs/milan`, { method: "milan", knn: 75 });
    const one = await said([`${folder}/runs/mae/`]);
    assertEquals(one, {
      ...{ status: 0, output: `${folder}/runs/mae/report.html`, errors: "" },
    });
    assertEquals(await names(`${folder}/runs`), ["mae", "milan"]);

    const both = await said([`${folder}/runs/mae`, `${folder}/runs/milan`]);
    assertEquals(both.status, 0);
    assertMatch(both.output, /^milan +finished/m);
    assertStringIncludes(both.output, `${folder}/runs/milan/report.html`);
    assert(both.output.endsWith(`\n${folder}/runs/comparison.html`), both.output);
    assertEquals(await names(`${folder}/runs`), ["comparison.html", "mae", "milan"]);

    const out = `${folder}/mine.html`;
    // As the shell writes out runs/*, and one of them twice.
    const runs = ["comparison.html", "mae", "milan", "mae/"]
      .map((name) => `${folder}/runs/${name}`);
    const asJson = await said([...runs, "--out", out, "--json"]);
    const parsed = JSON.parse(asJson.output);
    assertEquals(parsed.runs.map(({ name }: { name: string }) => name), ["mae", "milan"]);
    assertEquals(parsed.pages.at(-1), out);
    assert((await names(folder)).includes("mine.html"));
  });
});

Deno.test("report() compares the others when one run is damaged, and exits with 1", async () => {
  await inTemporaryFolder(async (folder) => {
    await writeRun(`${folder}/mae`, { knn: 70 });
    await writeRun(`${folder}/milan`, { method: "milan" });
    await Deno.writeTextFile(`${folder}/milan/run.json`, "{");
    const { status, output, errors } = await said([`${folder}/mae`, `${folder}/milan`]);
    assertEquals(status, 1);
    assertStringIncludes(errors, "is damaged");
    assertMatch(output, /^milan +damaged/m);
    assert(output.endsWith(`${folder}/comparison.html`));
  });
});

Deno.test("report() answers what is wrong in one sentence, with the nearest name", async () => {
  await inTemporaryFolder(async (folder) => {
    await writeRun(`${folder}/mae-tiny`, {});
    await writeRun(`${folder}/milan-tiny`, {});
    await Deno.mkdir(`${folder}/empty`);
    await Deno.writeTextFile(`${folder}/file`, "");
    const wrong = (args: string[], ...parts: string[]): Promise<void> =>
      assertOneSentence(() => said(args), ...parts);
    await wrong([], "Give one run folder or more");
    await wrong([`${folder}/mae-tiny`, "--jsn"], "There is no --jsn", "--json");
    await wrong([`${folder}/mae-tin`], "There is no folder", `${folder}/mae-tiny?`);
    await wrong([`${folder}/empty`], "it has no run.json", "did you mean");
    await wrong([`${folder}/file`], "is no run folder");
    await wrong([folder], "holds 2", `${folder}/mae-tiny`, `${folder}/*/ for all`);
    await wrong(["/no/such/run"], "There is no folder", "a training task printed");
    const error = await report(["/no/such/run"]).catch((error) => error);
    assert(error instanceof UsageError); // exit status 2
    const help = await said(["--help"]);
    assertStringIncludes(help.output, "--out TEXT");
  });
});
