import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  ensureLibrary,
  SetupError,
  type SetupProgress,
} from "../../../lib/engine/library/mod.ts";
import {
  cpuWheel,
  everythingIn,
  isolated,
  pin,
  servePackages,
  temporaryFolder,
} from "./package_server.ts";

const installed = "tensorflow/2.21.0-cpu-linux-x86_64";

Deno.test("ensureLibrary() installs the shared libraries and nothing else", async () => {
  using folder = temporaryFolder();
  const wheel = await cpuWheel();
  await using server = servePackages([wheel]);
  const options = isolated(
    { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path },
    { pinnedChecksums: pin(wheel) },
  );

  const library = await ensureLibrary(options);

  assertEquals(library, {
    path: `${folder.path}/${installed}/tensorflow/libtensorflow_cc.so.2`,
    preload: [],
    version: "2.21.0",
    build: "cpu",
    source: "download",
  });
  assertEquals(Deno.readTextFileSync(library.path), "c".repeat(1000));
  assertEquals(
    everythingIn(`${folder.path}/tensorflow`).sort(),
    [
      "2.21.0-cpu-linux-x86_64",
      "2.21.0-cpu-linux-x86_64/mimkit-manifest.json",
      "2.21.0-cpu-linux-x86_64/tensorflow",
      "2.21.0-cpu-linux-x86_64/tensorflow/THIRD_PARTY_NOTICES.txt",
      "2.21.0-cpu-linux-x86_64/tensorflow/libtensorflow_cc.so.2",
      "2.21.0-cpu-linux-x86_64/tensorflow/libtensorflow_framework.so.2",
      "2.21.0-cpu-linux-x86_64/tensorflow_cpu-2.21.0.dist-info",
      "2.21.0-cpu-linux-x86_64/tensorflow_cpu-2.21.0.dist-info/METADATA",
    ].sort(),
  );
});

Deno.test("ensureLibrary() asks no one when the library is there", async () => {
  using folder = temporaryFolder();
  const wheel = await cpuWheel();
  await using server = servePackages([wheel]);
  const options = isolated(
    { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path },
    { pinnedChecksums: pin(wheel) },
  );
  await ensureLibrary(options);
  const asked = server.requests.length;

  const again = await ensureLibrary(options);

  assertEquals(again.source, "cache");
  assertEquals(server.requests.length, asked);
});

Deno.test("ensureLibrary() tells how far it is, up to the last byte", async () => {
  using folder = temporaryFolder();
  const wheel = await cpuWheel();
  await using server = servePackages([wheel]);
  const steps: SetupProgress[] = [];
  await ensureLibrary(isolated(
    { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path },
    { pinnedChecksums: pin(wheel), onProgress: (progress) => steps.push(progress) },
  ));
  for (const step of ["downloading", "unpacking"] as const) {
    const last = steps.findLast((progress) => progress.step === step);
    assert(last !== undefined && last.step === step);
    assert(
      last.totalBytes > 1000 && last.bytes === last.totalBytes,
      JSON.stringify(last),
    );
  }
});

Deno.test("ensureLibrary() finds the wheel in an extra index, in JSON, in files", async () => {
  const wheel = await cpuWheel();
  await using empty = servePackages([]);
  await using server = servePackages([wheel], { json: true });
  using files = temporaryFolder();
  Deno.mkdirSync(`${files.path}/simple/tensorflow-cpu`, { recursive: true });
  Deno.writeFileSync(`${files.path}/${wheel.file}`, wheel.bytes);
  Deno.writeTextFileSync(
    `${files.path}/simple/tensorflow-cpu/index.html`,
    `<a href="../../${wheel.file}#sha256=${wheel.sha256}">${wheel.file}</a>`,
  );
  for (
    const variables of [
      { PIP_INDEX_URL: empty.index, PIP_EXTRA_INDEX_URL: `${server.index}/` },
      { PIP_INDEX_URL: `file://${files.path}/simple` },
      { PIP_NO_INDEX: "1", PIP_FIND_LINKS: files.path },
    ]
  ) {
    using folder = temporaryFolder();
    const library = await ensureLibrary(isolated(
      { ...variables, MIMKIT_CACHE: folder.path },
      { pinnedChecksums: pin(wheel) },
    ));
    assertEquals(
      Deno.readTextFileSync(library.path).length,
      1000,
      JSON.stringify(variables),
    );
  }
});

Deno.test("ensureLibrary() sends the password that stands in the index's address", async () => {
  using folder = temporaryFolder();
  const wheel = await cpuWheel();
  await using server = servePackages([wheel], { password: "me:s3cret" });
  const pinnedChecksums = pin(wheel);
  const withPassword = server.index.replace("http://", "http://me:s3cret@");
  const library = await ensureLibrary(isolated(
    { PIP_INDEX_URL: withPassword, MIMKIT_CACHE: folder.path },
    { pinnedChecksums },
  ));
  assertEquals(library.source, "download");

  using other = temporaryFolder();
  const error = await assertRejects(
    () =>
      ensureLibrary(isolated(
        {
          PIP_INDEX_URL: withPassword.replace("s3cret", "wr0ng"),
          MIMKIT_CACHE: other.path,
        },
        { pinnedChecksums },
      )),
    SetupError,
    "answered 401",
  );
  assert(!error.message.includes("wr0ng"), "the error must not show the password");
});

Deno.test("ensureLibrary() lets a second set-up wait and use the first one's work", async () => {
  using folder = temporaryFolder();
  const wheel = await cpuWheel();
  await using server = servePackages([wheel], { delayMilliseconds: 200 });
  const steps: string[] = [];
  const start = () =>
    ensureLibrary(isolated(
      { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path },
      { pinnedChecksums: pin(wheel), onProgress: ({ step }) => steps.push(step) },
    ));
  const libraries = await Promise.all([start(), start()]);
  assertEquals(libraries.map((library) => library.source).sort(), ["cache", "download"]);
  assertEquals(steps.filter((step) => step === "waiting").length, 1);
  const wheels = server.requests.filter((path) => path.endsWith(".whl"));
  assertEquals(wheels.length, 1);
});
