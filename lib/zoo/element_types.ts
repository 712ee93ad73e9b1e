/**
 * The element types of the safetensors format, and their values as numbers.
 *
 * @module
 */

/** How many bytes an element of each type takes. */
export const elementSizes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

/** An element type as safetensors names it. */
export type ElementType = keyof typeof elementSizes;

/** Elements in memory; F16 and BF16 are kept as their bits, in a Uint16Array. */
export type Elements =
  | Float64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** A tensor as it lies in a file. */
export interface StoredTensor {
  shape: number[];
  dtype: ElementType;
  data: Elements;
}

/** The elements that begin a buffer; by default all that are in it. */
export function elementsOf(
  dtype: ElementType,
  buffer: ArrayBuffer,
  bytes: number = buffer.byteLength,
): Elements {
  const count = bytes / elementSizes[dtype];
  switch (dtype) {
    case "F64":
      return new Float64Array(buffer, 0, count);
    case "F32":
      return new Float32Array(buffer, 0, count);
    case "F16":
    case "BF16":
    case "U16":
      return new Uint16Array(buffer, 0, count);
    case "I64":
      return new BigInt64Array(buffer, 0, count);
    case "U64":
      return new BigUint64Array(buffer, 0, count);
    case "I32":
      return new Int32Array(buffer, 0, count);
    case "U32":
      return new Uint32Array(buffer, 0, count);
    case "I16":
      return new Int16Array(buffer, 0, count);
    case "I8":
      return new Int8Array(buffer, 0, count);
    case "U8":
    case "BOOL":
      return new Uint8Array(buffer, 0, count);
  }
}

/** IEEE 754 half precision: 1 sign bit, 5 exponent bits, 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24; // subnormal
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let halves: Float32Array | undefined;

/** The value of each of the 65,536 half-precision numbers: a look-up is far quicker than arithmetic. */
function halfValues(): Float32Array {
  halves ??= Float32Array.from({ length: 65_536 }, (_, bits) => halfToNumber(bits));
  return halves;
}

/** 16-bit floats as float32: by table, or (bfloat16) as the upper half of a float32. */
function widen(
  bits: Uint16Array,
  table: Float32Array | undefined,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(bits.length);
  const words = new Uint32Array(values.buffer);
  if (table === undefined) {
    for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  } else for (let i = 0; i < bits.length; i++) values[i] = table[bits[i]!]!;
  return values;
}

/**
 * A stored tensor's values as float32, whatever their type in the file.
 *
 * @example
 * ```ts
 * import { toFloat32 } from "./element_types.ts";
 * const halves = { shape: [1], dtype: "F16", data: new Uint16Array([0x3e00]) } as const;
 * console.log(toFloat32({ ...halves, shape: [1] })); // Float32Array [ 1.5 ]
 * ```
 */
export function toFloat32({ dtype, data }: StoredTensor): Float32Array<ArrayBuffer> {
  if (data instanceof Float32Array) return data;
  if (dtype === "BF16" || dtype === "F16") {
    return widen(data as Uint16Array, dtype === "F16" ? halfValues() : undefined);
  }
  const values = new Float32Array(data.length);
  for (let index = 0; index < values.length; index++) {
    values[index] = Number(data[index]!);
  }
  return values;
}
