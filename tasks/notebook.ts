/**
 * `deno task notebook` opens JupyterLab with the Deno kernel; the first time it installs both
 * into `.venv/` of the project. All arguments go on to JupyterLab: `--no-browser`, `--port 8899`.
 */
import { join } from "node:path";
import { prepareJupyter } from "./notebook/jupyter_environment.ts";

const ROOT = join(import.meta.dirname ?? ".", "..");
const FIRST_NOTEBOOK = "notebooks/00-start-here.ipynb";

/** Opens JupyterLab and returns its exit status when it is closed. */
export async function main(args: readonly string[]): Promise<number> {
  let environment;
  try {
    environment = await prepareJupyter(ROOT, (line) => console.error(line));
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
  const first = await Deno.stat(join(ROOT, FIRST_NOTEBOOK)).then(() => true, () => false);
  const lab = new Deno.Command(environment.python, {
    args: [
      "-m",
      "jupyterlab",
      `--ServerApp.root_dir=${ROOT}`,
      `--LabApp.default_url=/lab${first ? `/tree/${FIRST_NOTEBOOK}` : "/tree/notebooks"}`,
      // Only the kernel that the notebooks are for.
      "--KernelSpecManager.ensure_native_kernel=False",
      '--KernelSpecManager.allowed_kernelspecs={"deno"}',
      "--MappingKernelManager.default_kernel_name=deno",
      // Looking for language servers runs npm and rustup, which write into the user's home.
      "--LanguageServerManager.autodetect=False",
      // One Ctrl-C ends it; and in a container one often is root, without knowing.
      "--ServerApp.answer_yes=True",
      "--allow-root",
      ...args,
    ],
    cwd: ROOT,
    env: { ...environment.variables },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  // The terminal sends Ctrl-C to JupyterLab too: it closes its kernels, and this waits for it.
  const wait = () => {};
  const terminate = () => lab.kill("SIGTERM");
  Deno.addSignalListener("SIGINT", wait);
  Deno.addSignalListener("SIGTERM", terminate);
  const { code } = await lab.status;
  Deno.removeSignalListener("SIGINT", wait);
  Deno.removeSignalListener("SIGTERM", terminate);
  return code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
