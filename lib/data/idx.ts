/**
 * The idx format of MNIST and its kin: a big-endian header (two zero bytes, the type of the
 * numbers, the number of dimensions, the dimensions) and the numbers, last dimension fastest.
 * Described on Yann LeCun's MNIST page; only unsigned bytes (type 8) are read here.
 *
 * @module
 */

/** An array of an idx file. */
export interface IdxArray {
  readonly shape: readonly number[];
  /** The numbers, a view into the given bytes. */
  readonly values: Uint8Array;
}

const UNSIGNED_BYTE = 8;

/**
 * Reads an unpacked idx file of unsigned bytes.
 *
 * @param bytes The whole file.
 * @param name What to call it in messages.
 * @throws {Error} if it is not such a file or its length is not what its header says.
 *
 * @example
 * ```ts
 * import { parseIdx } from "./idx.ts";
 * const file = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9);
 * console.log(parseIdx(file, "labels").values); // Uint8Array [7, 9]
 * ```
 */
export function parseIdx(bytes: Uint8Array, name: string): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0 || bytes[2] !== UNSIGNED_BYTE) {
    throw new Error(
      `${name} is not an idx file of unsigned bytes: it starts with [${
        bytes.subarray(0, 4).join(", ")
      }] instead of [0, 0, 8, dimensions]; use the original file`,
    );
  }
  const dimensions = bytes[3]!;
  const start = 4 + 4 * dimensions;
  const shape: number[] = [];
  for (let k = 0; k < dimensions && 8 + 4 * k <= bytes.length; k++) {
    shape.push(view.getUint32(4 + 4 * k));
  }
  const expected = start + shape.reduce((product, extent) => product * extent, 1);
  if (shape.length !== dimensions || bytes.length !== expected) {
    throw new Error(
      `${name} has ${bytes.length} bytes where its header (${
        shape.join(" × ")
      }) asks for ${expected}; use the original file`,
    );
  }
  return { shape, values: bytes.subarray(start) };
}
