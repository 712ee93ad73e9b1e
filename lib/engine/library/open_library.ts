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

// RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE of dlfcn.h: no second copy, and never unloaded.
const linuxFlags = 0x1 | 0x4 | 0x1000;
const macFlags = 0x1 | 0x10 | 0x80;

function openLoader(): Deno.DynamicLibrary<typeof dlopenSymbols> {
  if (Deno.build.os === "darwin") {
    return Deno.dlopen("/usr/lib/libSystem.B.dylib", dlopenSymbols);
  }
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

/** What the system's linker had to say, without the "Could not open library" that Deno repeats. */
export function linkerMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^(Could not open library: )+/, "");
}

/**
 * Opens NVIDIA's libraries, then TensorFlow's, for the rest of the process, and returns the
 * functions that `symbols` describes. Throws Deno's error if a library cannot be opened.
 */
export function openLibrary<Symbols extends Deno.ForeignLibraryInterface>(
  library: TensorFlowLibrary,
  symbols: Symbols,
): Deno.StaticForeignLibraryInterface<Symbols> {
  for (const path of library.preload) {
    Deno.dlopen(path, {});
    keepOpen(path);
  }
  const opened = Deno.dlopen(library.path, symbols);
  keepOpen(library.path);
  return opened.symbols;
}
