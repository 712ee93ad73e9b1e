import {
  type Bytes,
  dict,
  int,
  joined,
  pickle,
  raw,
  tensor,
  type TensorPickle,
  text,
  torchFile,
  zipOf,
} from "./made_files.ts";
import { type Hostile, refuseFiles } from "./refuse_files.ts";

function withTensor(about: TensorPickle): Promise<Bytes> {
  return torchFile(pickle(dict({ w: tensor(about) })));
}

/** A file of PyTorch's, changed at every place where these bytes are. */
async function changed(find: Bytes, to: Bytes): Promise<Bytes> {
  const bytes = await torchFile(pickle(dict({ w: tensor() })));
  for (let at = 0; at + find.length <= bytes.length; at++) {
    if (find.every((byte, index) => bytes[at + index] === byte)) bytes.set(to, at);
  }
  return bytes;
}

const huge = `\x8a\x07${"\xff".repeat(6)}\x0f`; // 2⁵² and more

const tensors: Hostile[] = [
  [
    "a shape larger than the storage",
    withTensor({ shape: `(${int(3)}t` }),
    /needs 12 bytes/,
  ],
  [
    "an offset beyond the storage",
    withTensor({ offset: int(1) }),
    /needs 12 bytes of .* 8/,
  ],
  [
    "a negative offset",
    withTensor({ offset: int(-1) }),
    /w has .* at -1, which cannot be/,
  ],
  ["a negative stride", withTensor({ strides: `(${int(-1)}t` }), /strides \[-1\]/],
  ["a stride out of it", withTensor({ strides: `(${int(9)}t` }), /needs 40 bytes/],
  ["a negative length", withTensor({ shape: `(${int(-2)}t` }), /shape \[-2\]/],
  ["more lengths than strides", withTensor({ shape: `(KKt` }), /shape \[75\]|cannot be/],
  [
    "a huge shape",
    withTensor({ shape: `(${huge}${huge}t`, strides: `(${int(0)}${int(0)}t` }),
    /more elements than any file/,
  ],
  [
    "a huge shape of one element",
    withTensor({ shape: `(${int(2 ** 30)}t`, strides: `(${int(0)}t` }),
    /its tensors take 4294967296 bytes to read, more than/,
  ],
  ["65 axes", withTensor({ shape: `(${int(1).repeat(65)}t` }), /no tuple of lengths/],
  ["a shape of texts", withTensor({ shape: `(${text("2")}t` }), /no tuple of lengths/],
  ["a shape that is no tuple", withTensor({ shape: "K\x02" }), /are number, no tuple/],
  ["an unknown storage", withTensor({ key: "1" }), /storage "1", which it has not/],
  [
    "a storage's path out of the file",
    withTensor({ key: "../../../../etc/passwd" }),
    /refers to the storage "\.\.\/\.\..*", which it has not/,
  ],
  [
    "a storage of another size",
    withTensor({ elements: int(3) }),
    /has 8 bytes, .* says 12/,
  ],
  [
    "a storage of half an element",
    withTensor({ elements: "G?\xf8\0\0\0\0\0\0" }),
    /a size/,
  ],
  ["a storage of less than nothing", withTensor({ elements: int(-1) }), /key and a size/],
  [
    "an unknown type of storage",
    withTensor({ type: "Size" }),
    /unknown type "torch.Size"/,
  ],
];

const zips: Hostile[] = [
  [
    "half a file",
    torchFile(pickle("}")).then((bytes) => bytes.slice(0, -60)),
    /no directory/,
  ],
  [
    "a zip file of nothing",
    zipOf([]),
    /without PyTorch's data.pkl; it begins with nothing/,
  ],
  [
    "two pickles",
    zipOf([["a/data.pkl", pickle("}")], ["b/data.pkl", pickle("}")]]),
    /several data\.pkl/,
  ],
  [
    "two entries of a name",
    zipOf([["a/data.pkl", pickle("}")], ["a/data.pkl", pickle("}")]]),
    /two entries "a\/data.pkl"/,
  ],
  [
    "an unknown byte order",
    torchFile(pickle("}"), { "archive/byteorder": raw("middle") }),
    /its byte order is "middle"/,
  ],
  [
    "another byte in a storage",
    changed(raw("\0\0\x80?\0\0\0@"), raw("\0\0\x80?\0\0\0A")),
    /"archive\/data\/0" does not have the bytes that its checksum stands for/,
  ],
  [
    "an entry that begins elsewhere",
    changed(raw("PK\x03\x04"), raw("PK\x03\x05")),
    /no checkpoint|begins with the bytes|has no header/,
  ],
];

/** Sets four bytes in every line of a zip file's directory. */
async function withDirectory(at: number, value: number): Promise<Bytes> {
  const bytes = await torchFile(pickle(dict({ w: tensor() })));
  const view = new DataView(bytes.buffer);
  for (let line = 0; line + 46 <= bytes.length; line++) {
    if (view.getUint32(line, true) === 0x02014b50) view.setUint32(line + at, value, true);
  }
  return bytes;
}

const directories: Hostile[] = [
  ["entries of 4 GB", withDirectory(20, 0xfffffffe), /claims 4294967294 bytes/],
  ["entries at 4 GB", withDirectory(42, 0xfffffffe), /reaches into what follows/],
  ["entries in one place", withDirectory(42, 0), /reaches into what follows|two entries/],
  ["sizes that differ", withDirectory(24, 5), /is of 5 bytes in/],
];

/** A zip file with one deflated entry, which says that it is of this size. */
async function deflated(content: Uint8Array<ArrayBuffer>, size: number): Promise<Bytes> {
  const packed = new Uint8Array(
    await new Response(
      new Blob([content]).stream().pipeThrough(new CompressionStream("deflate-raw")),
    ).arrayBuffer(),
  );
  const bytes = await zipOf([["a/data.pkl", packed]]);
  const view = new DataView(bytes.buffer);
  const line = view.getUint32(bytes.length - 6, true);
  view.setUint16(line + 10, 8, true);
  view.setUint32(line + 24, size, true);
  return bytes;
}

const bombs: Hostile[] = [
  [
    "a bomb",
    deflated(new Uint8Array(2 ** 25), 2 ** 25),
    /claims to unpack to 33554432 bytes/,
  ],
  [
    "a bomb that hides",
    deflated(new Uint8Array(2 ** 25), 100),
    /does not unpack to the 100/,
  ],
  [
    "less than is claimed",
    deflated(new Uint8Array(10), 100),
    /does not unpack to the 100/,
  ],
  [
    "what is no deflated data",
    deflated(new Uint8Array(10), 10).then((bytes) => bytes.fill(0xff, 64, 66)),
    /cannot be unpacked/,
  ],
];

const magic = raw("\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19");
const legacyStart = joined([
  pickle(...[...magic]),
  pickle("M\xe9\x03"),
  pickle("}", text("little_endian"), "\x88s"),
]);

function legacy(...parts: Uint8Array[]): Bytes {
  return joined([legacyStart, ...parts]);
}

const old = pickle(dict({ w: tensor() }));
const keys = pickle("]", text("0"), "a");
const two = raw(2, 0, 0, 0, 0, 0, 0, 0);

const legacies: Hostile[] = [
  ["nothing after its start", legacy(), /needs 1 bytes/],
  [
    "another protocol",
    joined([pickle(...[...magic]), pickle("K\x01")]),
    /another protocol/,
  ],
  ["no keys", legacy(old, pickle("]"), two), /lacks the storage "0"/],
  [
    "an unknown key",
    legacy(old, pickle("]", text("1"), "a")),
    /lists the storage "1" wrongly/,
  ],
  [
    "a key twice",
    legacy(old, pickle("](", text("0"), text("0"), "e"), two, new Uint8Array(8)),
    /wrongly/,
  ],
  [
    "keys that are no list",
    legacy(old, pickle("K\x01")),
    /number in place of its storages/,
  ],
  [
    "another length",
    legacy(old, keys, raw(3, 0, 0, 0, 0, 0, 0, 0)),
    /has 3 elements, .* says 2/,
  ],
  [
    "half a storage",
    legacy(old, keys, two, new Uint8Array(4)),
    /reach to byte .* it ends at/,
  ],
  ["no length", legacy(old, keys), /bytes .* are asked for/],
];

Deno.test("readCheckpoint() refuses hostile files of PyTorch by name", async (t) => {
  await refuseFiles(t, [...tensors, ...zips, ...directories, ...bombs, ...legacies]);
});
