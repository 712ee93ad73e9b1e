/**
 * Writes a zip file of entries as they are, each beginning at a multiple of 64 bytes, as PyTorch
 * does so that a tensor can be mapped into memory from its place. Sizes above 4 GB go into the zip64
 * records (PKWARE's APPNOTE).
 *
 * @module
 */
import { crc32 } from "node:zlib";
import type { ByteStream } from "../../runs/stream_file.ts";

/** A zip file that is being written. */
export interface ZipStream {
  add(name: string, bytes: Uint8Array): Promise<void>;
  /** Writes the directory; nothing can be added after it. */
  finish(): Promise<void>;
}

interface Written {
  name: Uint8Array;
  crc: number;
  size: number;
  header: number;
}

const alignment = 64;

/** In place of a size or offset that is in the zip64 field. */
const wide = 0xffffffff;

/** 1 January 1980, the first day that the format knows: the same tensors make the same file. */
const date = 0x0021;

/** Names are in UTF-8. */
const flags = 0x0800;

function bytesWith(length: number, fill: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  fill(new DataView(bytes.buffer));
  return bytes;
}

/** The zip64 field of sizes and offsets that are too large for their places. */
function wideField(values: readonly number[]): Uint8Array {
  if (values.length === 0) return new Uint8Array(0);
  return bytesWith(4 + 8 * values.length, (view) => {
    view.setUint16(0, 1, true);
    view.setUint16(2, 8 * values.length, true);
    values.forEach((value, index) =>
      view.setBigUint64(4 + 8 * index, BigInt(value), true)
    );
  });
}

/** What the header of an entry and its line in the directory have in common. */
function describe(
  view: DataView,
  at: number,
  { crc, size, name }: Written,
  extra: number,
) {
  const told = Math.min(size, wide);
  view.setUint16(at, size >= wide ? 45 : 20, true); // the version of the format that it needs
  view.setUint16(at + 2, flags, true);
  view.setUint16(at + 8, date, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, told, true);
  view.setUint32(at + 18, told, true);
  view.setUint16(at + 22, name.length, true);
  view.setUint16(at + 24, extra, true);
}

/** The header that stands before an entry's bytes, as long as its alignment needs. */
function headerOf(entry: Written): Uint8Array {
  const sizes = wideField(entry.size >= wide ? [entry.size, entry.size] : []);
  const start = entry.header + 30 + entry.name.length + sizes.length + 4;
  const padding = (alignment - start % alignment) % alignment;
  const extra = sizes.length + 4 + padding;
  const bytes = bytesWith(30 + entry.name.length + extra, (view) => {
    view.setUint32(0, 0x04034b50, true);
    describe(view, 4, entry, extra);
    const field = 30 + entry.name.length + sizes.length;
    view.setUint16(field, 0x4246, true); // "FB", PyTorch's own field for padding
    view.setUint16(field + 2, padding, true);
  });
  bytes.set(entry.name, 30);
  bytes.set(sizes, 30 + entry.name.length);
  return bytes;
}

function directoryLine(entry: Written): Uint8Array {
  const large = [
    ...(entry.size >= wide ? [entry.size, entry.size] : []),
    ...(entry.header >= wide ? [entry.header] : []),
  ];
  const extra = wideField(large);
  const bytes = bytesWith(46 + entry.name.length + extra.length, (view) => {
    view.setUint32(0, 0x02014b50, true);
    view.setUint16(4, large.length > 0 ? 45 : 20, true);
    describe(view, 6, entry, extra.length);
    view.setUint32(42, Math.min(entry.header, wide), true);
  });
  bytes.set(entry.name, 46);
  bytes.set(extra, 46 + entry.name.length);
  return bytes;
}

function endOf(count: number, begin: number, size: number): Uint8Array {
  const large = count >= 0xffff || begin >= wide || size >= wide;
  return bytesWith(large ? 98 : 22, (view) => {
    if (large) {
      view.setUint32(0, 0x06064b50, true);
      view.setBigUint64(4, 44n, true); // what follows of this record
      view.setUint16(12, 45, true);
      view.setUint16(14, 45, true);
      [count, count, size, begin].forEach((value, index) =>
        view.setBigUint64(24 + 8 * index, BigInt(value), true)
      );
      view.setUint32(56, 0x07064b50, true);
      view.setBigUint64(64, BigInt(begin + size), true);
      view.setUint32(72, 1, true);
    }
    const end = large ? 76 : 0;
    view.setUint32(end, 0x06054b50, true);
    view.setUint16(end + 8, Math.min(count, 0xffff), true);
    view.setUint16(end + 10, Math.min(count, 0xffff), true);
    view.setUint32(end + 12, Math.min(size, wide), true);
    view.setUint32(end + 16, Math.min(begin, wide), true);
  });
}

/** Starts a zip file. */
export function zipStream(stream: ByteStream): ZipStream {
  const written: Written[] = [];
  return {
    async add(name, bytes) {
      const entry: Written = {
        name: new TextEncoder().encode(name),
        crc: crc32(bytes),
        size: bytes.length,
        header: stream.position(),
      };
      await stream.write(headerOf(entry));
      await stream.write(bytes);
      written.push(entry);
    },
    async finish() {
      const begin = stream.position();
      for (const entry of written) await stream.write(directoryLine(entry));
      await stream.write(endOf(written.length, begin, stream.position() - begin));
    },
  };
}
