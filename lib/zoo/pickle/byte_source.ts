/**
 * Bytes that can be read at any offset, and views of a part of them: what is in a checkpoint is
 * described by offsets long before it is read.
 *
 * @module
 */
import { CheckpointError, damaged } from "./checkpoint_error.ts";

/** Bytes that can be read at any offset. */
export interface ByteSource {
  readonly size: number;
  /**
   * Fills `target` with the bytes at `offset`. Synchronous, since a read of a file that is in the
   * system's cache costs less than handing it to another thread (0.2 s against 0.3 s for 350 MB).
   */
  read(offset: number, target: Uint8Array): void;
}

/** So much is asked of the system at once: it must not be asked for more than 2 GB. */
const largestRead = 2 ** 28;

/** Where bytes go that are read: so many of them. */
export type Room = (bytes: number) => Uint8Array<ArrayBuffer>;

/**
 * Room for bytes, of their own.
 *
 * @throws {CheckpointError} when the machine has not so much.
 */
export function room(bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CheckpointError(
      `a tensor of ${bytes} bytes does not fit into this machine's memory`,
      { cause: error },
    );
  }
}

/**
 * Room that is the same each time: what was read before is overwritten. The system gives memory a
 * page at a time, which takes longer than to read it full.
 */
export function sameRoom(): Room {
  let buffer = new ArrayBuffer(0);
  return (bytes) => {
    if (buffer.byteLength < bytes) ({ buffer } = room(bytes));
    return new Uint8Array(buffer, 0, bytes);
  };
}

function checkRange(offset: number, length: number, size: number) {
  if (offset >= 0 && length >= 0 && offset + length <= size) return;
  throw new CheckpointError(
    `bytes ${offset} to ${
      offset + length
    } are asked for, and there are ${size}: ${damaged}`,
  );
}

/** The bytes of an open file. */
export function fileSource(file: Deno.FsFile, size: number): ByteSource {
  return {
    size,
    read(offset, target) {
      checkRange(offset, target.length, size);
      file.seekSync(offset, Deno.SeekMode.Start);
      for (let done = 0; done < target.length;) {
        const count = file.readSync(target.subarray(done, done + largestRead));
        if (count === null) {
          throw new CheckpointError(
            `it ended after ${offset + done} bytes: it shrank while it was read`,
          );
        }
        done += count;
      }
    },
  };
}

/** Bytes in memory. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read(offset, target) {
      checkRange(offset, target.length, bytes.length);
      target.set(bytes.subarray(offset, offset + target.length));
    },
  };
}

/** A part of another source. */
export function partOf(source: ByteSource, begin: number, size: number): ByteSource {
  checkRange(begin, size, source.size);
  return {
    size,
    read(offset, target) {
      checkRange(offset, target.length, size);
      source.read(begin + offset, target);
    },
  };
}

/** The bytes from `begin` to `end`, by default in memory of their own. */
export function readRange(
  source: ByteSource,
  begin = 0,
  end: number = source.size,
  take: Room = room,
): Uint8Array<ArrayBuffer> {
  checkRange(begin, end - begin, source.size);
  const bytes = take(end - begin);
  source.read(begin, bytes);
  return bytes;
}
