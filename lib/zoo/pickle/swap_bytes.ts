/**
 * Between the byte orders of machines: checkpoints are little-endian as a rule.
 *
 * @module
 */

/** Turns the bytes of each element around, in place. */
export function swapBytes(bytes: Uint8Array, elementSize: number): void {
  for (let begin = 0; begin + elementSize <= bytes.length; begin += elementSize) {
    for (let low = begin, high = begin + elementSize - 1; low < high; low++, high--) {
      const byte = bytes[low]!;
      bytes[low] = bytes[high]!;
      bytes[high] = byte;
    }
  }
}
