/**
 * numpy's arrays and numbers, as numpy 1 and 2 pickle them under every protocol: an array is made
 * empty (`_reconstruct`) and gets its content as a state, or is made of a buffer (`_frombuffer`).
 *
 * @module
 */
import {
  elementSizes,
  elementsOf,
  type ElementType,
  toFloat32,
} from "../element_types.ts";
import { memorySource, partOf, readRange } from "./byte_source.ts";
import { CheckpointError, damaged } from "./checkpoint_error.ts";
import { exact } from "./integers.ts";
import { latin1Encoded } from "./latin1.ts";
import type {
  Pickled,
  PickledArray,
  PickledBytes,
  PickledElementType,
  Storage,
} from "./pickled.ts";
import { swapBytes } from "./swap_bytes.ts";

/** numpy's codes of the types that a checkpoint may have. */
const elementTypes: Readonly<Record<string, ElementType>> = {
  f2: "F16",
  f4: "F32",
  f8: "F64",
  i1: "I8",
  i2: "I16",
  i4: "I32",
  i8: "I64",
  u1: "U8",
  u2: "U16",
  u4: "U32",
  u8: "U64",
  b1: "BOOL",
};

function elementTypeOf({ code }: PickledElementType): ElementType | undefined {
  return Object.hasOwn(elementTypes, code) ? elementTypes[code] : undefined;
}

function refuse(what: string): CheckpointError {
  return new CheckpointError(`its pickle has a numpy ${what}: ${damaged}`);
}

function itemsOf(value: Pickled | undefined): readonly Pickled[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return value.kind === "tuple" || value.kind === "list" ? value.items : undefined;
}

function isElementType(value: Pickled | undefined): value is PickledElementType {
  return typeof value === "object" && value?.kind === "dtype";
}

/** As in PyTorch; numpy allows as many. */
const mostAxes = 64;

function lengthsIn(value: Pickled | undefined): number[] {
  const items = typeof value === "number" ? [value] : itemsOf(value);
  const isShape = items !== undefined && items.length <= mostAxes &&
    items.every((item) => typeof item === "number");
  if (isShape) return [...items as number[]];
  throw refuse("array whose shape is no tuple of lengths");
}

/** `numpy.dtype("f4", False, True)`. */
export function numpyElementType([code]: readonly Pickled[]): Pickled {
  if (typeof code === "object" && code?.kind === "dtype") return code;
  if (typeof code !== "string") throw refuse("dtype without a name");
  const order = /^[<>=|]/.exec(code)?.[0];
  return { kind: "dtype", code: order ? code.slice(1) : code, bigEndian: order === ">" };
}

/** The state of a dtype: (version, byte order, …). */
export function setByteOrder(target: PickledElementType, state: Pickled): void {
  const order = itemsOf(state)?.[1];
  if (typeof order !== "string") throw refuse("dtype without a byte order");
  target.bigEndian = order === ">";
}

/** A text of Latin-1 characters as the bytes that Python 2, or protocol 2, made of it. */
export function latin1Bytes(text: string): PickledBytes {
  const source = memorySource(latin1Encoded(text));
  return { kind: "bytes", source, begin: 0, size: text.length, encoding: "raw" };
}

/** Undoes UTF-8 for characters below 256, which take two bytes from 128 on. */
function decodeLatin1(utf8: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let filled = 0;
  for (let index = 0; index < utf8.length; index++) {
    const byte = utf8[index]!;
    if (byte < 0x80) bytes[filled++] = byte;
    else bytes[filled++] = (byte & 3) << 6 | utf8[++index]! & 0x3f;
  }
  if (filled !== size) throw refuse(`array of ${filled} bytes in place of ${size}`);
  return bytes;
}

function storageOf(data: PickledBytes, type: PickledElementType, bytes: number): Storage {
  const { source, begin, size, encoding } = data;
  const fits = encoding === "raw" ? size === bytes : size >= bytes && size <= 2 * bytes;
  if (!fits) throw refuse(`array of ${size} bytes whose shape needs ${bytes}`);
  return {
    kind: "storage",
    typeName: type.code,
    bytes,
    bigEndian: type.bigEndian,
    packed: encoding !== "raw",
    read(from, to) {
      if (encoding === "raw") {
        return Promise.resolve(readRange(partOf(source, begin, size), from, to));
      }
      const whole = decodeLatin1(readRange(source, begin, begin + size), bytes);
      return Promise.resolve(to - from === bytes ? whole : whole.slice(from, to));
    },
  };
}

function fill(
  target: PickledArray,
  type: PickledElementType,
  shape: number[],
  columnMajor: boolean,
  given: Pickled | undefined,
) {
  const dtype = elementTypeOf(type);
  const data = typeof given === "string" ? latin1Bytes(given) : given;
  // An array of objects or of texts is not a tensor; it stays without content.
  if (dtype === undefined) return;
  if (typeof data !== "object" || data?.kind !== "bytes") {
    throw refuse("array without its bytes");
  }
  const strides: number[] = [];
  let count = 1;
  for (let step = 0; step < shape.length; step++) {
    const axis = columnMajor ? step : shape.length - 1 - step;
    strides[axis] = count;
    count *= shape[axis]!;
  }
  const storage = storageOf(data, type, count * elementSizes[dtype]);
  const typeName = type.code;
  target.tensor = { kind: "tensor", shape, strides, offset: 0, typeName, dtype, storage };
}

/** The state of an array: (version, shape, dtype, column-major, bytes), at first without version. */
export function setContent(target: PickledArray, state: Pickled): void {
  const items = itemsOf(state) ?? [];
  const [shape, type, columnMajor, data] = items.length === 5 ? items.slice(1) : items;
  if (!isElementType(type)) throw refuse("array without a dtype");
  fill(target, type, lengthsIn(shape), columnMajor === true || columnMajor === 1, data);
}

/** `_frombuffer(buffer, dtype, shape, order)`, protocol 5's way to make an array. */
export function arrayFromBuffer(given: readonly Pickled[]): Pickled {
  const [data, type, shape, order] = given;
  if (!isElementType(type)) throw refuse("array without a dtype");
  const array: PickledArray = { kind: "array", tensor: undefined };
  fill(array, type, lengthsIn(shape), order === "F", data);
  return array;
}

/** `scalar(dtype, bytes)`: one number. */
export function numpyScalar([type, given]: readonly Pickled[]): Pickled {
  if (!isElementType(type)) throw refuse("number without a dtype");
  const dtype = elementTypeOf(type);
  const data = typeof given === "string" ? latin1Bytes(given) : given;
  if (dtype === undefined || typeof data !== "object" || data?.kind !== "bytes") {
    return `numpy ${type.code}`;
  }
  if (data.size !== elementSizes[dtype]) throw refuse(`number of ${data.size} bytes`);
  const bytes = readRange(data.source, data.begin, data.begin + data.size);
  if (type.bigEndian) swapBytes(bytes, data.size);
  const value = elementsOf(dtype, bytes.buffer)[0]!;
  if (dtype === "BOOL") return value !== 0;
  if (dtype === "F16") {
    return toFloat32({ shape: [], dtype, data: elementsOf(dtype, bytes.buffer) })[0]!;
  }
  return typeof value === "bigint" ? exact(value) : value;
}
