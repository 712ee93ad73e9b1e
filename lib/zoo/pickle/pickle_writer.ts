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

  // Room is made first in all of these, for it may be made elsewhere.
  function put(values: ArrayLike<number>) {
    const place = grow(values.length);
    bytes.set(values, place);
  }

  function putNumber(size: number, write: (view: DataView, place: number) => void) {
    const place = grow(size);
    write(view, place);
  }

  const operation = (code: number) => put([code]);

  function text(value: string) {
    const encoded = new TextEncoder().encode(value);
    operation(opcodes.BINUNICODE);
    putNumber(4, (view, place) => view.setUint32(place, encoded.length, true));
    put(encoded);
  }

  function float(value: number) {
    operation(opcodes.BINFLOAT);
    putNumber(8, (view, place) => view.setFloat64(place, value, false));
  }

  function number(value: number) {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return float(value);
    if (value >= 0 && value < 256) {
      operation(opcodes.BININT1);
      put([value]);
    } else if (value === (value | 0)) {
      operation(opcodes.BININT);
      putNumber(4, (view, place) => view.setInt32(place, value, true));
    } else {
      operation(opcodes.LONG1);
      put([8]);
      putNumber(8, (view, place) => view.setBigInt64(place, BigInt(value), true));
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
      putNumber(4, (view, place) => view.setUint32(place, size, true));
    } else {
      operation(opcodes.BINBYTES8);
      putNumber(8, (view, place) => view.setBigUint64(place, BigInt(size), true));
    }
  }

  operation(opcodes.PROTO);
  put([protocol]);
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
      put(line);
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
