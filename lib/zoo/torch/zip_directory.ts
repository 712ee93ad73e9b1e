/**
 * The directory of a zip file, with nothing in it taken on trust. The format is PKWARE's APPNOTE;
 * sizes above 4 GB are in its zip64 records.
 *
 * @module
 */
import { type ByteSource, readRange } from "../pickle/byte_source.ts";
import { CheckpointError, damaged, quoted } from "../pickle/checkpoint_error.ts";

/** A file inside a zip file, as the directory describes it. */
export interface ZipEntry {
  readonly name: string;
  /** 0 as it is, 8 deflated; others exist. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  /** In the zip file. */
  readonly stored: number;
  readonly size: number;
  /** Where the entry's own header begins. */
  readonly header: number;
  /** Where the next entry, or the directory, begins: no entry reaches beyond. */
  readonly limit: number;
}

const signatures = {
  end: 0x06054b50,
  locator: 0x07064b50,
  end64: 0x06064b50,
  entry: 0x02014b50,
};

/** The end record with the longest comment. */
const longestEnd = 22 + 65_535;

/** A checkpoint has a line of some hundred bytes for each tensor; this is enough for 100,000. */
const longestDirectory = 2 ** 24;

function truncated(): CheckpointError {
  return new CheckpointError(
    `it begins like a zip file and has no directory: ${damaged}`,
  );
}

function viewOf(bytes: Uint8Array<ArrayBuffer>): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function size64(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > Number.MAX_SAFE_INTEGER) {
    throw new CheckpointError(`its zip directory claims ${value} bytes: ${damaged}`);
  }
  return Number(value);
}

interface End {
  entries: number;
  size: number;
  begin: number;
}

/** The zip64 end record, if a locator for it stands before the end record. */
function end64(source: ByteSource, end: number): End | undefined {
  if (end < 20) return undefined;
  const locator = viewOf(readRange(source, end - 20, end));
  if (locator.getUint32(0, true) !== signatures.locator) return undefined;
  const at = size64(locator, 8);
  if (at + 56 > end - 20) throw truncated();
  const view = viewOf(readRange(source, at, at + 56));
  if (view.getUint32(0, true) !== signatures.end64) throw truncated();
  return { entries: size64(view, 32), size: size64(view, 40), begin: size64(view, 48) };
}

function findEnd(source: ByteSource): End {
  const tail = readRange(source, Math.max(0, source.size - longestEnd));
  const view = viewOf(tail);
  for (let at = tail.length - 22; at >= 0; at--) {
    if (view.getUint32(at, true) !== signatures.end) continue;
    if (at + 22 + view.getUint16(at + 20, true) > tail.length) continue;
    const position = source.size - tail.length + at;
    const found = end64(source, position) ?? {
      entries: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      begin: view.getUint32(at + 16, true),
    };
    if (found.begin + found.size > position) throw truncated();
    return found;
  }
  throw truncated();
}

type Located = Omit<ZipEntry, "limit">;

/** The sizes that did not fit in the entry, in their order, from its zip64 field. */
function widen(entry: Located, extra: DataView): Located {
  const { size, stored, header } = entry;
  const wanted = [size, stored, header].map((value) => value === 0xffffffff);
  if (!wanted.includes(true)) return entry;
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const length = extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === 1 && at + 4 + length <= extra.byteLength) {
      let next = at + 4;
      const [wideSize, wideStored, wideHeader] = [size, stored, header].map(
        (value, index) => {
          if (!wanted[index]) return value;
          if (next + 8 > at + 4 + length) throw truncated();
          next += 8;
          return size64(extra, next - 8);
        },
      ) as [number, number, number];
      return { ...entry, size: wideSize, stored: wideStored, header: wideHeader };
    }
    at += 4 + length;
  }
  return entry;
}

function parseEntry(
  directory: Uint8Array<ArrayBuffer>,
  at: number,
): { entry: Located; next: number } {
  const view = viewOf(directory);
  if (at + 46 > directory.length) throw truncated();
  if (view.getUint32(at, true) !== signatures.entry) throw truncated();
  const nameEnd = at + 46 + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const next = extraEnd + view.getUint16(at + 32, true);
  if (next > directory.length) throw truncated();
  const entry: Located = {
    name: new TextDecoder().decode(directory.subarray(at + 46, nameEnd)),
    method: view.getUint16(at + 10, true),
    encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
    crc: view.getUint32(at + 16, true),
    stored: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    header: view.getUint32(at + 42, true),
  };
  return { entry: widen(entry, viewOf(directory.subarray(nameEnd, extraEnd))), next };
}

/**
 * Reads a zip file's directory.
 *
 * @throws {CheckpointError} when it is damaged, or entries overlap, have one name, or reach out of
 *   the file.
 */
export function readZipDirectory(source: ByteSource): Map<string, ZipEntry> {
  const { entries: count, size, begin } = findEnd(source);
  if (size > longestDirectory || count * 46 > size) throw truncated();
  const directory = readRange(source, begin, begin + size);
  const located: Located[] = [];
  for (let at = 0, index = 0; index < count; index++) {
    const { entry, next } = parseEntry(directory, at);
    located.push(entry);
    at = next;
  }
  const entries = new Map<string, ZipEntry>();
  const order = located.toSorted((a, b) => a.header - b.header);
  for (const [index, entry] of order.entries()) {
    const limit = order[index + 1]?.header ?? begin;
    if (entry.header + 30 + entry.stored > limit) {
      throw new CheckpointError(
        `its entry ${
          quoted(entry.name)
        } claims ${entry.stored} bytes at ${entry.header} and ` +
          `reaches into what follows at ${limit}: ${damaged}`,
      );
    }
    if (entries.has(entry.name)) {
      throw new CheckpointError(`it has two entries ${quoted(entry.name)}: ${damaged}`);
    }
    entries.set(entry.name, { ...entry, limit });
  }
  return entries;
}
