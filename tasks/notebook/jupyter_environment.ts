/**
 * JupyterLab in the project's own Python environment, `.venv/`, with this Deno as its kernel.
 * Settings, runtime files and the kernel's description stay in there: nothing outside the
 * project changes, and deleting `.venv` removes it all.
 */
import { join } from "node:path";

/** What pip installs; tested together on Python 3.11. */
export const JUPYTER_REQUIREMENTS = [
  "jupyterlab==4.6.6",
  "jupyter-server==2.21.1",
  "jupyter-client==8.10.0",
] as const;

/** JupyterLab 4.6 asks for this Python. */
const OLDEST_PYTHON = [3, 10] as const;
/** Written last: an environment without it is not finished. */
const STAMP = "mimkit-jupyter.txt";

/** How to start Python in the environment. */
export interface JupyterEnvironment {
  readonly python: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** The installed JupyterLab requirement, such as "jupyterlab==4.6.6"; null if there is none. */
export async function installedJupyter(root: string): Promise<string | null> {
  const stamp = await readIfThere(join(root, ".venv", STAMP));
  return stamp?.split("\n")[0] ?? null;
}

/**
 * Makes the environment in `root` or finds it ready; `log` gets a line for each slow step.
 *
 * @throws {Error} without Python, its venv module or a package index, saying what to do.
 */
export async function prepareJupyter(
  root: string,
  log: (line: string) => void = () => {},
  systemPython = "python3",
): Promise<JupyterEnvironment> {
  const directory = join(root, ".venv");
  const python = join(directory, "bin", "python");
  const wanted = JUPYTER_REQUIREMENTS.join("\n") + "\n";
  if (await readIfThere(join(directory, STAMP)) !== wanted) {
    if (!(await isThere(python))) await createVenv(directory, systemPython, log);
    log(`Installing ${JUPYTER_REQUIREMENTS[0]} into .venv (once, about 250 MB) …`);
    await pipInstall(python);
    await Deno.writeTextFile(join(directory, STAMP), wanted);
  }
  await describeKernel(directory);
  const own = join(directory, "jupyter");
  return {
    python,
    variables: {
      JUPYTER_CONFIG_DIR: join(own, "config"),
      JUPYTER_DATA_DIR: join(own, "data"),
      JUPYTER_RUNTIME_DIR: join(own, "runtime"),
      IPYTHONDIR: join(own, "ipython"),
    },
  };
}

async function createVenv(
  directory: string,
  systemPython: string,
  log: (line: string) => void,
): Promise<void> {
  const version = await runQuietly(systemPython, [
    "-c",
    "import sys; print(*sys.version_info[:2])",
  ]);
  const [major = 0, minor = 0] = version.stdout.trim().split(" ").map(Number);
  if (!version.success) {
    throw new Error(
      "JupyterLab needs Python, and there is no python3 on the PATH: install Python " +
        `${OLDEST_PYTHON.join(".")} or newer (Debian, Ubuntu: sudo apt install ` +
        "python3-venv; macOS: brew install python) and run this again. " +
        '"deno task notebooks run" works without Python.',
    );
  }
  if (
    major < OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor < OLDEST_PYTHON[1])
  ) {
    throw new Error(
      `JupyterLab needs Python ${OLDEST_PYTHON.join(".")} or newer, and python3 is ` +
        `${major}.${minor}: put a newer one first on the PATH and run this again.`,
    );
  }
  log(`Making a Python ${major}.${minor} environment in .venv …`);
  const created = await runQuietly(systemPython, ["-m", "venv", directory]);
  if (created.success) {
    // Python 3.13 does this itself: neither git nor deno fmt have business in there.
    return await Deno.writeTextFile(join(directory, ".gitignore"), "*\n");
  }
  // What a failed venv leaves behind looks like a finished one, without pip.
  await Deno.remove(directory, { recursive: true }).catch(() => {});
  throw new Error(
    `"python3 -m venv" failed (${lastLine(created)}): install Python's venv module ` +
      "(Debian, Ubuntu: sudo apt install python3-venv) and run this again.",
  );
}

async function pipInstall(python: string): Promise<void> {
  const installed = await runQuietly(python, [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    // pip's cache lies in the user's home.
    "--no-cache-dir",
    ...JUPYTER_REQUIREMENTS,
  ]);
  if (installed.success) return;
  throw new Error(
    `pip could not install JupyterLab (${lastLine(installed)}): check the network and ` +
      "pip's index settings, and run this again; if it stays, delete .venv first.",
  );
}

/** Writes what Jupyter must know about the kernel; under npx, Deno's path may have changed. */
async function describeKernel(directory: string): Promise<void> {
  await writeIfChanged(
    join(directory, "share", "jupyter", "kernels", "deno"),
    "kernel.json",
    {
      argv: [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
      // The name that `deno jupyter --install` gives: another one would mark every notebook as
      // changed when it is opened elsewhere.
      display_name: "Deno",
      language: "typescript",
      env: { NO_COLOR: "1" },
    },
  );
  // No pop-up that asks about news, on a page that is for somebody's first look.
  await writeIfChanged(
    join(directory, "share", "jupyter", "lab", "settings"),
    "overrides.json",
    {
      "@jupyterlab/apputils-extension:notification": {
        fetchNews: "false",
        checkForUpdates: false,
      },
    },
  );
}

async function writeIfChanged(
  directory: string,
  name: string,
  content: unknown,
): Promise<void> {
  const text = JSON.stringify(content, null, 2) + "\n";
  const file = join(directory, name);
  if (await readIfThere(file) === text) return;
  await Deno.mkdir(directory, { recursive: true });
  await Deno.writeTextFile(file, text);
}

interface Finished {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

async function runQuietly(command: string, args: readonly string[]): Promise<Finished> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args: [...args],
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { success, stdout: text(stdout), stderr: text(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { success: false, stdout: "", stderr: error.message };
  }
}

function lastLine({ stdout, stderr }: Finished): string {
  const lines = (stderr.trim() || stdout.trim()).split("\n");
  return lines.findLast((line) => line.startsWith("ERROR")) ?? lines.at(-1) ?? "";
}

async function readIfThere(file: string): Promise<string | null> {
  return await Deno.readTextFile(file).catch(() => null);
}

async function isThere(file: string): Promise<boolean> {
  return await Deno.stat(file).then(() => true).catch(() => false);
}
