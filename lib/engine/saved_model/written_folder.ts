/**
 * Writing a folder so that its place holds either nothing, the old one, or the whole new one.
 *
 * @module
 */

function explained(error: unknown, path: string, temporary: string): Error {
  const reason = error instanceof Deno.errors.NotCapable
    ? "Deno was not permitted to; add --allow-read and --allow-write to your command"
    : error instanceof Error
    ? error.message.replaceAll(temporary, path)
    : String(error);
  return new Error(`Cannot write "${path}": ${reason}`, { cause: error });
}

async function namesIn(folder: string): Promise<string[] | undefined> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotADirectory) {
      throw new Error("a file is there; choose another folder");
    }
    throw error;
  }
}

/** What is in the files and folders is on the disk afterwards. */
async function sync(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await sync(path);
    else {
      using file = await Deno.open(path, { write: true });
      await file.sync();
    }
  }
}

/** Options of {@linkcode writeFolder}. */
export interface WriteFolderOptions {
  /** A file that the folder to write holds. */
  mark: string;
  /** Whether one with that file in it may be replaced. */
  overwrite: boolean;
}

async function requireFree(
  path: string,
  { mark, overwrite }: WriteFolderOptions,
): Promise<boolean> {
  const names = await namesIn(path);
  if (names === undefined || names.length === 0) return names !== undefined;
  if (!names.includes(mark)) {
    throw new Error(
      `the folder holds other things (such as "${names[0]}"); choose another`,
    );
  }
  if (!overwrite) {
    throw new Error("a model is there already; choose another folder, or say overwrite");
  }
  return true;
}

/**
 * Writes a folder beside its place and renames it there; folders above it are made.
 *
 * @param fill writes into a folder that is there and empty.
 * @throws {Error} one sentence naming the path; what was there before stays.
 */
export async function writeFolder(
  path: string,
  options: WriteFolderOptions,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const place = path.replace(/(?<=.)\/+$/, "");
  const id = crypto.randomUUID();
  const temporary = `${place}.${id}.partial`;
  const old = `${place}.${id}.old`;
  try {
    const isThere = await requireFree(place, options);
    await Deno.mkdir(temporary, { recursive: true });
    await fill(temporary);
    await sync(temporary);
    if (isThere) await Deno.rename(place, old);
    try {
      await Deno.rename(temporary, place);
    } catch (error) {
      if (isThere) await Deno.rename(old, place);
      throw error;
    }
    if (isThere) await Deno.remove(old, { recursive: true });
  } catch (error) {
    await Deno.remove(temporary, { recursive: true }).catch(() => {});
    throw explained(error, place, temporary);
  }
}
