/**
 * What stands in the way of having TensorFlow's library, said in one sentence with the way out:
 * the operating system's and Deno's own errors name a cause, but never what to do about it.
 *
 * @module
 */

/** Set-up cannot go on for a reason that its message states, with the way out. */
export class SetupError extends Error {
  override readonly name = "SetupError";
}

/** The operating system's name of an error ("ENOSPC"), or "" where it has none. */
export function systemCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

/** The file or folder is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || systemCode(error) === "ENOTDIR";
}

/** What an error says at its root: fetch hides the reason in a chain of causes. */
export function rootMessage(error: unknown): string {
  let root = error;
  while (root instanceof Error && root.cause !== undefined) root = root.cause;
  const message = root instanceof Error ? root.message : String(root);
  return message.replace(/^.*client error \([^)]*\): /s, "").replace(/\.+$/, "");
}

// Deno says: Requires read access to "/x", run again with the --allow-read flag
function missingPermission(error: Error, doing: string): SetupError {
  const flag = error.message.match(/--allow-[a-z]+/)?.[0] ??
    "the permission that it names";
  const what = error.message.match(/Requires (.*?),? run again/)?.[1] ?? error.message;
  return new SetupError(
    `Deno was not permitted ${what} while ${doing}: start mimkit with \`deno task\`, ` +
      `or add ${flag} to your command.`,
    { cause: error },
  );
}

/**
 * Turns any error into a {@link SetupError}: `doing` says what was being done ("unpacking x"),
 * `place` the file or folder that was written or read.
 */
export function asSetupError(error: unknown, doing: string, place?: string): SetupError {
  if (error instanceof SetupError) return error;
  if (error instanceof Deno.errors.NotCapable) return missingPermission(error, doing);
  const where = place === undefined ? "" : ` in ${place}`;
  switch (systemCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return new SetupError(
        `The disk is full${where} (while ${doing}): free space there, or set MIMKIT_CACHE ` +
          `to a folder on a disk with more (1.2 GB; 6 GB with NVIDIA's libraries).`,
        { cause: error },
      );
    case "EROFS":
    case "EACCES":
    case "EPERM":
      return new SetupError(
        `Cannot write${where} (while ${doing}): make it writable, or set MIMKIT_CACHE to a ` +
          `folder that is.`,
        { cause: error },
      );
    default:
      return new SetupError(`Failed while ${doing}${where}: ${rootMessage(error)}.`, {
        cause: error,
      });
  }
}

/** The lines of `failures` as one clause, at most three of them. */
export function listed(failures: readonly string[]): string {
  const rest = failures.length - 3;
  return failures.slice(0, 3).join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}
