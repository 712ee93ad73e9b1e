/**
 * Writes pickles of plain values, for Python to read: texts, numbers, lists, dicts, and what a
 * format adds of its own.
 *
 * @module
 */
import { opcodes } from "./opcodes.ts";
import type { Json } from "./to_json.ts";

/** A pickle that is being written. */
export interface PickleWriter {
  operation(code: number): void;
  text(value: string): void;
  number(value: number): void;
  boolean(value: boolean): void;
  /** Integers, as in a shape. */
  tuple(values: readonly number[]): void;
  global(module: string, name: string): void;
  json(value: Json): void;
  /** The length of bytes that follow the pickle so far. */
  bytesOf(length: number): void;
  /** Takes what is written so far. */
  take(): Uint8Array<ArrayBuffer>;
}

/** Starts a pickle of a protocol. */
export function pickleWriter(protocol: 2 | 4): PickleWriter {
  let bytes = new Uint8Array(65_536);
  let view = new DataView(bytes.buffer);
  let length = 0;

  /** Makes room for more bytes and gives the place of the first. */
  function grow(more: number): number {
    if (length + more > bytes.length) {
      const larger = new Uint8Array(Math.max(2 * bytes.length, length + more));
      larger.set(bytes.subarray(0, length));
      bytes = larger;
      view = new DataView(bytes.buffer);
    }
    length += more;
    return length - more;
  }

  const operation = (code: number) => void (bytes[grow(1)] = code);

  function text(value: string) {
    const encoded = new TextEncoder().encode(value);
    operation(opcodes.BINUNICODE);
    view.setUint32(grow(4), encoded.length, true);
    bytes.set(encoded, grow(encoded.length));
  }

  function float(value: number) {
    operation(opcodes.BINFLOAT);
    view.setFloat64(grow(8), value, false);
  }

  function number(value: number) {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return float(value);
    if (value >= 0 && value < 256) {
      operation(opcodes.BININT1);
      bytes[grow(1)] = value;
    } else if (value === (value | 0)) {
      operation(opcodes.BININT);
      view.setInt32(grow(4), value, true);
    } else {
      operation(opcodes.LONG1);
      bytes[grow(1)] = 8;
      view.setBigInt64(grow(8), BigInt(value), true);
    }
  }

  const boolean = (value: boolean) =>
    operation(value ? opcodes.NEWTRUE : opcodes.NEWFALSE);

  function json(value: Json) {
    if (value === null) operation(opcodes.NONE);
    else if (typeof value === "boolean") boolean(value);
    else if (typeof value === "number") number(value);
    else if (typeof value === "string") text(value);
    else if (Array.isArray(value)) {
      operation(opcodes.EMPTY_LIST);
      operation(opcodes.MARK);
      value.forEach(json);
      operation(opcodes.APPENDS);
    } else {
      operation(opcodes.EMPTY_DICT);
      operation(opcodes.MARK);
      for (const [name, item] of Object.entries(value)) {
        text(name);
        json(item);
      }
      operation(opcodes.SETITEMS);
    }
  }

  function bytesOf(size: number) {
    if (size < 2 ** 32) {
      operation(opcodes.BINBYTES);
      view.setUint32(grow(4), size, true);
    } else {
      operation(opcodes.BINBYTES8);
      view.setBigUint64(grow(8), BigInt(size), true);
    }
  }

  operation(opcodes.PROTO);
  bytes[grow(1)] = protocol;
  return {
    operation,
    text,
    number,

    boolean,
    tuple(values) {
      operation(opcodes.MARK);
      values.forEach(number);
      operation(opcodes.TUPLE);
    },
    global(module, name) {
      const line = new TextEncoder().encode(`${module}\n${name}\n`);
      operation(opcodes.GLOBAL);
      bytes.set(line, grow(line.length));
    },
    json,
    bytesOf,
    take() {
      const taken = bytes.slice(0, length);
      length = 0;
      return taken;
    },
  };
}
