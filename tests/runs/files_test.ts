import { assert, assertEquals, assertMatch } from "@std/assert";
import { disposeTree, tf } from "../../lib/engine/mod.ts";
import {
  appendLine,
  explainWriting,
  makeFolder,
  openRun,
  writeAtomically,
} from "../../lib/runs/mod.ts";
import { saveCheckpoint } from "../../lib/trainers/checkpoint.ts";
import { assertOneSentence, inTemporaryFolder } from "../data/support.ts";
import { toyRun } from "../trainers/toy.ts";

async function run(command: string, ...args: string[]): Promise<boolean> {
  const how = { args, stdout: "null", stderr: "null" } as const;
  return (await new Deno.Command(command, how).output()).success;
}

/** What every kind of writing says and leaves behind in a folder that takes no more bytes. */
async function assertKept(folder: string, ...says: string[]): Promise<void> {
  const large = tf.ones([1 << 20]); // 4 MiB
  const writes = [
    () => writeAtomically(`${folder}/old.json`, "x".repeat(4 << 20)),
    () => saveCheckpoint(`${folder}/old.safetensors`, { large }, {}),
  ];
  for (const write of writes) await assertOneSentence(write, folder, ...says);
  disposeTree({ large });
  for (const name of ["old.json", "old.safetensors"]) {
    assertEquals(await Deno.readTextFile(`${folder}/${name}`), "old");
  }
  const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  assertEquals(left, ["old.json", "old.safetensors"]);
}

async function writeOld(folder: string): Promise<void> {
  for (const name of ["old.json", "old.safetensors"]) {
    await Deno.writeTextFile(`${folder}/${name}`, "old");
  }
}

/** A folder on a disk of 1 MiB, where this process may mount one. */
async function onSmallDisk(use: (folder: string) => Promise<void>): Promise<boolean> {
  let mounted = false;
  await inTemporaryFolder(async (folder) => {
    const options = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder];
    mounted = Deno.build.os === "linux" && Deno.uid() === 0 &&
      await run("mount", ...options);
    if (!mounted) return;
    try {
      await use(folder);
    } finally {
      await run("umount", folder);
    }
  });
  return mounted;
}

Deno.test("a full disk keeps the old files, and is named in one sentence", async () => {
  const mounted = await onSmallDisk(async (folder) => {
    await writeOld(folder);
    await assertKept(folder, "the disk is full");
    await Deno.writeFile(`${folder}/filler`, new Uint8Array(2 << 20)).catch(() => {});
    const append = async () => {
      for (let line = 0; line < 20; line++) {
        await appendLine(`${folder}/metrics.jsonl`, "x".repeat(1000));
      }
    };
    await assertOneSentence(append, "the disk is full");
  });
  // Where no disk can be mounted, at least the words of the operating systems are understood.
  if (!mounted) console.log("(no small disk here: only the messages were checked)");
  for (
    const said of [
      "No space left on device (os error 28)",
      "ENOSPC: no space left on device",
    ]
  ) {
    assertMatch(
      explainWriting(new Error(said), "x").message,
      /"x": the disk is full; free/,
    );
  }
});

Deno.test("a folder that may not be written is named in one sentence", async () => {
  await inTemporaryFolder(async (folder) => {
    await writeOld(folder);
    await Deno.chmod(folder, 0o500);
    // Root writes everywhere; /proc takes no folder from anybody.
    if (Deno.uid() !== 0) await assertKept(folder, "permission denied");
    await Deno.chmod(folder, 0o700);
  });
  await onSmallDisk(async (folder) => {
    await writeOld(folder);
    await run("mount", "-o", "remount,ro", folder);
    await assertKept(folder, "the disk is read-only");
  });
  await assertOneSentence(() => openRun("/proc/run", toyRun()), "/proc/run");
  const { message } = explainWriting(
    new Error("Read-only file system (os error 30)"),
    "x",
  );
  assertMatch(message, /the disk is read-only; choose another folder/);
});

Deno.test("a file in the way of a folder is named in one sentence", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "old");
    await assertOneSentence(() => makeFolder(`${folder}/file`), "a file stands where");
    await assertOneSentence(() => openRun(`${folder}/file`, toyRun()), "choose another");
    assertEquals(await Deno.readTextFile(`${folder}/file`), "old");
  });
});

Deno.test("a missing permission is named with its flag", () => {
  const error = new Deno.errors.NotCapable("Requires write access");
  const { message } = explainWriting(error, "runs/x");
  assert(message.includes("--allow-write") && message.includes("runs/x"));
});
