/**
 * Whether a file of weights in the cache is the one that its authors published. A file is hashed
 * once; a note beside it keeps what came out, so that later starts need not read it twice.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Checksum } from "./weights_source.ts";

const chunkBytes = 1 << 22;

/** The digest of a whole file, in hexadecimal. */
async function digestOf(path: string, algorithm: Checksum["algorithm"]): Promise<string> {
  const hash = createHash(algorithm);
  const chunk = new Uint8Array(chunkBytes);
  using file = await Deno.open(path);
  for (let read = await file.read(chunk); read !== null; read = await file.read(chunk)) {
    hash.update(chunk.subarray(0, read));
  }
  return hash.digest("hex");
}

function notePath(path: string): string {
  return `${path}.checked`;
}

/** What a note says: of which bytes which checksum was found right. */
async function noteOf(path: string, { algorithm, hex }: Checksum): Promise<string> {
  const { size, mtime } = await Deno.stat(path);
  return `${algorithm} ${hex} ${size} bytes of ${mtime?.toISOString()}\n`;
}

/** Remembers that the file at `path` was found right. */
export async function rememberChecked(path: string, checksum: Checksum): Promise<void> {
  try {
    await Deno.writeTextFile(notePath(path), await noteOf(path, checksum));
  } catch {
    // A cache that may only be read: the file is hashed at each start.
  }
}

/**
 * Compares the file at `path` with its checksum; the digest that was found if they differ.
 */
export async function checkFile(
  path: string,
  checksum: Checksum,
): Promise<string | undefined> {
  const remembered = await Deno.readTextFile(notePath(path)).catch(() => "");
  if (remembered === await noteOf(path, checksum)) return undefined;
  const found = await digestOf(path, checksum.algorithm);
  if (!found.startsWith(checksum.hex)) return found;
  await rememberChecked(path, checksum);
  return undefined;
}
