/**
 * Opens TensorFlow's library so that it stays open to the very end of the process: Deno closes
 * every library when it exits, and TensorFlow crashes (exit status 139) when it is unloaded.
 *
 * @module
 */
import type { TensorFlowLibrary } from "./tensorflow_library.ts";

const dlopenSymbols = {
  dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

const descriptorSymbols = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  dup: { parameters: ["i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

// RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE of dlfcn.h: no second copy, and never unloaded.
const linuxFlags = 0x1 | 0x4 | 0x1000;
const macFlags = 0x1 | 0x10 | 0x80;

const macSystem = "/usr/lib/libSystem.B.dylib";

function openLoader(): Deno.DynamicLibrary<typeof dlopenSymbols> {
  if (Deno.build.os === "darwin") return Deno.dlopen(macSystem, dlopenSymbols);
  try {
    return Deno.dlopen("libc.so.6", dlopenSymbols);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return Deno.dlopen("libdl.so.2", dlopenSymbols); // its place before glibc 2.34
  }
}

function keepOpen(path: string): void {
  const loader = openLoader();
  const flags = Deno.build.os === "darwin" ? macFlags : linuxFlags;
  loader.symbols.dlopen(new TextEncoder().encode(`${path}\0`), flags);
  loader.close();
}

const stderr = 2;
const writeOnly = 1; // O_WRONLY of fcntl.h

/** Runs `body` with the process's stderr going nowhere: for what native code says past its log level. */
function silently<Result>(body: () => Result): Result {
  const path = Deno.build.os === "darwin" ? macSystem : "libc.so.6";
  const system = Deno.dlopen(path, descriptorSymbols);
  const { open, dup, dup2, close } = system.symbols;
  const kept = dup(stderr);
  const nowhere = open(new TextEncoder().encode("/dev/null\0"), writeOnly);
  try {
    if (kept >= 0 && nowhere >= 0) dup2(nowhere, stderr);
    return body();
  } finally {
    if (kept >= 0) dup2(kept, stderr);
    for (const descriptor of [kept, nowhere]) if (descriptor >= 0) close(descriptor);
    system.close();
  }
}

/** What the system's linker had to say, without the "Could not open library" that Deno repeats. */
export function linkerMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^(Could not open library: )+/, "");
}

/**
 * Opens NVIDIA's libraries, then TensorFlow's, for the rest of the process, and returns the
 * functions that `symbols` describes. Throws Deno's error if a library cannot be opened.
 *
 * @param options.quiet hides what TensorFlow prints while it is loaded, when its log level is not yet
 *   in force: that it has oneDNN's kernels.
 */
export function openLibrary<Symbols extends Deno.ForeignLibraryInterface>(
  library: TensorFlowLibrary,
  symbols: Symbols,
  { quiet = false }: { quiet?: boolean } = {},
): Deno.StaticForeignLibraryInterface<Symbols> {
  for (const path of library.preload) {
    Deno.dlopen(path, {});
    keepOpen(path);
  }
  const open = () => Deno.dlopen(library.path, symbols);
  const opened = quiet ? silently(open) : open();
  keepOpen(library.path);
  return opened.symbols;
}
