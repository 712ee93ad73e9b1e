/**
 * Where the members of a tar archive lie, so that each can be read by itself, in any order, without
 * unpacking. (npm's tar readers stream: they know no offsets, or need permissions to write.)
 *
 * Read are ustar, GNU and pax archives (POSIX.1-2024, "pax", and GNU tar's manual, "Basic Tar
 * Format"); an archive within an archive is a range of the outer one's bytes.
 *
 * @module
 */

/** One member. */
export interface TarMember {
  readonly name: string;
  /** `link`s and `other`s (devices, sparse files) have no bytes of their own that could be read. */
  readonly kind: "file" | "folder" | "link" | "other";
  /** Of the first byte of its content, in the file that the archive is. */
  readonly offset: number;
  /** Bytes of its content. */
  readonly size: number;
}

/** An open archive. */
export interface TarArchive extends Disposable {
  readonly path: string;
  /** Bytes of the whole file. */
  readonly size: number;
  /**
   * Some bytes, in an array that belongs to the caller.
   *
   * @throws {Error} if the file ends before.
   */
  readAt(offset: number, length: number): Uint8Array;
}

/** The part of a file in which an archive lies. */
export interface TarRange {
  readonly start: number;
  readonly end: number;
  /** What to call it in messages; the file's path by default. */
  readonly title?: string;
}

const BLOCK = 512;
/** Read at once: a header, and the next ones with their contents where members are small. */
const WINDOW = 8192;
/** Far above any path; a damaged length must not fill the memory. */
const LONGEST_NAME = 1 << 20;

/**
 * Opens an archive.
 *
 * @throws {Error} if it is missing, a folder or compressed, or may not be read, in one sentence.
 *
 * @example
 * ```ts ignore
 * import { openTar, tarMembers } from "./tar.ts";
 * using archive = openTar("shard-000000.tar");
 * for (const { name, size } of tarMembers(archive)) console.log(name, size);
 * ```
 */
export function openTar(path: string): TarArchive {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { read: true });
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) {
      throw new Error(`There is no archive ${path}: check the path`, { cause });
    }
    throw cause;
  }
  const { size, isDirectory } = file.statSync();
  if (isDirectory) {
    file.close();
    throw new Error(`${path} is a folder where a .tar archive is wanted: name the file`);
  }
  let window = new Uint8Array(0);
  let windowAt = 0;

  function readAt(offset: number, length: number): Uint8Array {
    if (offset + length > size) {
      throw new Error(`${path} ends at byte ${size}, before ${offset + length}`);
    }
    const from = offset - windowAt;
    if (from >= 0 && from + length <= window.length) {
      return window.slice(from, from + length);
    }
    if (length > WINDOW) return readFully(file, offset, length);
    window = readFully(file, offset, Math.min(WINDOW, size - offset));
    windowAt = offset;
    return window.slice(0, length);
  }

  const archive = { path, size, readAt, [Symbol.dispose]: () => file.close() };
  const [first, second] = size >= 2 ? readAt(0, 2) : [];
  if (first === 0x1f && second === 0x8b) {
    file.close();
    throw new Error(
      `${path} is compressed, so that its members cannot be read one by one: unpack it ` +
        "with gunzip first",
    );
  }
  return archive;
}

/**
 * An archive whose bytes are in memory.
 *
 * @param path What to call it in messages.
 */
export function tarOf(bytes: Uint8Array, path: string): TarArchive {
  return {
    path,
    size: bytes.length,
    readAt: (offset, length) => bytes.slice(offset, offset + length),
    [Symbol.dispose]: () => {},
  };
}

function readFully(
  file: Deno.FsFile,
  offset: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let at = 0; at < length;) {
    const count = file.readSync(bytes.subarray(at));
    if (count === null) throw new Error(`the file ends at byte ${offset + at}`);
    at += count;
  }
  return bytes;
}

/**
 * The members of an archive in their order; only headers are read.
 *
 * @param range Where the archive lies, if it is a member of another one.
 * @throws {Error} if a header is damaged or the archive is cut off, with the place.
 *
 * @example
 * ```ts ignore
 * import { openTar, tarMembers } from "./tar.ts";
 * using archive = openTar("shard-000000.tar");
 * const pictures = [...tarMembers(archive)].filter(({ name }) => name.endsWith(".jpg"));
 * console.log(archive.readAt(pictures[0]!.offset, pictures[0]!.size));
 * ```
 */
export function* tarMembers(
  archive: TarArchive,
  { start, end, title = archive.path }: TarRange = { start: 0, end: archive.size },
): Generator<TarMember, void, void> {
  let everywhere: Attributes = {};
  let forNext: Attributes = {};
  let position = start;
  while (true) {
    if (position + BLOCK > end) {
      throw new Error(
        `${title} is cut off: it ends at byte ${end - start} without the mark of an ` +
          "archive's end; get it again",
      );
    }
    const header = archive.readAt(position, BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const { type, name, size: ownSize } = readHeader(header, title, position - start);
    const offset = position + BLOCK;
    const size = isExtension(type) ? ownSize : forNext.size ?? everywhere.size ?? ownSize;
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    if (offset + size > end) {
      throw new Error(
        `${title} is cut off within ${name}, which should end at byte ` +
          `${offset + size - start} of ${end - start}; get it again`,
      );
    }
    position = offset + padded;
    if (isExtension(type)) {
      if (size > LONGEST_NAME) {
        throw new Error(`${title} is damaged: a name of ${size} bytes in ${name}`);
      }
      const content = archive.readAt(offset, size);
      if (type === "L") forNext = { ...forNext, path: textOf(content) };
      else if (type === "x") forNext = { ...forNext, ...readPax(content) };
      else if (type === "g") everywhere = { ...everywhere, ...readPax(content) };
      continue;
    }
    const path = forNext.path ?? everywhere.path ?? name;
    forNext = {};
    yield { name: path.replace(/^(\.\/)+/, ""), kind: kindOf(type, path), offset, size };
  }
}

/** GNU's long names and links, and pax's attributes, which all speak of the next member. */
function isExtension(type: string): boolean {
  return ["L", "K", "x", "g"].includes(type);
}

function kindOf(type: string, name: string): TarMember["kind"] {
  switch (type) {
    case "0":
    case "7":
    case "\0":
      return name.endsWith("/") ? "folder" : "file";
    case "5":
      return "folder";
    case "1":
    case "2":
      return "link";
    default:
      return "other";
  }
}

interface Header {
  readonly type: string;
  readonly name: string;
  readonly size: number;
}

function readHeader(header: Uint8Array, title: string, at: number): Header {
  let sum = 0;
  for (let k = 0; k < BLOCK; k++) sum += k >= 148 && k < 156 ? 32 : header[k]!;
  const size = numberAt(header, 124, 12);
  if (sum !== numberAt(header, 148, 8) || !Number.isSafeInteger(size) || size < 0) {
    throw new Error(
      at === 0
        ? `${title} is no tar archive: give an archive that is not compressed`
        : `${title} is damaged: there is no whole header at byte ${at}; get it again`,
    );
  }
  const type = String.fromCharCode(header[156]!);
  const name = textOf(header.subarray(0, 100));
  // GNU's older format has "ustar  " here, and other things in the prefix's place.
  const hasPrefix = textOf(header.subarray(257, 263)) === "ustar" && header[262] === 0;
  const prefix = hasPrefix ? textOf(header.subarray(345, 500)) : "";
  return { type, name: prefix === "" ? name : `${prefix}/${name}`, size };
}

/** Octal digits; or, for what is too large for them, a set highest bit and a binary number. */
function numberAt(header: Uint8Array, start: number, length: number): number {
  const field = header.subarray(start, start + length);
  if (field[0]! >= 0x80) {
    return field.reduce(
      (value, byte, k) => value * 256 + (k === 0 ? byte & 0x7f : byte),
      0,
    );
  }
  const digits = textOf(field).trim();
  if (!/^[0-7]*$/.test(digits)) return NaN;
  return digits === "" ? 0 : parseInt(digits, 8);
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

interface Attributes {
  readonly path?: string;
  readonly size?: number;
}

/** Records of "length key=value\n", the length being that of the whole record in bytes. */
function readPax(content: Uint8Array): Attributes {
  const attributes: { path?: string; size?: number } = {};
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(32, at);
    const length = parseInt(textOf(content.subarray(at, space)), 10);
    if (space < 0 || !(length > 0)) break;
    const record = new TextDecoder().decode(content.subarray(space + 1, at + length - 1));
    const equals = record.indexOf("=");
    const value = record.slice(equals + 1);
    const key = record.slice(0, equals);
    if (key === "path") attributes.path = value;
    else if (key === "size") attributes.size = Number(value);
    at += length;
  }
  return attributes;
}
