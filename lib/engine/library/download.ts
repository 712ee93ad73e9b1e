/**
 * Fetches one wheel, checked: its sha256 is computed while it comes in, a broken download goes on
 * where it stopped (also in the next run), and a file with another checksum does not survive.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import type { ChosenWheel } from "./choose_wheel.ts";
import type { ProgressListener } from "./progress.ts";
import { asSetupError, isNotFound, rootMessage, SetupError } from "./setup_error.ts";
import { shown, type Web } from "./web.ts";

// How often a transfer that broke off is taken up again before the user is asked to.
const resumptions = 5;
const hashChunkBytes = 1 << 22;

/** The connection broke off; what came in so far is on disk. */
class Interrupted extends Error {}

interface Partial {
  readonly path: string;
  readonly file: Deno.FsFile;
  hash: Hash;
  bytes: number;
}

async function openPartial(path: string): Promise<Partial> {
  const file = await Deno.open(path, { read: true, write: true, create: true });
  const partial: Partial = { path, file, hash: createHash("sha256"), bytes: 0 };
  const chunk = new Uint8Array(hashChunkBytes);
  for (let read = await file.read(chunk); read !== null; read = await file.read(chunk)) {
    if (read === 0) break;
    partial.hash.update(chunk.subarray(0, read));
    partial.bytes += read;
  }
  return partial;
}

async function startOver(partial: Partial): Promise<void> {
  await partial.file.seek(0, Deno.SeekMode.Start);
  if (partial.bytes > 0) await partial.file.truncate(0);
  partial.hash = createHash("sha256");
  partial.bytes = 0;
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** The next piece, or a rejection if the server stays silent for too long. */
async function nextChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  seconds: number,
): Promise<Uint8Array | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Interrupted(`silent for ${seconds} s`)),
      seconds * 1000,
    );
  });
  try {
    const { value } = await Promise.race([reader.read(), silence]);
    return value;
  } catch (error) {
    throw error instanceof Interrupted ? error : new Interrupted(rootMessage(error));
  } finally {
    clearTimeout(timer);
  }
}

async function write(file: Deno.FsFile, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length;) done += await file.write(chunk.subarray(done));
}

/** Takes up the transfer where `partial` ends, until the end or an interruption. */
async function receive(
  web: Web,
  wheel: ChosenWheel,
  partial: Partial,
  onProgress: ProgressListener,
): Promise<void> {
  const { link } = wheel;
  let answer = await web.get(link.url, { offset: partial.bytes });
  if (answer.status === 416) { // the server has no more bytes than these
    await answer.body?.cancel();
    if (partial.hash.copy().digest("hex") === wheel.sha256) return;
    await startOver(partial);
    answer = await web.get(link.url);
  }
  if (!answer.ok || answer.body === null) {
    await answer.body?.cancel();
    throw new SetupError(
      `${
        shown(link.url)
      } answered ${answer.status}: try again later, or set PIP_INDEX_URL to ` +
        "another index.",
    );
  }
  const from = Number(
    answer.headers.get("content-range")?.match(/bytes (\d+)-/)?.[1] ?? 0,
  );
  if (partial.bytes > 0 && (answer.status !== 206 || from !== partial.bytes)) {
    await startOver(partial);
    if (answer.status === 206) {
      await answer.body.cancel();
      throw new Interrupted("the server answered with another range");
    }
  }
  const length = Number(answer.headers.get("content-length") ?? 0);
  const totalBytes = length > 0 ? partial.bytes + length : 0;
  const reader = answer.body.getReader();
  const tell = () =>
    onProgress({
      step: "downloading",
      file: link.file,
      bytes: partial.bytes,
      totalBytes,
    });
  try {
    tell();
    while (true) {
      const chunk = await nextChunk(reader, web.timeoutSeconds);
      if (chunk === undefined) break;
      partial.hash.update(chunk);
      await write(partial.file, chunk);
      partial.bytes += chunk.length;
      tell();
    }
  } finally {
    reader.cancel().catch(() => {}); // no one waits for the rest of a broken transfer
  }
  if (partial.bytes < totalBytes) {
    throw new Interrupted(
      `the server stopped after ${partial.bytes} of ${totalBytes} bytes`,
    );
  }
}

/** Fills `partial`; the number of bytes that an earlier run had left there. */
async function receiveAll(
  web: Web,
  wheel: ChosenWheel,
  partial: Partial,
  onProgress: ProgressListener,
): Promise<number> {
  const earlier = partial.bytes;
  for (let attempt = 0;; attempt++) {
    try {
      await receive(web, wheel, partial, onProgress);
      return earlier;
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      if (attempt < resumptions) continue;
      throw new SetupError(
        `The download of ${wheel.link.file} from ${wheel.link.url.host} broke off after ` +
          `${
            (partial.bytes / 1e6).toFixed(1)
          } MB (${error.message}): run the same command again; ` +
          "it goes on from there.",
        { cause: error },
      );
    }
  }
}

/**
 * Fetches `wheel` into `folder` and returns the path of the checked file. What a broken download
 * has left is kept for the next call; a file with a wrong checksum is removed.
 */
export async function downloadWheel(
  web: Web,
  wheel: ChosenWheel,
  folder: string,
  onProgress: ProgressListener,
): Promise<string> {
  const path = `${folder}/${wheel.link.file}.${wheel.sha256.slice(0, 8)}.part`;
  const doing = `downloading ${wheel.link.file}`;
  try {
    while (true) {
      const partial = await openPartial(path);
      let earlier: number;
      try {
        earlier = await receiveAll(web, wheel, partial, onProgress);
      } finally {
        partial.file.close();
      }
      const sha256 = partial.hash.digest("hex");
      if (sha256 === wheel.sha256) return path;
      await removeIfThere(path);
      // Bytes that were left by an earlier run may be what is wrong: once more from the start.
      if (earlier > 0) continue;
      throw new SetupError(
        `${
          shown(wheel.link.url)
        } has the sha256 ${sha256} where ${wheel.sha256} is right, so it ` +
          "is damaged or not the original; nothing of it was kept: try again, and if it stays so, " +
          "set PIP_INDEX_URL to another index.",
      );
    }
  } catch (error) {
    throw asSetupError(error, doing, folder);
  }
}
