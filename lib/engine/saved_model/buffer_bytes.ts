/**
 * Bytes that TensorFlow hands out in a TF_Buffer.
 *
 * @module
 */
import { check, native, nativeBytes, type Pointer, status } from "../native.ts";

/** A copy of what TensorFlow writes into a TF_Buffer { const void* data; size_t length; … }. */
export function bytesFrom(
  doing: string,
  fill: (buffer: Pointer, status: Pointer) => void,
): Uint8Array<ArrayBuffer> {
  const buffer = native.TF_NewBuffer();
  try {
    fill(buffer, status);
    check(doing);
    const view = new Deno.UnsafePointerView(buffer!);
    return nativeBytes(view.getPointer(0), Number(view.getBigUint64(8))).slice();
  } finally {
    native.TF_DeleteBuffer(buffer);
  }
}
