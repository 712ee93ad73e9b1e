import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { dirname } from "node:path";
import { executeNotebook, type Execution } from "../../tasks/notebook/execute.ts";
import { type Output, readNotebook } from "../../tasks/notebook/format.ts";
import { notebookFromScript } from "../../tasks/notebook/script.ts";
import { main } from "../../tasks/notebooks.ts";
import { GOOD_SCRIPT, sampleFolder } from "./sample.ts";

async function runScript(script: string, cellTimeout = 60): Promise<Execution> {
  await using folder = await sampleFolder();
  const options = { directory: folder.directory, scale: "smoke", cellTimeout } as const;
  return await executeNotebook(notebookFromScript(script), options);
}

/** Runs the command line and returns its exit status and what it printed. */
async function command(...args: string[]): Promise<{ status: number; printed: string }> {
  const lines: unknown[] = [];
  const { log, error } = console;
  console.log = console.error = (...values: unknown[]) => lines.push(...values);
  try {
    return { status: await main(args), printed: lines.join("\n") };
  } finally {
    Object.assign(console, { log, error });
  }
}

Deno.test("run --save writes text, the last picture of a display and counts", async () => {
  await using folder = await sampleFolder();
  const path = await folder.add("good.ipynb", GOOD_SCRIPT);
  const { status, printed } = await command("run", path, "--scale", "smoke", "--save");
  assertEquals(status, 0, printed);
  assertStringIncludes(printed, "good.ipynb  3 code cells, 3 outputs");
  assertStringIncludes(printed, "1 passed, 0 failed");

  const { cells } = await readNotebook(path);
  assertEquals(cells.map((cell) => cell.execution_count), [undefined, 1, 2, 3]);
  assertEquals(cells[1]?.outputs, [
    { output_type: "stream", name: "stdout", text: ["scale smoke\n"] },
    {
      output_type: "execute_result",
      execution_count: 1,
      data: { "text/plain": ["42"] },
      metadata: {},
    },
  ]);
  const [picture, ...others] = cells[2]?.outputs ?? [];
  assertEquals(others, []);
  assert(picture?.output_type === "display_data");
  assertEquals(picture.data["text/plain"], ["step 5"]);
  assertStringIncludes(String(picture.data["image/png"]), "iVBORw0KGgo");
  assertEquals(cells[3]?.outputs, []);

  const first = await Deno.readTextFile(path);
  assertEquals((await command("run", path, "--scale", "smoke", "--save")).status, 0);
  assertEquals(await Deno.readTextFile(path), first, "a second run changes nothing");
  const left = [...Deno.readDirSync(dirname(path))].map((entry) => entry.name).sort();
  assertEquals(left, ["deno.json", "good.ipynb", "helper.ts"]);
});

Deno.test("executeNotebook() loses none of the outputs that come after a cell's end", async () => {
  const kinds = [
    (text: string) =>
      `Deno.jupyter.display({ "text/plain": "${text}" }, { raw: true }); null`,
    (text: string) => `"${text}"`,
    // Only the last of these stays.
    (text: string) =>
      `for (let step = 0; step <= 5; step++) {
      await Deno.jupyter.display(
        { "text/plain": step < 5 ? "early" : "${text}" },
        { raw: true, display_id: "${text}", update: step > 0 },
      );
    }`,
  ];
  const cells = Array.from(
    { length: 30 },
    (_, index) => `// %%\n${kinds[index % kinds.length]?.(String(index))}\n`,
  );
  const { notebook, failure } = await runScript(cells.join(""));
  assertEquals(failure, null);
  const text = (output: Output) =>
    "data" in output ? String(output.data["text/plain"]).replaceAll('"', "") : "";
  assertEquals(
    notebook.cells.map((cell) => (cell.outputs ?? []).map(text)),
    cells.map((_, index) => [`${index}`]),
  );
});

Deno.test("executeNotebook() carries outputs of a megabyte", async () => {
  const { notebook } = await runScript(
    'await Deno.jupyter.display({ "text/plain": ' +
      '"é".repeat(1_000_000) }, { raw: true });',
  );
  const [output] = notebook.cells[0]?.outputs ?? [];
  assert(output?.output_type === "display_data");
  assertEquals(String(output.data["text/plain"]).length, 1_000_000);
});

Deno.test("run names notebook, cell and line of a failure and saves nothing", async () => {
  await using folder = await sampleFolder();
  const path = await folder.add(
    "fails.ipynb",
    `// %% [markdown]
// # Fails
// %%
console.log("fine");
// %%
// The kernel strips this before it counts lines.
interface Picture {
  pixels: number;
}


function look(picture: Picture): void {
  throw new RangeError(\`no \${picture.pixels} pixels\`);
}

look({ pixels: 7 });
// %%
console.log("never");
`,
  );
  const before = await Deno.readTextFile(path);
  const { status, printed } = await command("run", path, "--save");
  assertEquals(status, 1);
  assertStringIncludes(printed, "fails.ipynb cell 3 line 11: RangeError: no 7 pixels");
  assertStringIncludes(printed, "0 passed, 1 failed");
  assertEquals(await Deno.readTextFile(path), before);
});

Deno.test("executeNotebook() goes on after a cell that is tagged to fail, if it does", async () => {
  const shown = await runScript(`// %% tags=["raises-exception"]
import { answer } from "./helper.ts";
throw new Error("on purpose, in file://" + Deno.cwd() + "/helper.ts" + answer);
// %%
"after"
`);
  assertEquals(shown.failure, null);
  const [error] = shown.notebook.cells[0]?.outputs ?? [];
  assert(error?.output_type === "error");
  // The folder above the notebook's is the project, and where that lies is nobody's business.
  assertMatch(error.evalue, /^on purpose, in mimkit-notebooks-[^/]+\/helper.ts42$/);
  assertEquals(shown.notebook.cells[1]?.outputs?.length, 1);

  const passes = await runScript('// %% tags=["raises-exception"]\n1;\n');
  assertStringIncludes(passes.failure?.message ?? "", "did not fail");
});

Deno.test("executeNotebook() explains cells that do not parse, hang or end the kernel", async () => {
  const unparsed = await runScript("const a = 1;\n// %%\nconst b = 2;\nconst c = ;\n");
  assertEquals(unparsed.failure?.cell, 2);
  assertEquals(unparsed.failure?.line, 2);
  assertStringIncludes(unparsed.failure?.message ?? "", "Expression expected");

  const hangs = await runScript(
    "await new Promise((end) => setTimeout(end, 60_000));",
    0.3,
  );
  assertStringIncludes(hangs.failure?.message ?? "", "did not finish within 0.3 s");

  const ended = await runScript("Deno.exit(3);");
  assertStringIncludes(ended.failure?.message ?? "", "the kernel ended (exit status 3)");
});

Deno.test("executeNotebook() stops at once when it is interrupted", async () => {
  await using folder = await sampleFolder();
  const interrupt = new AbortController();
  const run = executeNotebook(
    notebookFromScript("await new Promise((end) => setTimeout(end, 60_000));"),
    {
      directory: folder.directory,
      scale: "smoke",
      cellTimeout: 60,
      signal: interrupt.signal,
      onCell: () => setTimeout(() => interrupt.abort(), 100),
    },
  );
  assertStringIncludes((await run).failure?.message ?? "", "SIGKILL");
  assertEquals([...Deno.readDirSync(folder.directory)].length, 2);
});

Deno.test("the command line refuses what it does not know and says what there is", async () => {
  const cases: [args: string[], says: string][] = [
    [["run", "no-such-notebook"], 'There is no notebook "no-such-notebook". There are:'],
    [["run", "--scale", "huge"], '--scale "huge" is none of smoke, default, full.'],
    [
      ["run", "--timeout", "soon"],
      '--timeout "soon" is not a number of seconds above 0.',
    ],
    [["execute"], '"execute" is none of run, check, make.'],
    [["run", "--sav"], "Unknown option '--sav'"],
    [[], "Usage:"],
  ];
  for (const [args, says] of cases) {
    const { status, printed } = await command(...args);
    assertEquals(status, 2, args.join(" "));
    assertStringIncludes(printed, says);
  }
});

Deno.test("readNotebook() says what a broken file is not", async () => {
  await using folder = await sampleFolder();
  const path = `${folder.directory}/broken.ipynb`;
  await Deno.writeTextFile(path, '{"cells": [');
  await assertRejects(() => readNotebook(path), Error, "is not a notebook");
  await Deno.writeTextFile(path, '{"worksheets": [], "nbformat": 3}');
  await assertRejects(() => readNotebook(path), Error, "is not a notebook of format 4");
});
