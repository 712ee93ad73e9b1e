import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  ensureLibrary,
  findLibrary,
  SetupError,
} from "../../../lib/engine/library/mod.ts";
import {
  cpuWheel,
  cpuWheelName,
  everythingIn,
  isolated,
  makeWheel,
  pin,
  servePackages,
  temporaryFolder,
} from "./package_server.ts";

Deno.test("ensureLibrary() goes on where a broken transfer stopped", async () => {
  using folder = temporaryFolder();
  const wheel = await cpuWheel(100_000);
  await using server = servePackages([wheel], { cutAfter: [40_000, 10_000] });
  const library = await ensureLibrary(isolated(
    { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path },
    { pinnedChecksums: pin(wheel) },
  ));
  assertEquals(Deno.readTextFileSync(library.path), "c".repeat(100_000));
  const path = `/files/${wheel.file}`;
  assertEquals(server.requests.slice(1), [
    path,
    `${path} from 40000`,
    `${path} from 50000`,
  ]);
});

Deno.test("ensureLibrary() keeps a broken download for the next run", async () => {
  using folder = temporaryFolder();
  const wheel = await cpuWheel(100_000);
  const pinnedChecksums = pin(wheel);
  {
    const cutAfter = [70_000, 0, 0, 0, 0, 0];
    await using server = servePackages([wheel], { cutAfter });
    const variables = { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path };
    const error = await assertRejects(
      () => ensureLibrary(isolated(variables, { pinnedChecksums })),
      SetupError,
    );
    assertStringIncludes(error.message, "run the same command again");
    assertEquals(findLibrary(isolated(variables)), undefined);
  }
  await using server = servePackages([wheel]);
  await ensureLibrary(isolated(
    { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path },
    { pinnedChecksums },
  ));
  assertEquals(server.requests.at(-1), `/files/${wheel.file} from 70000`);
});

Deno.test("ensureLibrary() fetches again what an earlier run left damaged", async () => {
  using folder = temporaryFolder();
  const wheel = await cpuWheel();
  const downloads = `${folder.path}/tensorflow/.downloads`;
  Deno.mkdirSync(downloads, { recursive: true });
  const part = `${downloads}/${wheel.file}.${wheel.sha256.slice(0, 8)}.part`;
  Deno.writeTextFileSync(part, "not what the wheel begins with");
  await using server = servePackages([wheel]);
  const library = await ensureLibrary(isolated(
    { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path },
    { pinnedChecksums: pin(wheel) },
  ));
  assertEquals(Deno.readTextFileSync(library.path), "c".repeat(1000));
});

Deno.test("ensureLibrary() refuses a wheel with another checksum and keeps nothing", async () => {
  using folder = temporaryFolder();
  const wheel = await cpuWheel();
  const otherBytes = new Uint8Array(wheel.bytes);
  otherBytes[100]! ^= 1;
  await using server = servePackages([wheel], { otherBytes });
  const error = await assertRejects(
    () =>
      ensureLibrary(isolated(
        { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path },
        { pinnedChecksums: pin(wheel) },
      )),
    SetupError,
    wheel.sha256,
  );
  assertStringIncludes(error.message, "PIP_INDEX_URL");
  const left = everythingIn(folder.path).filter((path) => /whl|libtensorflow/.test(path));
  assertEquals(left, []);
});

Deno.test("ensureLibrary() refuses a mirror that states another checksum than PyPI", async () => {
  using folder = temporaryFolder();
  const wheel = await cpuWheel();
  // A forged wheel whose own index vouches for it.
  await using server = servePackages([wheel]);
  const variables = { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path };
  await assertRejects(
    () => ensureLibrary(isolated(variables)), // mimkit's own pinned checksums
    SetupError,
    "do not trust this index",
  );
  assertEquals(server.requests, ["/simple/tensorflow-cpu/"]);
});

Deno.test("ensureLibrary() refuses a wheel whose checksum it does not know", async () => {
  using folder = temporaryFolder();
  const wheel = await makeWheel(cpuWheelName.replaceAll("cp311", "cp399"), { "a": "b" });
  await using server = servePackages([wheel]);
  await assertRejects(
    () =>
      ensureLibrary(
        isolated({ PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path }),
      ),
    SetupError,
    "checksum is not known",
  );
});

Deno.test("ensureLibrary() replaces an installation that lost a file", async () => {
  using folder = temporaryFolder();
  const wheel = await cpuWheel();
  await using server = servePackages([wheel]);
  const options = isolated(
    { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path },
    { pinnedChecksums: pin(wheel) },
  );
  const { path } = await ensureLibrary(options);
  Deno.truncateSync(path, 10);
  assertEquals(findLibrary(options), undefined);
  assertEquals((await ensureLibrary(options)).source, "download");
  assertEquals(Deno.statSync(path).size, 1000);
});

Deno.test("ensureLibrary() says what to do without a network", async () => {
  using folder = temporaryFolder();
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const index = `http://127.0.0.1:${closed.addr.port}/simple`;
  closed.close();
  const error = await assertRejects(
    () => ensureLibrary(isolated({ PIP_INDEX_URL: index, MIMKIT_CACHE: folder.path })),
    SetupError,
    "No answer from 127.0.0.1",
  );
  assertStringIncludes(error.message, "Connection refused");
  assertStringIncludes(error.message, "check the network");
  assert(!error.message.includes("\n"));
});

Deno.test("ensureLibrary() says that the index has no wheel that fits", async () => {
  using folder = temporaryFolder();
  const old = await makeWheel(cpuWheelName.replace("2.21.0", "2.20.0"), { "a": "b" });
  await using server = servePackages([old]);
  const variables = { PIP_INDEX_URL: server.index, MIMKIT_CACHE: folder.path };
  const error = await assertRejects(() => ensureLibrary(isolated(variables)), SetupError);
  assertStringIncludes(error.message, "tensorflow-cpu==2.21.0");
  assertStringIncludes(error.message, "releases up to 2.20.0");
  assertStringIncludes(error.message, "PIP_EXTRA_INDEX_URL");
});

Deno.test("ensureLibrary() says that the cache cannot be made", async () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  const error = await assertRejects(
    () => ensureLibrary(isolated({ MIMKIT_CACHE: `${folder.path}/file/cache` })),
    SetupError,
  );
  assertStringIncludes(error.message, `${folder.path}/file/cache`);
});
