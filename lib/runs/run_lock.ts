/**
 * One process at a time in a run folder: two would overwrite each other's checkpoints.
 *
 * The lock is the operating system's on a file of the folder, which goes away with the process
 * however that ends: nothing stale can be left, and a folder that was copied is free.
 *
 * @module
 */
import { explainWriting, makeFolder } from "./files.ts";

interface Held {
  file: Deno.FsFile;
  holders: number;
}

/** The folders that this process is in, by the path of their lock. */
const held = new Map<string, Held>();

/** Who holds a lock, as far as they have written it. */
function holderOf(path: string): string {
  try {
    const { pid, since } = JSON.parse(Deno.readTextFileSync(path));
    return Number.isInteger(pid) ? `process ${pid}, since ${since}` : "another process";
  } catch {
    return "another process";
  }
}

/** Whether the file at the path is still the one that is open: its last holder may have removed it. */
function isAtPath(file: Deno.FsFile, path: string): boolean {
  try {
    return file.statSync().ino === Deno.statSync(path).ino;
  } catch {
    return false;
  }
}

/** Nothing here waits: of two calls in one process, the second finds what the first holds. */
function take(path: string, folder: string): Deno.FsFile {
  for (;;) {
    const file = Deno.openSync(path, { read: true, write: true, create: true });
    let taken: boolean;
    try {
      taken = file.tryLockSync(true);
    } catch {
      return file; // some network disks know no locks: better a run without one than none
    }
    if (!taken) {
      file.close();
      throw new RunInUse(
        `"${folder}" is in use by ${
          holderOf(path)
        }: wait for it, or choose another folder`,
      );
    }
    if (isAtPath(file, path)) {
      const note = { pid: Deno.pid, since: new Date().toISOString() };
      file.truncateSync();
      file.writeSync(new TextEncoder().encode(JSON.stringify(note) + "\n"));
      return file;
    }
    file.close();
  }
}

/** Another process writes the run folder. */
export class RunInUse extends Error {
  override readonly name = "RunInUse";
}

/**
 * Does something while no other process may do so in the same run folder, which is made if there is
 * none. Within one process it may be nested.
 *
 * @throws {RunInUse} in one sentence with the number of the process, when there is another one.
 *
 * @example
 * ```ts
 * import { holdRun } from "./run_lock.ts";
 * const folder = await Deno.makeTempDir();
 * await holdRun(folder, () => Promise.resolve(console.log("alone"))); // alone
 * ```
 */
export async function holdRun<Result>(
  folder: string,
  body: () => Promise<Result>,
): Promise<Result> {
  await makeFolder(folder);
  const path = `${await Deno.realPath(folder)}/run.lock`;
  let lock = held.get(path);
  if (lock === undefined) {
    try {
      lock = { file: take(path, folder), holders: 0 };
    } catch (error) {
      throw error instanceof RunInUse ? error : explainWriting(error, path);
    }
    held.set(path, lock);
  }
  lock.holders++;
  try {
    return await body();
  } finally {
    if (--lock.holders === 0) {
      held.delete(path);
      // Removed while it is held: who has opened it meanwhile sees that it is gone.
      await Deno.remove(path).catch(() => {});
      lock.file.close();
    }
  }
}
