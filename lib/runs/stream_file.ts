/**
 * Writing a large file piece by piece: under another name beside its place first, so that the place
 * holds either the old file or the whole new one, even when the machine stops.
 *
 * @module
 */
import { explainWriting, syncFolderOf } from "./files.ts";

/** Somewhere that bytes go to, one after the other. */
export interface ByteStream {
  /** How many bytes are written so far. */
  position(): number;
  write(bytes: Uint8Array): Promise<void>;
}

/** A file that is being written. */
export interface FileStream extends ByteStream {
  /** Writes over the first bytes, when all others are written; the position stays. */
  writeStart(bytes: Uint8Array): Promise<void>;
}

async function explained<Result>(
  path: string,
  action: () => Promise<Result>,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw explainWriting(error, path);
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

/**
 * Writes a file.
 *
 * @param fill writes its bytes; when it throws, the old file stays and nothing is left beside it.
 * @throws {Error} one sentence naming the path, when it cannot be written.
 */
export async function streamFile(
  path: string,
  fill: (stream: FileStream) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID()}.partial`;
  try {
    {
      using file = await explained(
        path,
        () => Deno.open(temporary, { write: true, createNew: true }),
      );
      let position = 0;
      await fill({
        position: () => position,
        async write(bytes) {
          await explained(path, () => writeAll(file, bytes));
          position += bytes.length;
        },
        async writeStart(bytes) {
          await file.seek(0, Deno.SeekMode.Start);
          await explained(path, () => writeAll(file, bytes));
        },
      });
      await explained(path, () => file.sync());
    }
    await explained(path, () => Deno.rename(temporary, path));
    await syncFolderOf(path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
