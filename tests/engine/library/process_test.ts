import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { findLibrary } from "../../../lib/engine/library/mod.ts";
import {
  cpuWheel,
  isolated,
  pin,
  servePackages,
  temporaryFolder,
} from "./package_server.ts";

const project = new URL("../../../", import.meta.url).pathname;
const child = `${project}tests/engine/library/install_child.ts`;
const rights = [
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-ffi",
];
const decoder = new TextDecoder();

/** The arguments of `deno` that run a script with these rights in this checkout. */
function runArguments(
  flags: readonly string[],
  script: string,
  ...rest: string[]
): string[] {
  return ["run", "--no-prompt", "--no-check", "--no-lock", ...flags, script, ...rest];
}

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function run(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  const result = await new Deno.Command(command, {
    args: [...args],
    cwd: project,
    env: { NO_COLOR: "1", ...env },
  }).output();
  return {
    code: result.code,
    out: decoder.decode(result.stdout),
    error: decoder.decode(result.stderr),
  };
}

Deno.test("set-up that was killed half way leaves nothing to trip over, and goes on", async () => {
  using folder = temporaryFolder();
  const wheel = await cpuWheel(100_000);
  await using server = servePackages([wheel], { stallAfter: 60_000 });
  const variables = { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path };
  const order = JSON.stringify({ variables, pinnedChecksums: pin(wheel) });
  const first = new Deno.Command(Deno.execPath(), {
    args: runArguments(rights, child, order),
    cwd: project,
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const part = `${folder.path}/tensorflow/.downloads/${wheel.file}.` +
    `${wheel.sha256.slice(0, 8)}.part`;
  const size = () => {
    try {
      return Deno.statSync(part).size;
    } catch {
      return 0;
    }
  };
  for (let wait = 0; wait < 400 && size() < 60_000; wait++) {
    await new Promise((done) => setTimeout(done, 25));
  }
  assertEquals(size(), 60_000);
  first.kill("SIGKILL");
  await first.stdout.cancel();
  assertEquals((await first.status).signal, "SIGKILL");
  assertEquals(findLibrary(isolated(variables)), undefined);

  const second = await run(Deno.execPath(), runArguments(rights, child, order));
  assertEquals(second.code, 0, second.error);
  assertEquals(server.requests.at(-1), `/files/${wheel.file} from 60000`);
  const library = findLibrary(isolated(variables));
  assertEquals(Deno.statSync(library?.path ?? "").size, 100_000);
});

Deno.test("set-up says that the cache is read-only", async () => {
  using folder = temporaryFolder();
  Deno.chmodSync(folder.path, 0o555);
  const order = JSON.stringify({ variables: { MIMKIT_CACHE: folder.path } });
  const deno = [Deno.execPath(), ...runArguments(rights, child, order)];
  // Root may write anywhere unless it gives that right away.
  const [command = "", ...args] = Deno.uid() === 0
    ? ["setpriv", "--bounding-set", "-dac_override", ...deno]
    : deno;
  const { code, error } = await run(command, args);
  Deno.chmodSync(folder.path, 0o755);
  assertEquals(code, 1);
  assertStringIncludes(error, `Cannot write in ${folder.path}`);
  assertStringIncludes(error, "set MIMKIT_CACHE to a folder that is");
});

Deno.test({
  name: "set-up says that the disk is full",
  ignore: Deno.build.os !== "linux", // /dev/full, where every write fails with ENOSPC
  async fn() {
    using folder = temporaryFolder();
    const wheel = await cpuWheel();
    await using server = servePackages([wheel]);
    const root = `${folder.path}/tensorflow`;
    const unpacked = `${root}/.unfinished-2.21.0-cpu-linux-x86_64/tensorflow`;
    Deno.mkdirSync(unpacked, { recursive: true });
    Deno.symlinkSync("/dev/full", `${unpacked}/libtensorflow_cc.so.2`);
    const variables = { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path };
    const order = JSON.stringify({ variables, pinnedChecksums: pin(wheel) });
    // Deno opens a device only for a process with every permission.
    const { code, error } = await run(
      Deno.execPath(),
      runArguments(["--allow-all"], child, order),
    );
    assertEquals(code, 1);
    assertStringIncludes(error, `The disk is full in ${root}`);
    assertStringIncludes(error, "or set MIMKIT_CACHE");
    assertEquals(findLibrary(isolated(variables)), undefined);
  },
});

Deno.test("set-up names the permission that it lacks", async () => {
  using folder = temporaryFolder();
  const wheel = await cpuWheel();
  await using server = servePackages([wheel]);
  const variables = { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path };
  const order = JSON.stringify({ variables, pinnedChecksums: pin(wheel) });
  for (const lacking of ["--allow-net", "--allow-read", "--allow-write"]) {
    const flags = rights.filter((flag) => flag !== lacking);
    const { code, error } = await run(
      Deno.execPath(),
      runArguments(flags, child, order),
    );
    assertEquals(code, 1, lacking);
    assertStringIncludes(error, lacking);
    assertEquals(error.trim().split("\n").length, 1, error);
  }
  for (const lacking of ["--allow-env", "--allow-ffi"]) {
    const flags = rights.filter((flag) => flag !== lacking);
    const { code, error } = await run(
      Deno.execPath(),
      runArguments(flags, "tasks/setup.ts"),
      { MIMKIT_CACHE: folder.path },
    );
    assertEquals(code, 1, lacking);
    assertStringIncludes(error, lacking);
    assertEquals(error.trim().split("\n").length, 1, error);
  }
});

Deno.test("set-up ends with one sentence for a wrong MIMKIT_TENSORFLOW", async () => {
  using folder = temporaryFolder();
  const missing = await run(
    Deno.execPath(),
    runArguments(rights, "tasks/setup.ts"),
    { MIMKIT_TENSORFLOW: `${folder.path}/nothing.so` },
  );
  assertEquals(missing.code, 1);
  assertStringIncludes(missing.error, "MIMKIT_TENSORFLOW is");

  const file = Deno.build.os === "darwin"
    ? "libtensorflow_cc.2.dylib"
    : "libtensorflow_cc.so.2";
  Deno.writeTextFileSync(`${folder.path}/${file}`, "not a library");
  const broken = await run(
    Deno.execPath(),
    runArguments(rights, "tasks/setup.ts"),
    { MIMKIT_TENSORFLOW: folder.path },
  );
  assertEquals(broken.code, 1);
  assertStringIncludes(broken.error, `Cannot open ${folder.path}/${file}`);
});

Deno.test("a process that opened TensorFlow ends with status 0", async () => {
  const { code, out, error } = await run(
    Deno.execPath(),
    runArguments(rights, "tasks/setup.ts"),
  );
  assertEquals(code, 0, error);
  assertStringIncludes(error, "TensorFlow 2.21.0");
  assertEquals(out, ""); // stdout is for the results of the task that comes after it
});

Deno.test("the doctor names what is missing and the command that mends it", async () => {
  using folder = temporaryFolder();
  const flags = ["--allow-read", "--allow-ffi", "--allow-env", "--allow-sys"];
  const { code, out } = await run(
    Deno.execPath(),
    runArguments(flags, "tasks/doctor.ts"),
    { MIMKIT_CACHE: folder.path, MIMKIT_TENSORFLOW: "" },
  );
  assertEquals(code, 1);
  assert(
    /✗ TensorFlow\s+not installed yet\n\s+mend it with: deno task setup/.test(out),
    out,
  );
});

Deno.test({
  name: "the doctor names the NVIDIA library that does not load",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using folder = temporaryFolder();
    Deno.mkdirSync(`${folder.path}/nvidia/cudnn/lib`, { recursive: true });
    Deno.mkdirSync(`${folder.path}/tensorflow`);
    Deno.symlinkSync(
      Deno.env.get("MIMKIT_TENSORFLOW") || (findLibrary()?.path ?? ""),
      `${folder.path}/tensorflow/libtensorflow_cc.so.2`,
    );
    Deno.writeTextFileSync(`${folder.path}/nvidia/cudnn/lib/libcudnn.so.9`, "damaged");
    const flags = ["--allow-read", "--allow-ffi", "--allow-env", "--allow-sys"];
    const { code, out } = await run(
      Deno.execPath(),
      runArguments(flags, "tasks/doctor.ts"),
      { MIMKIT_TENSORFLOW: `${folder.path}/tensorflow` },
    );
    assertEquals(code, 1);
    assert(/✗ NVIDIA\s+libcudnn does not load: .*file too short/.test(out), out);
    assertStringIncludes(out, "libcublas does not load: there is no libcublas.so*");
  },
});
