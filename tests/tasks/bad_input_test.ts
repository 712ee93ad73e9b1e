import { assertEquals, assertStringIncludes } from "@std/assert";
import { inTemporaryFolder } from "../data/support.ts";
import { runTaskProcess, type TaskEnd, trainingPermissions } from "./child.ts";

const tasks = ["tasks/quickstart.ts", "tasks/clip.ts"];

function assertOneLine(end: TaskEnd, code: number, ...says: string[]): void {
  assertEquals(end.stderr.trim().split("\n").length, 1, end.stderr);
  for (const part of says) assertStringIncludes(end.stderr, part);
  assertEquals([end.code, end.stdout], [code, ""]);
}

Deno.test("tasks without a permission end with one sentence that names the flag", async () => {
  await inTemporaryFolder(async (folder) => {
    const flags = {
      "--allow-read": "",
      "--allow-write": `=${folder}`,
      "--allow-env": "",
      "--allow-ffi": "",
      "--allow-sys": "",
    };
    for (const missing of Object.keys(flags)) {
      const permissions = Object.entries(flags).flatMap(([flag, value]) =>
        flag === missing ? [] : [flag + value]
      );
      const args = ["--minutes", "0.01", "--out", `${folder}/run`];
      const end = await runTaskProcess({ file: tasks[0]!, args, permissions });
      assertOneLine(end, 1, missing);
      assertEquals([...Deno.readDirSync(folder)], [], `without ${missing}`);
    }
  });
});

Deno.test("tasks answer wrong flags at once, with the nearest right one", async () => {
  for (const file of tasks) {
    const run = (...args: string[]) => runTaskProcess({ file, args, permissions: [] });
    assertOneLine(await run("--minute", "3"), 2, "did you mean --minutes?");
    assertOneLine(await run("--seed", "-1"), 2, "--seed must be at least 0, got -1");
    assertOneLine(
      await run("--seed", "1.5"),
      2,
      '--seed takes a whole number, got "1.5"',
    );
    assertOneLine(await run("--minutes", "0"), 2, "--minutes must be at least 0.01");
    assertOneLine(await run("--out", "--seed"), 2, "--out");
    assertOneLine(await run("now"), 2, 'There is no argument "now"');
    const help = await run("--help");
    assertEquals([help.code, help.stderr], [0, ""]);
    assertStringIncludes(help.stdout, "--minutes N");
  }
});

Deno.test("tasks end with one sentence where the run folder cannot be", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "earlier result");
    const permissions = trainingPermissions(folder);
    const args = ["--minutes", "0.01", "--out", `${folder}/file`];
    const end = await runTaskProcess({ file: tasks[0]!, args, permissions });
    assertOneLine(end, 1, `${folder}/file`, "choose another folder");
    assertEquals(await Deno.readTextFile(`${folder}/file`), "earlier result");
  });
});
