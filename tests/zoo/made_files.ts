/**
 * Zip files and pickles put together by hand, as hostile as one likes.
 *
 * @module
 */
import { zipStream } from "../../lib/zoo/torch/zip_writer.ts";

/** Bytes in memory. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A zip file of entries, each with its right checksum. */
export async function zipOf(entries: Iterable<[string, Uint8Array]>): Promise<Bytes> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const zip = zipStream({
    position: () => length,
    write(bytes) {
      parts.push(bytes);
      length += bytes.length;
      return Promise.resolve();
    },
  });
  for (const [name, bytes] of entries) await zip.add(name, bytes);
  await zip.finish();
  return joined(parts);
}

/** Bytes after one another. */
export function joined(parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/** Letters as bytes; numbers as they are. */
export function raw(...parts: (string | number)[]): Bytes {
  return joined(
    parts.map((part) =>
      typeof part === "number"
        ? Uint8Array.of(part)
        : Uint8Array.from(part, (letter) => letter.charCodeAt(0))
    ),
  );
}

/** A pickle of protocol 2 out of its instructions. */
export function pickle(...parts: (string | number)[]): Bytes {
  return raw(0x80, 2, ...parts, ".");
}

/** A short text, as an instruction of a pickle. */
export function text(value: string): string {
  return `\x8c${String.fromCharCode(value.length)}${value}`;
}

/** A whole number of four bytes, as an instruction of a pickle. */
export function int(value: number): string {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return `J${String.fromCharCode(...bytes)}`;
}

/** What a tensor's pickle says, wrongly or not. */
export interface TensorPickle {
  type?: string;
  key?: string;
  elements?: string;
  offset?: string;
  shape?: string;
  strides?: string;
}

/** A tensor, as instructions of a pickle: by default two floats of the storage "0". */
export function tensor(
  {
    type = "FloatStorage",
    key = "0",
    elements = int(2),
    offset = int(0),
    shape = `(${int(2)}t`,
    strides = `(${int(1)}t`,
  }: TensorPickle = {},
): string {
  return `ctorch._utils\n_rebuild_tensor_v2\n((${text("storage")}ctorch\n${type}\n` +
    `${text(key)}${text("cpu")}${elements}tQ${offset}${shape}${strides}\x89` +
    "ccollections\nOrderedDict\n)RtR";
}

/** A dict, as instructions of a pickle. */
export function dict(entries: Record<string, string>): string {
  const items = Object.entries(entries).map(([name, value]) => text(name) + value);
  return `}(${items.join("")}u`;
}

/** A file of PyTorch's with this pickle and a storage of two floats. */
export function torchFile(
  data: Bytes,
  more: Record<string, Uint8Array> = {},
): Promise<Bytes> {
  return zipOf([
    ["archive/data.pkl", data],
    ["archive/data/0", new Uint8Array(new Float32Array([1, 2]).buffer)],
    ...Object.entries(more),
  ]);
}
