/**
 * Between bytes and texts of Latin-1, in which a letter is a byte. (What TextDecoder calls latin1 is
 * windows-1252, which has other letters from 128 to 159.)
 *
 * @module
 */
import { CheckpointError, quoted } from "./checkpoint_error.ts";

/** Each byte as a letter. */
export function latin1Text(bytes: Uint8Array): string {
  let text = "";
  // A call takes a limited number of arguments.
  for (let begin = 0; begin < bytes.length; begin += 8192) {
    text += String.fromCharCode(...bytes.subarray(begin, begin + 8192));
  }
  return text;
}

/**
 * Each letter as a byte.
 *
 * @throws {CheckpointError} when there are other letters.
 */
export function latin1Encoded(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const letter = text.charCodeAt(index);
    if (letter > 255) {
      throw new CheckpointError(`its pickle has the text ${quoted(text)} for bytes`);
    }
    bytes[index] = letter;
  }
  return bytes;
}
