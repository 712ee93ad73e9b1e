import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  openSafetensors,
  readSafetensors,
  type StoredTensor,
  toFloat32,
  writeSafetensors,
} from "../../lib/zoo/safetensors.ts";

const everyType: Record<string, StoredTensor> = {
  f64: { shape: [2], dtype: "F64", data: new Float64Array([1 / 3, -0]) },
  f32: { shape: [1, 2], dtype: "F32", data: new Float32Array([1.5, NaN]) },
  f16: { shape: [2], dtype: "F16", data: new Uint16Array([0x3e00, 0xfc00]) },
  bf16: { shape: [2], dtype: "BF16", data: new Uint16Array([0x3fc0, 0xc000]) },
  i64: { shape: [1], dtype: "I64", data: new BigInt64Array([-(2n ** 62n)]) },
  u64: { shape: [1], dtype: "U64", data: new BigUint64Array([2n ** 63n]) },
  i32: { shape: [], dtype: "I32", data: new Int32Array([-7]) },
  u32: { shape: [1], dtype: "U32", data: new Uint32Array([7]) },
  i16: { shape: [1], dtype: "I16", data: new Int16Array([-7]) },
  u16: { shape: [1], dtype: "U16", data: new Uint16Array([7]) },
  i8: { shape: [1], dtype: "I8", data: new Int8Array([-7]) },
  u8: { shape: [3], dtype: "U8", data: new Uint8Array([1, 2, 255]) },
  bool: { shape: [3], dtype: "BOOL", data: new Uint8Array([1, 0, 1]) },
  empty: { shape: [0, 4], dtype: "F32", data: new Float32Array(0) },
};

async function temporaryPath(): Promise<string> {
  return `${await Deno.makeTempDir()}/model.safetensors`;
}

Deno.test("writeSafetensors() and readSafetensors() keep every element type", async () => {
  const path = await temporaryPath();
  await writeSafetensors(path, everyType, { format: "pt" });
  const { metadata, tensors } = await readSafetensors(path);
  assertEquals(metadata, { format: "pt" });
  assertEquals(Object.fromEntries(tensors), everyType);
});

Deno.test("writeSafetensors() aligns every tensor to its elements", async () => {
  const path = await temporaryPath();
  await writeSafetensors(path, everyType);
  using file = await openSafetensors(path);
  for (const [name, { begin }] of file.entries) {
    assertEquals(begin % everyType[name]!.data.BYTES_PER_ELEMENT, 0, name);
  }
});

Deno.test("openSafetensors() reads one tensor at a time", async () => {
  const path = await temporaryPath();
  await writeSafetensors(path, everyType);
  using file = await openSafetensors(path);
  assertEquals(file.entries.get("f32")?.shape, [1, 2]);
  assertEquals(await file.read("u8"), everyType.u8);
  await assertRejects(() => file.read("nix"), Error, 'has no tensor "nix" among its 14');
});

Deno.test("toFloat32() widens halves and brain floats exactly", () => {
  const half = (...bits: number[]) =>
    toFloat32({ shape: [bits.length], dtype: "F16", data: new Uint16Array(bits) });
  assertEquals(
    half(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x8000, 0x7e00),
    new Float32Array([1, -2, 2 ** -24, 65504, Infinity, -0, NaN]),
  );
  assertEquals(toFloat32(everyType.bf16!), new Float32Array([1.5, -2]));
  assertEquals(toFloat32(everyType.i64!), new Float32Array([-(2 ** 62)]));
});

Deno.test("writeSafetensors() leaves the old file when it fails", async () => {
  const path = await temporaryPath();
  await writeSafetensors(path, { old: everyType.u8! });
  const wrong: StoredTensor = { shape: [3], dtype: "F32", data: new Float32Array(2) };
  await assertRejects(
    () => writeSafetensors(path, { wrong }),
    Error,
    "The tensor wrong has 2 elements of 4 bytes, its shape [3] of F32 needs 3 of 4",
  );
  const reserved = { __metadata__: everyType.u8! };
  await assertRejects(() => writeSafetensors(path, reserved), Error, "keeps that name");
  assertEquals([...(await readSafetensors(path)).tensors.keys()], ["old"]);
  const folder = path.replace(/\/[^/]*$/, "");
  const files = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  assertEquals(files, ["model.safetensors"]);
});

function file(header: unknown, bytes = 0, announced?: bigint): Uint8Array<ArrayBuffer> {
  const json = typeof header === "string" ? header : JSON.stringify(header);
  const text = new TextEncoder().encode(json);
  const all = new Uint8Array(8 + text.length + bytes);
  new DataView(all.buffer).setBigUint64(0, announced ?? BigInt(text.length), true);
  all.set(text, 8);
  return all;
}

function entry(shape: unknown, begin: unknown, end: unknown, dtype: unknown = "U8") {
  return { dtype, shape, data_offsets: [begin, end] };
}

const hostile: [string, Uint8Array<ArrayBuffer>, RegExp][] = [
  ["an empty file", new Uint8Array(0), /0 bytes are no safetensors file/],
  ["a header longer than the file", file({}, 0, 99n), /announce a header of 99 bytes/],
  ["a header of 2⁶⁴ bytes", file({}, 0, 2n ** 64n - 1n), /announce a header/],
  ["no JSON", file("{nix"), /its header is no JSON/],
  ["no UTF-8", Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff), /its header is no JSON/],
  ["a list", file([]), /header is no record/],
  [
    "metadata that are no texts",
    file({ __metadata__: { a: 1 } }),
    /not a record of texts/,
  ],
  ["an entry that is no record", file({ w: 3 }), /tensor w has no record of dtype/],
  ["an unknown type", file({ w: entry([1], 0, 1, "F8") }, 1), /tensor w .* type "F8"/],
  ["a prototype's type", file({ w: entry([1], 0, 1, "toString") }, 1), /type "toString"/],
  [
    "a negative length",
    file({ w: entry([-1], 0, 1) }, 1),
    /tensor w has the shape \[ -1 \]/,
  ],
  ["a shape of texts", file({ w: entry(["1"], 0, 1) }, 1), /tensor w has the shape/],
  [
    "a huge shape",
    file({ w: entry([2 ** 40, 2 ** 40], 0, 1) }, 1),
    /more elements than any/,
  ],
  [
    "offsets that are no numbers",
    file({ w: entry([1], "0", 1) }, 1),
    /tensor w has the offsets/,
  ],
  ["offsets outside the file", file({ w: entry([9], 0, 9) }, 8), /truncated or damaged/],
  ["reversed offsets", file({ w: entry([1], 1, 0) }, 1), /truncated or damaged/],
  ["a shape of other size", file({ w: entry([3], 0, 2) }, 2), /has 2 bytes, .* needs 3/],
  [
    "tensors that overlap",
    file({ a: entry([2], 0, 2), b: entry([2], 1, 3) }, 3),
    /tensors a and b overlap/,
  ],
  ["a hole", file({ a: entry([1], 1, 2) }, 2), /1 bytes before a belong to no tensor/],
  ["a tail", file({ a: entry([1], 0, 1) }, 3), /2 bytes at its end belong to no tensor/],
];

Deno.test("readSafetensors() refuses hostile files by name", async (t) => {
  for (const [name, bytes, message] of hostile) {
    await t.step(name, async () => {
      const path = await temporaryPath();
      await Deno.writeFile(path, bytes);
      const error = await assertRejects(() => readSafetensors(path), Error);
      assertMatch(error.message, message);
      assert(error.message.startsWith(path), error.message);
    });
  }
});
