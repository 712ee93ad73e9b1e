/**
 * Reads a pickle's bytes in their order, a window at a time, so that a pickle full of arrays is
 * never in memory whole.
 *
 * @module
 */
import type { ByteSource } from "./byte_source.ts";
import { CheckpointError, damaged } from "./checkpoint_error.ts";
import { latin1Text } from "./latin1.ts";

/** A place in a source that moves on with what is read there. */
export interface Cursor {
  position(): number;
  uint8(): number;
  uint16(): number;
  uint32(): number;
  int32(): number;
  /** @throws {CheckpointError} above 2⁵³. */
  uint64(): number;
  /** Big-endian, as pickles have it. */
  float64(): number;
  /** A copy of so many bytes, at most {@linkcode windowSize}. */
  bytes(length: number): Uint8Array;
  /** The text up to the next line feed, which is read too. */
  line(): string;
  /** Leaves out so many bytes, and says where they begin: they can be read later. */
  skip(length: number): number;
}

/** How many bytes are read at once. */
export const windowSize = 65_536;

/** The longest line: Python's names and numbers are far shorter. */
const longestLine = 1024;

/** Starts to read at an offset. */
export function cursorAt(source: ByteSource, start = 0): Cursor {
  const window = new Uint8Array(windowSize);
  const view = new DataView(window.buffer);
  let begin = start; // what the window begins with, in the source
  let filled = 0;
  let next = 0; // in the window

  function truncated(length: number): CheckpointError {
    return new CheckpointError(
      `its pickle needs ${length} bytes at ${
        begin + next
      }, and ${source.size} are there ` +
        `in all: ${damaged}`,
    );
  }

  /** Makes sure of `length` bytes in the window and moves beyond them. */
  function take(length: number): number {
    if (next + length > filled) {
      begin += next;
      next = 0;
      filled = Math.max(0, Math.min(windowSize, source.size - begin));
      if (length > filled) throw truncated(length);
      source.read(begin, window.subarray(0, filled));
    }
    next += length;
    return next - length;
  }

  return {
    position: () => begin + next,
    uint8: () => window[take(1)]!,
    uint16: () => view.getUint16(take(2), true),
    uint32: () => view.getUint32(take(4), true),
    int32: () => view.getInt32(take(4), true),
    uint64() {
      const value = view.getBigUint64(take(8), true);
      if (value <= Number.MAX_SAFE_INTEGER) return Number(value);
      throw new CheckpointError(
        `its pickle claims ${value} bytes in one piece: ${damaged}`,
      );
    },
    float64: () => view.getFloat64(take(8), false),
    bytes(length) {
      const at = take(length);
      return window.slice(at, at + length);
    },
    line() {
      const letters: number[] = [];
      for (let byte = window[take(1)]!; byte !== 10; byte = window[take(1)]!) {
        if (letters.push(byte) > longestLine) {
          throw new CheckpointError(
            `its pickle has a name of more than ${longestLine} letters: ${damaged}`,
          );
        }
      }
      return latin1Text(Uint8Array.from(letters));
    },
    skip(length) {
      const at = begin + next;
      if (at + length > source.size) throw truncated(length);
      if (next + length <= filled) next += length;
      else [begin, filled, next] = [at + length, 0, 0];
      return at;
    },
  };
}
