import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { holdRun, RunInUse } from "../../lib/runs/run_lock.ts";
import { inTemporaryFolder } from "../data/support.ts";

/** Another process in the folder, from when it holds it until it is killed. */
async function whileHeld(
  folder: string,
  use: (pid: number) => Promise<void>,
): Promise<void> {
  const permissions = [`--allow-read`, `--allow-write=${folder}`];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", ...permissions, "lock_child.ts", folder],
    cwd: new URL(".", import.meta.url),
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await reader.read()).value, "held\n");
  try {
    await use(child.pid);
  } finally {
    child.kill("SIGKILL");
    await reader.cancel();
    await child.status;
  }
}

Deno.test("holdRun() refuses a folder that another process holds, and names it", async () => {
  await inTemporaryFolder(async (folder) => {
    await whileHeld(folder, async (pid) => {
      let entered = false;
      const enter = () => holdRun(folder, () => Promise.resolve(void (entered = true)));
      const { message } = await assertRejects(enter, RunInUse);
      assertStringIncludes(message, `"${folder}" is in use by process ${pid}, since 20`);
      assert(!entered);
    });
    // The process was killed: its note is still there, its lock is not.
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["run.lock"]);
    assertEquals(await holdRun(folder, () => Promise.resolve(7)), 7);
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("holdRun() may be nested in one process, and lets go when its body fails", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = `${folder}/run`;
    const fail = () => Promise.reject(new Error("it failed"));
    await holdRun(path, async () => {
      await assertRejects(() => holdRun(`${path}/.`, fail), Error, "it failed");
      assertEquals([...Deno.readDirSync(path)].map(({ name }) => name), ["run.lock"]);
    });
    assertEquals([...Deno.readDirSync(path)], []);
  });
});

Deno.test("holdRun() says in one sentence why a folder cannot be held", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const enter = () => holdRun(`${folder}/file`, () => Promise.resolve());
    await assertRejects(enter, Error, "a file stands where a folder must");
  });
});
