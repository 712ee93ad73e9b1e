/**
 * A short number for a text, the same on every machine.
 *
 * @module
 */

/** FNV-1a with 32 bits (Fowler, Noll, Vo), of the text's UTF-8 bytes, as a signed int32. */
export function textHash(text: string): number {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    state = Math.imul(state ^ byte, 0x01000193);
  }
  return state;
}
