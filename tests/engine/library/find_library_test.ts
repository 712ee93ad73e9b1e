import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { findLibrary, SetupError } from "../../../lib/engine/library/mod.ts";
import { isolated, linuxMachine, temporaryFolder } from "./package_server.ts";

Deno.test("findLibrary() takes MIMKIT_TENSORFLOW as a file, a folder or site-packages", () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/tensorflow/libtensorflow_cc.so.2`;
  Deno.mkdirSync(`${folder.path}/tensorflow`);
  Deno.writeTextFileSync(file, "");
  for (const named of [file, `${folder.path}/tensorflow`, folder.path]) {
    const library = findLibrary(isolated({ MIMKIT_TENSORFLOW: named }));
    assertEquals(library, {
      path: file,
      preload: [],
      version: undefined,
      build: "cpu",
      source: "MIMKIT_TENSORFLOW",
    });
  }
});

Deno.test("findLibrary() uses the NVIDIA wheels beside a library of the user's own", () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/tensorflow`);
  Deno.writeTextFileSync(`${folder.path}/tensorflow/libtensorflow_cc.so.2`, "");
  const names = ["cudnn/lib/libcudnn.so.9", "cublas/lib/libcublas.so.12"];
  for (const name of names) {
    const path = `${folder.path}/nvidia/${name}`;
    Deno.mkdirSync(path.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(path, "");
  }
  const library = findLibrary(isolated({ MIMKIT_TENSORFLOW: folder.path }));
  assertEquals(library?.build, "gpu");
  assertEquals(
    library?.preload,
    names.toReversed().map((name) => `${folder.path}/nvidia/${name}`),
  );
});

Deno.test("findLibrary() says what a wrong MIMKIT_TENSORFLOW should be", () => {
  const error = assertThrows(
    () => findLibrary(isolated({ MIMKIT_TENSORFLOW: "/no/such/libtensorflow_cc.so.2" })),
    SetupError,
    '"/no/such/libtensorflow_cc.so.2"',
  );
  assertStringIncludes(error.message, "unset it");
});

Deno.test("findLibrary() names the supported systems on any other", () => {
  for (const [os, arch] of [["windows", "x86_64"], ["darwin", "x86_64"]] as const) {
    const machine = { ...linuxMachine(), os, arch };
    const error = assertThrows(
      () => findLibrary(isolated({ MIMKIT_CACHE: "/nowhere" }, { machine })),
      SetupError,
      `for ${os} on ${arch}`,
    );
    assertStringIncludes(error.message, "Linux (x86_64, aarch64");
    assertStringIncludes(error.message, "MIMKIT_TENSORFLOW");
  }
});

Deno.test("findLibrary() tells musl and an old glibc by name", () => {
  const look = (cLibrary: ReturnType<typeof machine.cLibrary>) =>
    findLibrary(isolated({ MIMKIT_CACHE: "/nowhere" }, {
      machine: { ...machine, cLibrary: () => cLibrary },
    }));
  const machine = linuxMachine();
  assertThrows(() => look({ kind: "other" }), SetupError, "musl");
  assertThrows(
    () => look({ kind: "glibc", version: "2.17" }),
    SetupError,
    "needs glibc 2.27 or newer, and this system has 2.17",
  );
  assertEquals(look({ kind: "glibc", version: "2.27" }), undefined);
});

Deno.test("findLibrary() asks for a newer Deno", () => {
  const look = (deno: string) =>
    findLibrary(isolated({ MIMKIT_CACHE: "/nowhere" }, {
      machine: { ...linuxMachine(), deno },
    }));
  assertThrows(() => look("2.8.3"), SetupError, "run `deno upgrade`");
  assertThrows(() => look("1.46.0"), SetupError, "this is Deno 1.46.0");
  assertEquals(look("2.9.0"), undefined);
  assertEquals(look("2.10.1"), undefined);
  assertEquals(look("3.0.0"), undefined);
});

Deno.test("findLibrary() obeys MIMKIT_DEVICE and refuses what is neither cpu nor gpu", () => {
  const look = (wish: string, arch = "x86_64") =>
    findLibrary(isolated({ MIMKIT_CACHE: "/nowhere", MIMKIT_DEVICE: wish }, {
      machine: { ...linuxMachine(), arch },
    }));
  assertThrows(() => look("tpu"), SetupError, 'MIMKIT_DEVICE is "tpu"');
  assertThrows(() => look("gpu", "aarch64"), SetupError, "CUDA only for Linux on x86_64");
  assertEquals(look("cpu", "aarch64"), undefined);
});

Deno.test("findLibrary() says that there is no place for a cache", () => {
  assertThrows(() => findLibrary(isolated({})), SetupError, "set MIMKIT_CACHE");
});
