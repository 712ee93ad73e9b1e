/**
 * Writing files so that a kill or a full disk leaves the old one or the new one, never half of one.
 *
 * @module
 */
import { streamFile } from "./stream_file.ts";

/**
 * What went wrong while writing, as one sentence with the way out.
 *
 * @example
 * ```ts
 * import { explainWriting } from "./files.ts";
 * const { message } = explainWriting(new Error("No space left on device"), "runs/a/run.json");
 * console.log(message.includes("the disk is full")); // true
 * ```
 */
export function explainWriting(error: unknown, path: string): Error {
  if (error instanceof Deno.errors.NotCapable) {
    return new Error(
      `Cannot write "${path}": Deno was not permitted to; start mimkit with \`deno task\`, ` +
        "or add --allow-write to your command",
    );
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new Error(`Cannot write "${path}": permission denied; choose another folder`);
  }
  if (
    error instanceof Deno.errors.AlreadyExists ||
    error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.IsADirectory
  ) {
    return new Error(
      `Cannot write "${path}": a file stands where a folder must, or the other way round; ` +
        "choose another folder",
    );
  }
  const text = error instanceof Error ? error.message : String(error);
  if (/ENOSPC|no space left|os error 28\b/i.test(text)) {
    return new Error(
      `Cannot write "${path}": the disk is full; free some space and run it again`,
    );
  }
  if (/EDQUOT|quota exceeded|os error 122\b/i.test(text)) {
    return new Error(
      `Cannot write "${path}": your quota of the disk is used up; free some space and run it again`,
    );
  }
  if (/EFBIG|file too large|os error 27\b/i.test(text)) {
    return new Error(
      `Cannot write "${path}": a file may not grow so large here; raise the limit ` +
        "(`ulimit -f`), or choose a folder on another disk",
    );
  }
  if (/EROFS|read-only file system|os error 30\b/i.test(text)) {
    return new Error(
      `Cannot write "${path}": the disk is read-only; choose another folder`,
    );
  }
  return new Error(`Cannot write "${path}": ${text}`);
}

/**
 * A new name in a folder is on the disk once the folder is. Where a system cannot be asked for that
 * (Windows, some network disks), the file is there all the same.
 */
export async function syncFolderOf(path: string): Promise<void> {
  try {
    const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : ".";
    using opened = await Deno.open(folder);
    await opened.sync();
  } catch {
    // nothing that the caller could do
  }
}

/**
 * Writes a file beside its place and renames it there.
 *
 * @throws {Error} one sentence naming the path; the file that was there before stays.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await streamFile(path, (stream) => stream.write(bytes));
}

/** Makes a folder, and says in one sentence why it cannot be made. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
    await syncFolderOf(path);
  } catch (error) {
    throw explainWriting(error, path);
  }
}

/** What has been added to a file is on the disk afterwards. */
export async function syncFile(path: string): Promise<void> {
  try {
    using file = await Deno.open(path);
    await file.sync();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw explainWriting(error, path);
  }
}

/** Adds a line to a file. */
export async function appendLine(path: string, line: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, line + "\n", { append: true });
  } catch (error) {
    throw explainWriting(error, path);
  }
}
