/**
 * The bytes of an entry of a zip file. PyTorch stores its entries as they are, so that a tensor is
 * read from its place; a file that was packed again may have them deflated.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import {
  type ByteSource,
  memorySource,
  partOf,
  readRange,
  room,
} from "../pickle/byte_source.ts";
import { CheckpointError, damaged, quoted } from "../pickle/checkpoint_error.ts";
import type { ZipEntry } from "./zip_directory.ts";

const entrySignature = 0x04034b50;

function broken({ name }: ZipEntry, what: string): CheckpointError {
  return new CheckpointError(`its entry ${quoted(name)} ${what}: ${damaged}`);
}

/** Where an entry's bytes begin: its own header is as long as it says itself. */
function beginOf(source: ByteSource, entry: ZipEntry): number {
  const header = new DataView(
    readRange(source, entry.header, entry.header + 30).buffer,
  );
  if (header.getUint32(0, true) !== entrySignature) throw broken(entry, "has no header");
  const begin = entry.header + 30 + header.getUint16(26, true) +
    header.getUint16(28, true);
  if (begin + entry.stored > entry.limit) {
    throw broken(entry, `claims ${entry.stored} bytes, more than lie there`);
  }
  return begin;
}

function* chunksOf(source: ByteSource): Generator<Uint8Array<ArrayBuffer>> {
  for (let begin = 0; begin < source.size; begin += 65_536) {
    yield readRange(source, begin, Math.min(source.size, begin + 65_536));
  }
}

async function inflate(packed: ByteSource, entry: ZipEntry): Promise<Uint8Array> {
  const bytes = room(entry.size);
  let filled = 0;
  try {
    const unpacked = ReadableStream.from(chunksOf(packed))
      .pipeThrough(new DecompressionStream("deflate-raw"));
    for await (const chunk of unpacked) {
      if (filled + chunk.length > bytes.length) break; // it goes on and on
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    throw broken(entry, "cannot be unpacked");
  }
  if (filled !== bytes.length) {
    throw broken(entry, `does not unpack to the ${entry.size} bytes that it claims`);
  }
  return bytes;
}

/**
 * Opens an entry: in its place if it is stored, unpacked in memory if it is deflated.
 *
 * @param mostBytes an entry may not unpack to more.
 * @throws {CheckpointError} when it is packed in another way or is not what the directory says.
 */
export async function openEntry(
  source: ByteSource,
  entry: ZipEntry,
  mostBytes: number,
): Promise<ByteSource> {
  if (entry.encrypted) {
    throw new CheckpointError(
      `its entry ${
        quoted(entry.name)
      } is encrypted: unpack the file with its password first`,
    );
  }
  const place = partOf(source, beginOf(source, entry), entry.stored);
  if (entry.method === 0) {
    if (entry.size === entry.stored) return place;
    throw broken(entry, `is of ${entry.size} bytes in ${entry.stored}`);
  }
  if (entry.method !== 8) {
    throw new CheckpointError(
      `its entry ${
        quoted(entry.name)
      } is packed by method ${entry.method}, mimkit knows ` +
        "stored (0) and deflated (8): load and save it again with torch.save",
    );
  }
  if (entry.size > mostBytes) {
    throw new CheckpointError(
      `its entry ${
        quoted(entry.name)
      } claims to unpack to ${entry.size} bytes, more than ` +
        `the ${mostBytes} that a file of this size may hold`,
    );
  }
  return memorySource(await inflate(place, entry));
}

/**
 * Compares an entry's bytes with its checksum. Zero says that there is none:
 * `torch.serialization.set_crc32_options(False)` writes that.
 *
 * @throws {CheckpointError} when they differ.
 */
export function checkBytes(entry: ZipEntry, bytes: Uint8Array): void {
  if (entry.crc !== 0 && crc32(bytes) !== entry.crc) {
    throw broken(entry, "does not have the bytes that its checksum stands for");
  }
}
