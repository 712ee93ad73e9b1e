/**
 * Takes single files out of a wheel (a zip file) without ever holding one of them in memory:
 * TensorFlow's library alone is 0.8 GB.
 *
 * @module
 */
import { configure, Reader, ZipReader } from "@zip.js/zip.js";
import type { ProgressListener } from "./progress.ts";
import { asSetupError, SetupError } from "./setup_error.ts";

// Workers would need permissions of their own, and unpacking is bound by the disk.
configure({ useWebWorkers: false });

/** Lets zip.js read from an open file at any offset. */
class FileReader extends Reader<Deno.FsFile> {
  constructor(private readonly file: Deno.FsFile) {
    super(file);
  }
  override async init(): Promise<void> {
    await super.init?.();
    this.size = (await this.file.stat()).size;
  }
  override async readUint8Array(
    offset: number,
    length: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    await this.file.seek(offset, Deno.SeekMode.Start);
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const read = await this.file.read(bytes.subarray(filled));
      if (read === null) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  }
}

// A path that leads out of the folder has no place in a wheel.
function checkInside(name: string, wheel: string): void {
  if (!name.startsWith("/") && !name.split(/[/\\]/).includes("..")) return;
  throw new SetupError(
    `${wheel} holds the path "${name}", which leads out of it: not unpacked.`,
  );
}

/** One file to write, and where its bytes come from. */
interface Member {
  readonly path: string;
  readonly executable: boolean;
  readonly stream: (into: WritableStream<Uint8Array>) => Promise<unknown>;
}

async function write(file: Deno.FsFile, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length;) done += await file.write(chunk.subarray(done));
}

async function unpackMember(member: Member, onBytes: (n: number) => void): Promise<void> {
  await Deno.mkdir(member.path.slice(0, member.path.lastIndexOf("/")), {
    recursive: true,
  });
  const file = await Deno.open(member.path, {
    write: true,
    create: true,
    truncate: true,
  });
  // zip.js reports a failed write only as a closed stream.
  let writeError: unknown;
  const into = new WritableStream<Uint8Array>({
    async write(chunk) {
      try {
        await write(file, chunk);
      } catch (error) {
        writeError = error;
        throw error;
      }
      onBytes(chunk.length);
    },
  });
  try {
    await member.stream(into);
    // After the rename that ends an installation, no power cut may leave empty files.
    await file.syncData();
  } catch (error) {
    throw writeError ?? error;
  } finally {
    file.close();
  }
  if (member.executable) await Deno.chmod(member.path, 0o755);
}

/**
 * Unpacks the files of the wheel at `path` whose name `isWanted` into `folder`, each checked
 * against its CRC-32. Returns their sizes by name; an error if there is none.
 */
export async function unpackWheel(
  path: string,
  wheel: string,
  isWanted: (name: string) => boolean,
  folder: string,
  onProgress: ProgressListener,
): Promise<Record<string, number>> {
  const file = await Deno.open(path);
  const zip = new ZipReader(new FileReader(file), { checkSignature: true });
  try {
    const entries = (await zip.getEntries()).filter((entry) =>
      !entry.directory && isWanted(entry.filename)
    );
    const totalBytes = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
    const sizes: Record<string, number> = {};
    let bytes = 0;
    const tell = () => onProgress({ step: "unpacking", file: wheel, bytes, totalBytes });
    tell();
    for (const entry of entries) {
      if (entry.directory) continue;
      checkInside(entry.filename, wheel);
      await unpackMember({
        path: `${folder}/${entry.filename}`,
        executable: ((entry.externalFileAttributes >>> 16) & 0o100) !== 0,
        stream: (into) => entry.getData(into),
      }, (count) => {
        bytes += count;
        tell();
      });
      sizes[entry.filename] = entry.uncompressedSize;
    }
    if (entries.length === 0) {
      throw new SetupError(
        `${wheel} holds none of the libraries that mimkit needs: set PIP_INDEX_URL to an index ` +
          "with the original wheels, such as https://pypi.org/simple.",
      );
    }
    return sizes;
  } catch (error) {
    throw asSetupError(error, `unpacking ${wheel}`, folder);
  } finally {
    await zip.close().catch(() => {});
    file.close();
  }
}
