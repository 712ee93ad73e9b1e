/**
 * A task as a process of its own, with no more permissions than it is given.
 *
 * @module
 */

import { cacheFolder, processEnvironment } from "../../lib/engine/library/mod.ts";

/** What a task that trains needs: to write its folder, and compiled programs into the cache. */
export function trainingPermissions(folder: string): string[] {
  const writable = `--allow-write=${folder},${cacheFolder(processEnvironment)}`;
  return ["--allow-read", writable, "--allow-env", "--allow-ffi", "--allow-sys"];
}

/** How a task ended, and what it said. */
export interface TaskEnd {
  code: number;
  /** What ended it, if anything did. */
  signal: Deno.Signal | null;
  stdout: string;
  stderr: string;
}

/** What to start. */
export interface TaskStart {
  /** The file, from the project's folder. */
  file: string;
  args?: readonly string[];
  permissions: readonly string[];
  /** Environment variables on top of this process's. */
  environment?: Record<string, string>;
  /** Ctrl-C is pressed as soon as this stands on stderr. */
  interruptAt?: string;
  /** What is sent then. Default: SIGINT. */
  signal?: Deno.Signal;
  /** No file may grow beyond so many blocks of 512 bytes. */
  largestFile?: number;
}

const root = new URL("../../", import.meta.url);

/** Starts a task. */
export function startTaskProcess(
  { file, args = [], permissions, environment = {}, largestFile }: TaskStart,
): Deno.ChildProcess {
  const run = ["run", "--no-prompt", "--quiet", "--no-check", ...permissions];
  // Without the trap, the system ends a process that writes more.
  const limited = ["-c", `trap "" XFSZ; ulimit -f ${largestFile}; exec "$0" "$@"`];
  const [program, before] = largestFile === undefined
    ? [Deno.execPath(), []]
    : ["sh", [...limited, Deno.execPath()]];
  return new Deno.Command(program, {
    args: [...before, ...run, file, ...args],
    cwd: root,
    env: { ...environment, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a task to its end. */
export async function runTaskProcess(start: TaskStart): Promise<TaskEnd> {
  const { interruptAt, signal: wanted = "SIGINT" } = start;
  const child = startTaskProcess(start);
  const stdout = new Response(child.stdout).text();
  let stderr = "";
  let pressed = false;
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    stderr += text;
    if (interruptAt !== undefined && !pressed && stderr.includes(interruptAt)) {
      pressed = true;
      child.kill(wanted);
    }
  }
  const { code, signal } = await child.status;
  return { code, signal, stdout: await stdout, stderr };
}
