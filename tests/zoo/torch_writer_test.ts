import { assert, assertEquals, assertRejects } from "@std/assert";
import { readCheckpoint } from "../../lib/zoo/checkpoint_file.ts";
import { streamDetectron2, writeDetectron2 } from "../../lib/zoo/detectron2_writer.ts";
import type { StoredTensor } from "../../lib/zoo/element_types.ts";
import { streamTorch, writeTorch } from "../../lib/zoo/torch/torch_writer.ts";
import { temporaryFolder } from "./temporary_folder.ts";
import { everyTensor, notes } from "./written_tensors.ts";

Deno.test("writeTorch() writes what readCheckpoint() reads, of every type", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/model.pth`;
  for (const level of ["state_dict", "model", undefined]) {
    const options = level === undefined ? {} : { level, metadata: notes };
    await writeTorch(path, everyTensor, options);
    const found = await readCheckpoint(path);
    assertEquals(found.format, "torch");
    assertEquals(found.level, level);
    assertEquals(found.metadata, level === undefined ? {} : notes);
    assertEquals(Object.fromEntries(found.tensors), everyTensor);
  }
});

Deno.test("writeTorch() writes the same bytes for the same tensors, aligned to 64", async () => {
  using folder = temporaryFolder();
  const paths = ["a.pth", "b.pth"].map((name) => `${folder.path}/${name}`);
  for (const path of paths) await writeTorch(path, { w: everyTensor.f32! });
  const [first, second] = await Promise.all(paths.map((path) => Deno.readFile(path)));
  assertEquals(first, second);
  const elements = new Uint8Array(everyTensor.f32!.data.buffer);
  const at = first!.findIndex((_, index) =>
    elements.every((byte, offset) => first![index + offset] === byte)
  );
  assert(at > 0 && at % 64 === 0, `the elements begin at ${at}`);
});

Deno.test("writeDetectron2() writes what readCheckpoint() reads; bfloat16 widens", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/backbone.pkl`;
  await writeDetectron2(path, everyTensor);
  const { format, level, metadata, tensors } = await readCheckpoint(path);
  assertEquals([format, level], ["pickle", "model"]);
  assertEquals(metadata, { __author__: "mimkit", matching_heuristics: true });
  assertEquals(Object.fromEntries(tensors), {
    ...everyTensor,
    bf16: { shape: [2], dtype: "F32", data: new Float32Array([1.5, -2]) },
  });
});

const wrong: StoredTensor = { shape: [3], dtype: "F32", data: new Float32Array(2) };

Deno.test("a writer that fails leaves the old file and nothing beside it", async () => {
  using folder = temporaryFolder();
  for (
    const [name, write] of [["w.pth", writeTorch], ["w.pkl", writeDetectron2]] as const
  ) {
    const path = `${folder.path}/${name}`;
    await write(path, { old: everyTensor.u8! });
    await assertRejects(
      () => write(path, { fine: everyTensor.u8!, wrong }),
      Error,
      "The tensor wrong has 2 elements of 4 bytes, its shape [3] of F32 needs 3 of 4",
    );
    assertEquals([...(await readCheckpoint(path)).tensors.keys()], ["old"]);
  }
  const names = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) =>
    name
  );
  assertEquals(names.sort(), ["w.pkl", "w.pth"]);
});

Deno.test("writers ask for each tensor when it is its turn", async () => {
  using folder = temporaryFolder();
  for (const stream of [streamTorch, streamDetectron2]) {
    let held = 0;
    let most = 0;
    const tensors = Array.from({ length: 5 }, (_, index): [string, {
      shape: number[];
      dtype: "F32";
      read(): Promise<Float32Array<ArrayBuffer>>;
    }] => [`w${index}`, {
      shape: [2],
      dtype: "F32",
      async read() {
        most = Math.max(most, ++held);
        await Promise.resolve();
        held--;
        return new Float32Array([index, index]);
      },
    }]);
    const path = `${folder.path}/model`;
    await stream(path, tensors);
    assertEquals(most, 1);
    const found = await readCheckpoint(path);
    assertEquals(found.tensors.get("w4")!.data, new Float32Array([4, 4]));
  }
});

Deno.test("writers refuse what the other side could not read", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/model`;
  const u32: StoredTensor = { shape: [1], dtype: "U32", data: new Uint32Array(1) };
  await assertRejects(() => writeTorch(path, { u32 }), Error, "The tensor u32 is of U32");
  await assertRejects(
    () => writeTorch(path, {}, { metadata: { epoch: 1 } }),
    Error,
    "so epoch has no place: give a level",
  );
  await assertRejects(
    () => writeTorch(path, {}, { level: "model", metadata: { model: 1 } }),
    Error,
    "Both the tensors and a note are to be model",
  );
  await assertRejects(
    () => writeDetectron2(path, {}, { model: 1 }),
    Error,
    'Both the tensors and a note are to be "model"',
  );
  await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
  const nowhere = `${folder.path}/nowhere/model.pth`;
  await assertRejects(() => writeTorch(nowhere, {}), Error, `Cannot write "${nowhere}"`);
});

Deno.test("writeTorch() describes more tensors than fit into the first room for its pickle", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/many.pth`;
  // The first name's length moves all that comes after it over the places where room is made.
  for (const longer of [0, 7, 31]) {
    const tensors = Object.fromEntries(
      Array.from({ length: 900 }, (_, index) => [
        `n${index}${"x".repeat(index === 0 ? longer : 0)}`,
        { shape: [1], dtype: "U8" as const, data: Uint8Array.of(index % 256) },
      ]),
    );
    await writeTorch(path, tensors);
    const { tensors: read } = await readCheckpoint(path);
    assertEquals(read.size, 900);
    for (const [name, { data }] of Object.entries(tensors)) {
      assertEquals(read.get(name)!.data[0], data[0], name);
    }
  }
});
