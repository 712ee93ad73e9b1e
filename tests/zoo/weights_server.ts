/**
 * A server of one file of weights on this machine, that can be made to fail in the ways that the
 * real ones may, and what a test needs to fetch from it.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type {
  ModelWeights,
  WeightsFileOptions,
} from "../../lib/zoo/download/weights_file.ts";
import type { Checksum } from "../../lib/zoo/download/weights_source.ts";

/** Bytes that differ from place to place. */
export function someBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    { length },
    (_, index) => (index * 31 + (index >> 8) * seed) & 255,
  );
}

/** A checksum of `bytes`, of its first digits only if so many are given. */
export function checksumOf(
  bytes: Uint8Array,
  algorithm: Checksum["algorithm"] = "sha256",
  digits = 64,
): Checksum {
  const hex = createHash(algorithm).update(bytes).digest("hex").slice(0, digits);
  return { algorithm, hex };
}

/** What the server does other than answer. */
export interface Faults {
  /** Breaks off the first answers after so many bytes each. */
  readonly cutAfter?: readonly number[];
  /** Sends the whole file whatever part is asked for. */
  readonly ignoresRange?: boolean;
  /** Answers with this status and nothing else. */
  readonly status?: number;
  readonly contentType?: string;
  /** The edition's name. */
  readonly etag?: string;
  /** Waits so long before each answer. */
  readonly delayMilliseconds?: number;
}

/** A running server. */
export interface WeightsServer extends AsyncDisposable {
  readonly url: string;
  /** "whole" or "from N" of every request. */
  readonly requests: string[];
}

/** Serves `bytes` on 127.0.0.1, under any address. */
export function serveWeights(
  bytes: Uint8Array<ArrayBuffer>,
  faults: Faults = {},
): WeightsServer {
  const requests: string[] = [];
  const cuts = [...(faults.cutAfter ?? [])];
  async function answer(request: Request): Promise<Response> {
    const asked = Number(request.headers.get("range")?.match(/bytes=(\d+)-/)?.[1] ?? 0);
    requests.push(asked > 0 ? `from ${asked}` : "whole");
    await new Promise((done) => setTimeout(done, faults.delayMilliseconds ?? 0));
    if (faults.status !== undefined) return new Response("no", { status: faults.status });
    const wanted = request.headers.get("if-range");
    const other = wanted !== null && wanted !== faults.etag;
    const offset = faults.ignoresRange || other ? 0 : asked;
    if (asked > 0 && offset >= bytes.length) return new Response(null, { status: 416 });
    const rest = bytes.subarray(offset);
    const cut = cuts.shift();
    const sent = cut === undefined ? rest : rest.subarray(0, cut);
    const headers = new Headers({
      "content-length": String(rest.length),
      "content-type": faults.contentType ?? "application/octet-stream",
    });
    if (faults.etag !== undefined) headers.set("etag", faults.etag);
    const end = bytes.length;
    if (offset > 0) headers.set("content-range", `bytes ${offset}-${end - 1}/${end}`);
    let isSent = sent.length === 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (!isSent) {
          isSent = true;
          return controller.enqueue(sent);
        }
        if (sent.length === rest.length) return controller.close();
        // An error takes back what is not on its way yet.
        await new Promise((done) => setTimeout(done, 20));
        controller.error(new Error("cut off"));
      },
    });
    return new Response(body, { status: offset > 0 ? 206 : 200, headers });
  }
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {}, onError: () => new Response() },
    answer,
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/weights/tiny.pth`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A model whose weights are at `url`. */
export function modelAt(url: string, checksum?: Checksum): ModelWeights {
  const optional = checksum === undefined ? {} : { checksum };
  return {
    name: "tiny",
    weights: { kind: "download", url, file: "tiny.pth", ...optional },
  };
}

/** Options with nothing of this machine in them: its pip settings and cache do not count. */
export function into(
  cache: string,
  variables: Readonly<Record<string, string>> = {},
): WeightsFileOptions {
  const all: Readonly<Record<string, string>> = {
    PIP_CONFIG_FILE: "/dev/null",
    MIMKIT_CACHE: cache,
    ...variables,
  };
  return { environment: (name) => all[name], progress: () => {} };
}

/** The names of the files in the cache's folder of weights. */
export function filesIn(cache: string): string[] {
  return [...Deno.readDirSync(`${cache}/weights`)].map(({ name }) => name).sort();
}
