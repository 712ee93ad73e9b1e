/**
 * The door to native code: TensorFlow's C library opened through Deno's FFI, with C strings
 * and status codes turned into JavaScript strings and errors. Only the engine imports it.
 *
 * @module
 */
import { compileCacheProblem, useCompileCache } from "./compile_cache.ts";
import { ensureLibrary, openLibrary } from "./library/mod.ts";
import { symbols } from "./symbols.ts";

/** A native pointer; null is the C null pointer. */
export type Pointer = Deno.PointerValue;

useCompileCache();

// What TensorFlow reads when it is opened, unless the user says otherwise.
const environment = {
  // Every start-up detail would go to stderr; warnings and errors stay.
  TF_CPP_MIN_LOG_LEVEL: "2",
  // By itself it takes oneDNN's kernels on processors with AVX-512 alone; on others, too, they make a
  // ResNet-50's step a sixth shorter.
  TF_ENABLE_ONEDNN_OPTS: "1",
};
for (const [name, value] of Object.entries(environment)) {
  if (Deno.env.get(name) === undefined) Deno.env.set(name, value);
}

/** The library in use: its path, version, build and where it came from. */
export const library = await ensureLibrary();

/** TensorFlow's C functions. Calls block the JavaScript thread, except `executeInBackground`. */
export const native = openLibrary(library, symbols, {
  quiet: Number(Deno.env.get("TF_CPP_MIN_LOG_LEVEL")) >= 2,
});

const encoder = new TextEncoder();
const cStrings = new Map<string, Uint8Array<ArrayBuffer>>();

/** A NUL-terminated copy of `text`, kept for the next call with the same text. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  let bytes = cStrings.get(text);
  if (bytes === undefined) {
    bytes = encoder.encode(text + "\0");
    cStrings.set(text, bytes);
  }
  return bytes;
}

/** A NUL-terminated copy of a text that is not worth keeping (unique names). */
export function temporaryCString(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text + "\0");
}

/** The text behind a `const char*`. */
export function readCString(pointer: Pointer): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

/** The bytes at a native address, as a view: valid only as long as the memory is. */
export function nativeBytes(pointer: Pointer, length: number): Uint8Array<ArrayBuffer> {
  if (pointer === null || length === 0) return new Uint8Array(0);
  return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, length));
}

/** A TF_Status of its own, for calls that run off the JavaScript thread. */
export function newStatus(): Pointer {
  return native.TF_NewStatus();
}

/** The status that all calls on the JavaScript thread share, one after the other. */
export const status: Pointer = newStatus();

/** TensorFlow refused: `code` is one of absl's status codes. */
export class TensorFlowError extends Error {
  override readonly name = "TensorFlowError";
  constructor(message: string, readonly code: number) {
    super(message);
  }
}

// The part of a message after "[[{{node …}}]]" names nodes of generated graphs: noise for a reader.
function readable(message: string): string {
  return message.replace(/\s*\[\[\{\{node [^\]]*\]\]/g, "").replace(/ name: ?$/, "")
    .trim();
}

/** Throws what the status holds, prefixed by what was being done. */
export function check(doing: string, of: Pointer = status): void {
  const code = native.TF_GetCode(of);
  if (code === 0) return;
  const message = readable(readCString(native.TF_Message(of)));
  // Not every function clears the status when it succeeds: an old error must not outlive its call.
  native.TF_SetStatus(of, 0, cString(""));
  throw new TensorFlowError(`${doing}: ${compileCacheProblem(message) ?? message}`, code);
}

/** The version of the loaded library, such as "2.21.0". */
export function tensorflowVersion(): string {
  return readCString(native.TF_Version());
}
