import { assert, assertEquals } from "@std/assert";
import { readCheckpoint } from "../../lib/zoo/checkpoint_file.ts";
import {
  type Bytes,
  dict,
  int,
  pickle,
  raw,
  tensor,
  text,
  torchFile,
} from "./made_files.ts";
import { type Hostile, refuseFiles } from "./refuse_files.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** Lists within lists. */
const nested = `${"]".repeat(60_000)}${"a".repeat(59_999)}`;

/** A tuple of two times the one before, so many times. */
const laughs = `)${"2\x86".repeat(200)}`;

const pickles: [string, Bytes, RegExp][] = [
  ["an empty pickle", raw(), /its pickle needs 1 bytes at 0/],
  ["nothing but an end", pickle(), /takes more than it made/],
  ["no end", raw(0x80, 2, "}"), /needs 1 bytes at 3/],
  ["an unknown protocol", raw(0x80, 9, "}."), /unknown protocol/],
  ["an unknown instruction", pickle("\xee"), /unknown instruction 0xee/],
  ["os.system", pickle("cos\nsystem\n(", text("id"), "tR"), /Python's os.system, which/],
  [
    "eval under Python 2's name",
    pickle("c__builtin__\neval\n"),
    /Python's builtins.eval/,
  ],
  ["a global of protocol 4", pickle(text("os"), text("system"), "\x93"), /os.system/],
  [
    "a name without an end",
    raw(0x80, 2, "c", "x".repeat(2000)),
    /more than 1024 letters/,
  ],
  ["a call of no global", pickle("K\x01)R"), /calls number/],
  [
    "a call without arguments",
    pickle("ccollections\nOrderedDict\nK\x01R"),
    /without a tuple/,
  ],
  [
    "TorchScript's class elsewhere",
    pickle("c__torch__\nM\n)\x81"),
    /Python's __torch__.M/,
  ],
  ["an extension", pickle("\x82\x01"), /unknown instruction 0x82/],
  [
    "an attribute of a value",
    pickle("cbuiltins\ngetattr\n(K\x01", text("x"), "tR"),
    /attribute/,
  ],
  [
    "a long integer of 4 GB",
    raw(0x80, 2, "\x8b\xff\xff\xff\xff"),
    /number of 4294967295/,
  ],
  [
    "a text of 2⁶⁴ bytes",
    raw(0x80, 4, "\x8d", "\xff".repeat(8)),
    /claims 18446744073709551615/,
  ],
  ["a text of 4 GB", raw(0x80, 2, "X\xff\xff\xff\xff"), /needs 4294967295 bytes/],
  ["a text that is no UTF-8", pickle("X\x01\0\0\0\xff"), /no UTF-8/],
  ["a mark that is missing", pickle("t"), /misses a mark/],
  ["a value from before a mark", pickle("K\x01(0", "0"), /takes more than it made/],
  ["an unknown memory", pickle("h\x05"), /recalls the unknown value 5/],
  [
    "a memory far away",
    pickle("K\x01r\xff\xff\xff\xff"),
    /remembers a value as 4294967295/,
  ],
  ["a key without a value", pickle("}(K\x01u"), /key without a value/],
  ["items of a number", pickle("K\x01K\x02K\x03s"), /sets items of number/],
  ["an append to a dict", pickle("}K\x01a"), /appends to dict/],
  ["a state of a list", pickle("]}b"), /gives a state to list/],
  [
    "a name twice",
    pickle("}(", text("w"), "K\x01", text("w"), "K\x02u"),
    /key "w" twice/,
  ],
  ["a list that holds itself", pickle("]q\0h\0a"), /holds list, not weights/],
  ["a dict that holds itself", pickle("}q\0", text("model"), "h\0s"), /no weights/],
  ["lists within lists", pickle(nested), /holds list, not weights/],
  ["a tuple of 2²⁰⁰ tuples", pickle("}", text("x"), laughs, "s"), /no weights/],
  ["too many instructions", pickle("N0".repeat(500_001)), /more than 1000000 instr/],
  ["a number out of letters", pickle("Ione\n"), /has "one" for a number/],
  [
    "a tensor of a number",
    pickle("ctorch._utils\n_rebuild_parameter\n(K\x01tR"),
    /made of/,
  ],
  [
    "a reference to no storage",
    pickle("K\x01Q"),
    /refers to number in place of a storage/,
  ],
];

const numpyArray = (shape: string, data: string) =>
  pickle(
    dict({
      w: "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\0tC\x01btR" +
        `(K\x01${shape}cnumpy\ndtype\n(${text("f4")}\x89\x88tR\x89${data}tb`,
    }),
  );

const arrays: Hostile[] = [
  [
    "an array of fewer bytes",
    numpyArray("K\x02\x85", "C\x04abcd"),
    /4 bytes whose shape needs 8/,
  ],
  [
    "an array of less than nothing",
    numpyArray(`(${int(-1)}${int(-1)}t`, "C\x04abcd"),
    /cannot be/,
  ],
  ["an array of a number", numpyArray("K\x01\x85", "K\x01"), /array without its bytes/],
  [
    "an array of other letters",
    numpyArray("K\x01\x85", "X\x06\0\0\0\xe2\x82\xacabc"),
    /for bytes/,
  ],
];

Deno.test("readCheckpoint() refuses hostile pickles by name", async (t) => {
  await refuseFiles(t, [
    ...pickles.map(([name, data, message]): Hostile => [name, torchFile(data), message]),
    ...arrays,
  ]);
});

Deno.test("readCheckpoint() tells of circles and of 2²⁰⁰ tuples without following them", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/model.pth`;
  const data = pickle(
    "}(",
    text("model"),
    dict({ w: tensor() }),
    text("circle"),
    "]q\0h\0a",
    text("laughs"),
    laughs,
    text("nested"),
    nested,
    "u",
  );
  await Deno.writeFile(path, await torchFile(data));
  const { tensors, metadata } = await readCheckpoint(path);
  assertEquals(tensors.get("w")!.data, new Float32Array([1, 2]));
  assertEquals(metadata["circle"], ["…"]);
  assert(JSON.stringify(metadata).length < 1_000_000);
});

Deno.test("readCheckpoint() takes no prototype's name for more than a name", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/model.pth`;
  const weights = dict({ __proto__x: tensor(), constructor: tensor() })
    .replace(text("__proto__x"), text("__proto__"));
  const data = pickle("}(", text("model"), weights, text("__proto__"), "}", "u");
  await Deno.writeFile(path, await torchFile(data));
  const { tensors, metadata } = await readCheckpoint(path);
  assertEquals([...tensors.keys()], ["__proto__", "constructor"]);
  assertEquals(Object.getPrototypeOf(metadata), Object.prototype);
  assertEquals(Object.keys(metadata), ["__proto__"]);
});
