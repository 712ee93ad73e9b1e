/**
 * Python packages that mimkit is measured against and proved with, in environments of their own below
 * `.cache/`: nothing outside the project changes, and deleting the folder removes it all.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** A package in pip's spelling, such as "torch==2.13.0". */
export type Requirement =
  | string
  /** Without the packages that it asks for: one of them may not be there for this machine. */
  | { alone: string };

/** What somebody who has no Python is told: who asks for it, and how to do without. */
export interface PythonPurpose {
  who: string;
  instead?: string;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Relative to the project, as the task's permission to run its Python names it. */
const defaultFolder = ".cache/bench-python";
// Written last: an environment without it is not finished.
const stampName = "mimkit-bench.txt";

/** Where the peers' compilers keep what they made. */
export const compilerCache = `${root}${defaultFolder}/compiled`;

interface Finished {
  success: boolean;
  lastLine: string;
}

async function run(command: string, args: readonly string[]): Promise<Finished> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(success ? stdout : stderr).trim();
  const lines = text.split("\n");
  return {
    success,
    lastLine: lines.findLast((line) => line.startsWith("ERROR")) ?? lines.at(-1) ?? "",
  };
}

async function createEnvironment(
  folder: string,
  systemPython: string,
  { who, instead }: PythonPurpose,
): Promise<void> {
  let created: Finished;
  try {
    created = await run(systemPython, ["-m", "venv", folder]);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      `${who} needs Python, and there is no ${systemPython} on the PATH: install Python 3.10 ` +
        "or newer (Debian, Ubuntu: sudo apt install python3-venv; macOS: brew install python)" +
        `${instead === undefined ? "" : `, or ${instead}`}.`,
    );
  }
  if (created.success) return;
  // What a failed attempt leaves behind looks like a finished one, without pip.
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  throw new Error(
    `"${systemPython} -m venv" failed (${created.lastLine}): install Python's venv module ` +
      "(Debian, Ubuntu: sudo apt install python3-venv) and run this again.",
  );
}

function nameOf(requirement: Requirement): string {
  return typeof requirement === "string" ? requirement : requirement.alone;
}

async function install(
  python: string,
  requirements: readonly Requirement[],
  folder: string,
): Promise<void> {
  const names = requirements.map(nameOf);
  if (names.length === 0) return;
  const alone = requirements.every((requirement) => typeof requirement !== "string");
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  const { success, lastLine } = await run(python, [
    ...pip,
    ...(alone ? ["--no-deps"] : []),
    ...names,
  ]);
  if (success) return;
  throw new Error(
    `pip could not install ${
      names.join(", ")
    } (${lastLine}): check the network and pip's ` +
      `index settings, and run this again; if it stays, delete ${folder} first.`,
  );
}

/**
 * Makes the environment with these packages, or finds it ready.
 *
 * @returns the environment's own Python.
 * @throws {Error} without Python, its venv module or a package index, saying what to do.
 */
export async function preparePython(
  requirements: readonly Requirement[],
  {
    log,
    folder = `${root}${defaultFolder}`,
    systemPython = "python3",
    purpose = { who: "--against", instead: "leave --against out" },
  }: {
    log: (line: string) => void;
    folder?: string;
    systemPython?: string;
    purpose?: PythonPurpose;
  },
): Promise<string> {
  const python = `${folder}/bin/python`;
  const stamp = `${folder}/${stampName}`;
  const installed = (await Deno.readTextFile(stamp).catch(() => "")).split("\n");
  const missing = requirements.filter((one) => !installed.includes(nameOf(one)));
  if (missing.length === 0) return python;
  const isThere = await Deno.stat(python).then(() => true).catch(() => false);
  if (!isThere) {
    log(`making a Python environment in ${folder}`);
    await createEnvironment(folder, systemPython, purpose);
  }
  const names = missing.map(nameOf);
  log(`installing ${names.join(", ")} into ${folder} (once; about 1 GB)`);
  await install(python, missing.filter((one) => typeof one === "string"), folder);
  await install(python, missing.filter((one) => typeof one !== "string"), folder);
  const all = [...installed.filter(Boolean), ...names];
  await Deno.writeTextFile(stamp, all.join("\n") + "\n");
  return python;
}
