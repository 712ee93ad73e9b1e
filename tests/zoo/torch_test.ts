import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  CheckpointError,
  openCheckpoint,
  readCheckpoint,
} from "../../lib/zoo/checkpoint_file.ts";
import { writeSafetensors } from "../../lib/zoo/safetensors.ts";
import { compareFile, expectedFiles } from "./checkpoint_cases.ts";
import { temporaryFolder } from "./temporary_folder.ts";

const folder = new URL("checkpoints", import.meta.url).pathname;

Deno.test("readCheckpoint() finds what PyTorch and numpy wrote", async (t) => {
  const files = Object.entries(await expectedFiles(folder));
  assertEquals(files.length, 38);
  for (const [name, expected] of files) {
    await t.step(name, () => compareFile(`${folder}/${name}`, expected));
  }
});

Deno.test("openCheckpoint() reads tensors at once as it reads them in turn", async () => {
  using file = await openCheckpoint(`${folder}/plain.pth`);
  const { tensors } = await readCheckpoint(`${folder}/plain.pth`);
  const names = [...file.entries.keys()];
  const read = await Promise.all(names.map((name) => file.read(name)));
  assertEquals(new Map(names.map((name, index) => [name, read[index]!])), tensors);
});

Deno.test("openCheckpoint() knows shapes and types before it reads", async () => {
  using file = await openCheckpoint(`${folder}/plain.pth`);
  const { shape, dtype } = file.entries.get("half.permuted")!;
  assertEquals([dtype, shape], ["F16", [5, 6]]);
  const error = await assertRejects(() => file.read("nix"), CheckpointError);
  assertMatch(error.message, /plain\.pth: it has no tensor "nix" among its 29$/);
});

Deno.test("openCheckpoint() reads safetensors too", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/named.pth`; // the name says nothing
  const weight = { shape: [2], dtype: "F32" as const, data: new Float32Array([1, 2]) };
  await writeSafetensors(path, { weight }, { format: "pt" });
  const { format, level, metadata, tensors } = await readCheckpoint(path);
  assertEquals({ format, level, metadata }, {
    format: "safetensors",
    level: undefined,
    metadata: { format: "pt" },
  });
  assertEquals(tensors, new Map([["weight", weight]]));
  const error = await assertRejects(
    () => openCheckpoint(path, { which: "ema" }),
    CheckpointError,
  );
  assertMatch(error.message, /holds weights and no levels/);
});

const strangers: [string, string, RegExp][] = [
  ["nothing", "", /it is empty: fetch it again/],
  ["a web page", "<!DOCTYPE html><html>", /it is a web page/],
  ["Git LFS's note", "version https://git-lfs.github.com/spec/v1\n", /git lfs pull/],
  ["a gzip file", "\x1f\x8b\x08\x00", /packed by gzip: unpack it first/],
  ["a Keras file", "\x89HDF\r\n", /HDF5/],
  ["an old tar file", `${"x".repeat(257)}ustar`, /tar file: unpack it first/],
  ["a text", "hello, world", /begins with the bytes 68 65 6c 6c .*, like no checkpoint/],
  ["a cut safetensors file", "\x40\0\0\0\0\0\0\0{", /header of 64 bytes, the file has 9/],
];

Deno.test("openCheckpoint() says what other files are", async (t) => {
  using folder = temporaryFolder();
  for (const [name, content, message] of strangers) {
    await t.step(name, async () => {
      const path = `${folder.path}/${name}`;
      await Deno.writeFile(path, Uint8Array.from(content, (c) => c.charCodeAt(0)));
      const error = await assertRejects(() => openCheckpoint(path), CheckpointError);
      assertMatch(error.message, message);
      assertEquals(error.message.startsWith(path), true, error.message);
    });
  }
  const missing = `${folder.path}/missing.pth`;
  await assertRejects(
    () => openCheckpoint(missing),
    CheckpointError,
    `${missing}: there is no such file`,
  );
  await assertRejects(
    () => openCheckpoint(folder.path),
    CheckpointError,
    `${folder.path}: it is no file`,
  );
});

Deno.test("openCheckpoint() names what a file holds in place of what is wanted", async () => {
  const path = `${folder}/timm.pth`;
  const error = await assertRejects(
    () => openCheckpoint(path, { level: "optimizer" }),
    CheckpointError,
  );
  assertMatch(
    error.message,
    /no weights under "optimizer"; it holds "state_dict", "state_dict_ema", "epoch"/,
  );
  const none = await assertRejects(
    () => openCheckpoint(`${folder}/official.pth`, { which: "ema" }),
    CheckpointError,
  );
  assertMatch(
    none.message,
    /no moving average of weights .* it holds "model", "optimizer"/,
  );
});
