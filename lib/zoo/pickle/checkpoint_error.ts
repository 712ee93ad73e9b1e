/**
 * The one kind of error that reading a checkpoint throws: files come from the network, and whoever
 * loads one wants to know which file, what is wrong with it and what to do.
 *
 * @module
 */

/** What is wrong with a checkpoint, in one sentence. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
  /** The file; undefined while the error is on its way to whom knows it. */
  readonly path: string | undefined;

  constructor(message: string, options: ErrorOptions & { path?: string } = {}) {
    super(message, options);
    this.path = options.path;
  }
}

/** What to do about a file that is not as it was written. */
export const damaged = "the file is truncated or damaged; fetch it again";

function explain(error: unknown, path: string): unknown {
  if (error instanceof CheckpointError) {
    return error.path === undefined
      ? new CheckpointError(`${path}: ${error.message}`, { path, cause: error })
      : error;
  }
  if (error instanceof Deno.errors.NotFound) {
    return new CheckpointError(`${path}: there is no such file`, { path, cause: error });
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    const message = `${path}: this user may not read it; change its permissions`;
    return new CheckpointError(message, { path, cause: error });
  }
  return error;
}

/** Does something with a file; what is wrong with the file is said with its path. */
export async function naming<Result>(
  path: string,
  action: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw explain(error, path);
  }
}

/** A name out of a file: as it is, or quoted where it is none that a network has. */
export function shown(name: string): string {
  return /^[\w.:/-]{1,120}$/.test(name) ? name : quoted(name);
}

/** A text out of a file as it may stand in a message: on one line, and not too long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
