import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import {
  installedJupyter,
  JUPYTER_REQUIREMENTS,
  prepareJupyter,
} from "../../tasks/notebook/jupyter_environment.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/** A project folder and a stand-in for Python that writes down what it is asked. */
async function fakeProject(
  behaviour: { version?: string; venv?: string; pip?: string },
): Promise<
  { root: string; python: string; calls(): Promise<string[]> } & AsyncDisposable
> {
  const root = await Deno.makeTempDir({ prefix: "mimkit-jupyter-" });
  const python = join(root, "fake-python3");
  const script = `#!/bin/sh
echo "$@" >> "${root}/calls"
case "$*" in
  "-m venv"*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; ${behaviour.venv ?? ":"} ;;
  "-m pip"*) ${behaviour.pip ?? ":"} ;;
  *) echo "${behaviour.version ?? "3 11"}" ;;
esac
`;
  await Deno.writeTextFile(python, script, { mode: 0o755 });
  return {
    root,
    python,
    calls: async () => (await Deno.readTextFile(join(root, "calls"))).trim().split("\n"),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

function isThere(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

Deno.test("prepareJupyter() installs the pinned versions once and describes the kernel", async () => {
  await using project = await fakeProject({});
  const log: string[] = [];
  assertEquals(await installedJupyter(project.root), null);
  await prepareJupyter(project.root, (line) => log.push(line), project.python);
  assertEquals(log.length, 2);
  assertEquals(await installedJupyter(project.root), JUPYTER_REQUIREMENTS[0]);
  const calls = await project.calls();
  assertEquals(calls.length, 3);
  for (const requirement of JUPYTER_REQUIREMENTS) {
    assertStringIncludes(calls[2] ?? "", requirement);
  }

  const kernelFile = join(project.root, ".venv/share/jupyter/kernels/deno/kernel.json");
  const kernel = JSON.parse(await Deno.readTextFile(kernelFile));
  assertEquals(kernel.argv, [
    Deno.execPath(),
    "jupyter",
    "--kernel",
    "--conn",
    "{connection_file}",
  ]);

  // As after an npx that put Deno somewhere else.
  await Deno.writeTextFile(kernelFile, "{}");
  const { variables } = await prepareJupyter(project.root, (line) => log.push(line));
  assertEquals(log.length, 2, "nothing is installed again");
  assertEquals((await project.calls()).length, 3);
  assertEquals(JSON.parse(await Deno.readTextFile(kernelFile)), kernel);
  for (const path of Object.values(variables)) {
    assert(path.startsWith(project.root), path);
  }
});

Deno.test("prepareJupyter() says how to get Python, a newer one, or its venv module", async () => {
  await using missing = await fakeProject({});
  const noPython = () => prepareJupyter(missing.root, undefined, "/no/such/python3");
  await assertRejects(
    noPython,
    Error,
    "JupyterLab needs Python, and there is no python3",
  );

  await using old = await fakeProject({ version: "3 8" });
  const oldPython = () => prepareJupyter(old.root, undefined, old.python);
  await assertRejects(oldPython, Error, "needs Python 3.10 or newer, and python3 is 3.8");

  await using bare = await fakeProject({
    venv: "echo 'ensurepip is missing' >&2; exit 1",
  });
  const noVenv = () => prepareJupyter(bare.root, undefined, bare.python);
  await assertRejects(
    noVenv,
    Error,
    "failed (ensurepip is missing): install Python's venv",
  );
  assertEquals(await isThere(join(bare.root, ".venv")), false);
});

Deno.test("prepareJupyter() tries again after pip has failed", async () => {
  const pip = `test -e "$0.online" || { echo "ERROR: no network" >&2; exit 1; }`;
  await using project = await fakeProject({ pip });
  const prepare = () => prepareJupyter(project.root, undefined, project.python);
  await assertRejects(prepare, Error, "could not install JupyterLab (ERROR: no network)");
  assertEquals(await installedJupyter(project.root), null);
  await Deno.writeTextFile(join(project.root, ".venv/bin/python.online"), "");
  await prepare();
  assertEquals(await installedJupyter(project.root), JUPYTER_REQUIREMENTS[0]);
});

/** Asks JupyterLab to run code in the Deno kernel; returns what the kernel answered. */
async function runInJupyterLab(
  address: string,
  token: string,
  code: string,
): Promise<string> {
  const url = (path: string) => `http://${address}/api/${path}?token=${token}`;
  const response = await fetch(url("kernels"), {
    method: "POST",
    body: JSON.stringify({ name: "deno" }),
  });
  const { id } = await response.json();
  const socket = new WebSocket(url(`kernels/${id}/channels`).replace("http", "ws"));
  const result = Promise.withResolvers<string>();
  socket.onerror = () => result.reject(new Error("the connection to JupyterLab broke"));
  socket.onopen = () =>
    socket.send(JSON.stringify({
      channel: "shell",
      header: {
        msg_id: crypto.randomUUID(),
        msg_type: "execute_request",
        session: "test",
        username: "test",
        version: "5.3",
      },
      parent_header: {},
      metadata: {},
      content: { code, silent: false },
    }));
  socket.onmessage = ({ data }) => {
    const { msg_type, content } = JSON.parse(data);
    if (msg_type === "execute_result") result.resolve(content.data["text/plain"]);
  };
  try {
    return await result.promise;
  } finally {
    socket.close();
  }
}

Deno.test("deno task notebook serves JupyterLab with this Deno as its only kernel", async () => {
  const hasPython = await new Deno.Command("python3", { args: ["--version"] }).output()
    .then(({ success }) => success, () => false);
  if (!hasPython) {
    // All else of mimkit works here; the task must say what it lacks.
    await assertRejects(() => prepareJupyter(ROOT), Error, "there is no python3");
    return;
  }
  const token = crypto.randomUUID();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const address = `127.0.0.1:${port}`;
  const lab = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-run", "--allow-read", "--allow-write=.venv"],
      ...["tasks/notebook.ts", "--no-browser", "--port", String(port)],
      `--IdentityProvider.token=${token}`,
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const printed = new Response(lab.stderr).text();
  let ended = false;
  void lab.status.then(() => ended = true);
  try {
    let specs: { default: string; kernelspecs: Record<string, unknown> } | undefined;
    while (specs === undefined && !ended) {
      specs = await fetch(`http://${address}/api/kernelspecs?token=${token}`)
        .then((response) => response.json()).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert(specs, ended ? await printed : "");
    assertEquals(specs.default, "deno");
    assertEquals(Object.keys(specs.kernelspecs), ["deno"]);
    assertEquals(await runInJupyterLab(address, token, "40 + 2"), "42");
  } finally {
    if (!ended) lab.kill("SIGTERM");
    await lab.status;
    await printed;
  }
});
