/**
 * Receives one file from the web into a file on disk, checked: its checksum is computed while it
 * comes in, a broken transfer goes on where it stopped (also in the next run), and what is damaged
 * is received once more from the start.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import type { ProgressListener } from "./progress.ts";
import { rootMessage } from "./setup_error.ts";
import { type Checksum, type Obstacle, TransferError } from "./transfer_error.ts";
import type { Web } from "./web.ts";

// How often a transfer that broke off is taken up again before the user is asked to.
const resumptions = 5;
const hashChunkBytes = 1 << 22;

/** A file to receive. */
export interface Transfer {
  readonly url: URL;
  /** Its name, for people. */
  readonly file: string;
  /** Without one, the bytes are taken as they are. */
  readonly checksum?: Checksum | undefined;
  /** The server's name (ETag) for the edition that an earlier run has begun to receive. */
  readonly edition?: string | undefined;
  /** Told of the edition that is being received. */
  readonly onEdition?: (edition: string) => Promise<void>;
}

/** The connection broke off; what came in so far is on disk. */
class Interrupted extends Error {}

interface Partial {
  readonly file: Deno.FsFile;
  hash: Hash | undefined;
  bytes: number;
  edition: string | undefined;
}

function newHash({ checksum }: Transfer): Hash | undefined {
  return checksum === undefined ? undefined : createHash(checksum.algorithm);
}

/** The digest so far; "" where no checksum is known. */
function digestOf({ hash }: Partial): string {
  return hash?.copy().digest("hex") ?? "";
}

function isRight(partial: Partial, { checksum }: Transfer): boolean {
  return checksum === undefined || digestOf(partial).startsWith(checksum.hex);
}

async function readPartial(file: Deno.FsFile, transfer: Transfer): Promise<Partial> {
  const hash = newHash(transfer);
  const partial: Partial = { file, hash, bytes: 0, edition: transfer.edition };
  if (hash === undefined) {
    // With neither a checksum nor an edition, nothing tells whether the old bytes still fit.
    if (transfer.edition === undefined) await file.truncate(0);
    partial.bytes = await file.seek(0, Deno.SeekMode.End);
    return partial;
  }
  await file.seek(0, Deno.SeekMode.Start);
  const chunk = new Uint8Array(hashChunkBytes);
  for (let read = await file.read(chunk); read !== null; read = await file.read(chunk)) {
    if (read === 0) break;
    hash.update(chunk.subarray(0, read));
    partial.bytes += read;
  }
  return partial;
}

async function startOver(partial: Partial, transfer: Transfer): Promise<void> {
  await partial.file.seek(0, Deno.SeekMode.Start);
  if (partial.bytes > 0) await partial.file.truncate(0);
  partial.hash = newHash(transfer);
  partial.bytes = 0;
  partial.edition = undefined;
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

/** An answer with the rest of the file, or undefined where `partial` is the whole of it. */
async function ask(
  web: Web,
  transfer: Transfer,
  partial: Partial,
): Promise<Response | undefined> {
  const { url, checksum } = transfer;
  const rest = { offset: partial.bytes, edition: partial.edition };
  const answer = await web.get(url, rest);
  if (answer.status !== 416) return answer;
  await answer.body?.cancel(); // the server has no more bytes than these
  if (checksum !== undefined && isRight(partial, transfer)) return undefined;
  await startOver(partial, transfer);
  return await web.get(url);
}

function refusal(answer: Response): Obstacle | undefined {
  if (!answer.ok || answer.body === null) {
    return { kind: "refused", status: answer.status };
  }
  // Log-in pages of networks, and of servers that let no program in, come with status 200.
  const type = answer.headers.get("content-type") ?? "";
  return /^text\/html/i.test(type) ? { kind: "page" } : undefined;
}

/** Takes up the transfer where `partial` ends, until the end or an interruption. */
async function receive(
  web: Web,
  transfer: Transfer,
  partial: Partial,
  onProgress: ProgressListener,
): Promise<void> {
  const answer = await ask(web, transfer, partial);
  if (answer === undefined) return;
  const obstacle = refusal(answer);
  if (obstacle !== undefined || answer.body === null) {
    await answer.body?.cancel();
    throw new TransferError(obstacle ?? { kind: "refused", status: answer.status });
  }
  const range = answer.headers.get("content-range")?.match(/bytes (\d+)-/);
  if (
    partial.bytes > 0 &&
    (answer.status !== 206 || Number(range?.[1] ?? 0) !== partial.bytes)
  ) {
    await startOver(partial, transfer);
    if (answer.status === 206) {
      await answer.body.cancel();
      throw new Interrupted("the server answered with another range");
    }
  }
  const edition = answer.headers.get("etag") ?? undefined;
  // A weak name stands for editions that differ in their bytes.
  if (edition !== undefined && !edition.startsWith("W/") && edition !== partial.edition) {
    partial.edition = edition;
    await transfer.onEdition?.(edition);
  }
  const length = Number(answer.headers.get("content-length") ?? 0);
  const totalBytes = length > 0 ? partial.bytes + length : 0;
  const reader = answer.body.getReader();
  const { file } = transfer;
  const tell = () =>
    onProgress({ step: "downloading", file, bytes: partial.bytes, totalBytes });
  try {
    tell();
    while (true) {
      const chunk = await nextChunk(reader, web.timeoutSeconds);
      if (chunk === undefined) break;
      await write(partial.file, chunk);
      partial.hash?.update(chunk);
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

async function receiveAll(
  web: Web,
  transfer: Transfer,
  partial: Partial,
  onProgress: ProgressListener,
): Promise<void> {
  for (let attempt = 0;; attempt++) {
    try {
      return await receive(web, transfer, partial, onProgress);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      if (attempt < resumptions) continue;
      const { bytes } = partial;
      throw new TransferError({ kind: "broken", bytes, reason: error.message });
    }
  }
}

/**
 * Receives a file into `file`, open for reading and writing, after what an earlier run has left in
 * it. Rejects with a {@link TransferError}; a file with a wrong checksum is left empty.
 */
export async function receiveFile(
  web: Web,
  transfer: Transfer,
  file: Deno.FsFile,
  onProgress: ProgressListener,
): Promise<void> {
  const partial = await readPartial(file, transfer);
  while (true) {
    const earlier = partial.bytes;
    await receiveAll(web, transfer, partial, onProgress);
    if (isRight(partial, transfer)) return await file.syncData();
    const found = digestOf(partial);
    await startOver(partial, transfer);
    // Bytes that were left by an earlier run may be what is wrong: once more from the start.
    if (earlier > 0 || transfer.checksum === undefined) continue;
    throw new TransferError({ kind: "damaged", found, expected: transfer.checksum });
  }
}
