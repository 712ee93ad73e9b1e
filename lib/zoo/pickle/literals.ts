/**
 * The values that stand in a pickle as they are: numbers, texts, bytes.
 *
 * @module
 */
import type { ByteSource } from "./byte_source.ts";
import { CheckpointError, damaged } from "./checkpoint_error.ts";
import { type Cursor, windowSize } from "./cursor.ts";
import { integerOfBytes, numberOfLine } from "./integers.ts";
import { latin1Text } from "./latin1.ts";
import { opcodes } from "./opcodes.ts";
import type { Pickled } from "./pickled.ts";

/** In bytes; a random generator's state takes 16. */
const longestInteger = 64;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What is wrong with a pickle, and where. */
export function fault(what: string, cursor: Cursor): CheckpointError {
  return new CheckpointError(
    `its pickle ${what} at byte ${cursor.position()}: ${damaged}`,
  );
}

function integer(length: number, cursor: Cursor): Pickled {
  if (length > longestInteger) throw fault(`has a number of ${length} bytes`, cursor);
  return integerOfBytes(cursor.bytes(length));
}

/**
 * Reads what follows an instruction that makes a value by itself.
 *
 * @throws {CheckpointError} when it is no such instruction, or the pickle ends.
 */
export function literal(code: number, source: ByteSource, cursor: Cursor): Pickled {
  /** Bytes that stay where they are until they are asked for. */
  function bytes(size: number, encoding: "raw" | "utf8" = "raw"): Pickled {
    return { kind: "bytes", source, begin: cursor.skip(size), size, encoding };
  }

  function text(length: number): Pickled {
    if (length > windowSize) return bytes(length, "utf8");
    try {
      return utf8.decode(cursor.bytes(length));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw fault("has a text that is no UTF-8", cursor);
    }
  }

  /** Python 2 has the same for texts and bytes. */
  function oldText(length: number): Pickled {
    return length > windowSize ? bytes(length) : latin1Text(cursor.bytes(length));
  }

  switch (code) {
    case opcodes.NONE:
      return null;
    case opcodes.NEWTRUE:
      return true;
    case opcodes.NEWFALSE:
      return false;
    case opcodes.INT:
    case opcodes.LONG:
    case opcodes.FLOAT:
      return numberOfLine(cursor.line());
    case opcodes.BININT:
      return cursor.int32();
    case opcodes.BININT1:
      return cursor.uint8();
    case opcodes.BININT2:
      return cursor.uint16();
    case opcodes.LONG1:
      return integer(cursor.uint8(), cursor);
    case opcodes.LONG4:
      return integer(cursor.uint32(), cursor);
    case opcodes.BINFLOAT:
      return cursor.float64();
    case opcodes.SHORT_BINSTRING:
      return oldText(cursor.uint8());
    case opcodes.BINSTRING:
      return oldText(cursor.uint32());
    case opcodes.SHORT_BINUNICODE:
      return text(cursor.uint8());
    case opcodes.BINUNICODE:
      return text(cursor.uint32());
    case opcodes.BINUNICODE8:
      return text(cursor.uint64());
    case opcodes.SHORT_BINBYTES:
      return bytes(cursor.uint8());
    case opcodes.BINBYTES:
      return bytes(cursor.uint32());
    case opcodes.BINBYTES8:
    case opcodes.BYTEARRAY8:
      return bytes(cursor.uint64());
    default:
      throw fault(`has the unknown instruction 0x${code.toString(16)}`, cursor);
  }
}
