/**
 * Reads addresses the way pip's settings ask for: through their proxy, with their certificates,
 * passwords and time-out; `file://` addresses are read like any other.
 *
 * @module
 */
import type { PipConfig } from "./pip_config.ts";
import { asSetupError, isNotFound, rootMessage, SetupError } from "./setup_error.ts";

/** What else to say when asking for an address. */
export interface WebRequest {
  readonly accept?: string;
  /** Asks for the bytes from here on. */
  readonly offset?: number;
  /** The ETag of the edition that the offset is about: another one is answered from its start. */
  readonly edition?: string | undefined;
}

/** Reads addresses; {@link Web.close} it when done. */
export interface Web {
  /**
   * The answer to a GET of `url` (status 206 if it begins at the offset). Rejects with a
   * one-sentence error if there is no answer; a status such as 404 is an answer.
   */
  get(url: URL, request?: WebRequest): Promise<Response>;
  /** How long a server may stay silent in the middle of an answer. */
  readonly timeoutSeconds: number;
  close(): void;
}

/** What addresses are read for, in the words of errors. */
export interface WebPurpose {
  readonly what: string;
  /** What to do where there is no answer. */
  readonly wayOut: string;
}

const tensorflow: WebPurpose = {
  what: "TensorFlow",
  wayOut:
    "check the network, or set PIP_INDEX_URL (and PIP_PROXY) to a mirror within reach",
};

// Pauses before a request is tried again: long enough for a hiccup, short for one who waits.
const pausesInMilliseconds = [250, 1000];

/** An address for people: without the password that may stand in it. */
export function shown(url: URL): string {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  return copy.href;
}

async function getFile(url: URL, offset: number): Promise<Response> {
  let path = decodeURIComponent(url.pathname);
  try {
    if ((await Deno.stat(path)).isDirectory) {
      path = `${path.replace(/\/$/, "")}/index.html`;
    }
    const file = await Deno.open(path);
    const size = (await file.stat()).size;
    await file.seek(offset, Deno.SeekMode.Start);
    const headers = new Headers({ "content-length": String(size - offset) });
    if (offset > 0) headers.set("content-range", `bytes ${offset}-${size - 1}/${size}`);
    return new Response(file.readable, { status: offset > 0 ? 206 : 200, headers });
  } catch (error) {
    if (isNotFound(error)) return new Response(null, { status: 404 });
    throw asSetupError(error, `reading ${shown(url)}`);
  }
}

function explained(error: unknown, url: URL, purpose: WebPurpose): SetupError {
  if (error instanceof Deno.errors.NotCapable) {
    return asSetupError(error, `asking ${url.host} for ${purpose.what}`);
  }
  const reason = rootMessage(error);
  const wayOut = /certificate|UnknownIssuer/i.test(reason)
    ? "set PIP_CERT to the PEM file of your organisation's certificate"
    : purpose.wayOut;
  return new SetupError(`No answer from ${url.host} (${reason}): ${wayOut}.`, {
    cause: error,
  });
}

/** Passwords by origin: an index's also serves the files that it links to on the same host. */
function passwords(config: PipConfig): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const url of [...config.indexes, ...config.findLinks]) {
    if (url.username === "") continue;
    const pair = `${decodeURIComponent(url.username)}:${
      decodeURIComponent(url.password)
    }`;
    const bytes = new TextEncoder().encode(pair);
    found.set(url.origin, `Basic ${btoa(String.fromCharCode(...bytes))}`);
  }
  return found;
}

// As pip: without https only a host that the user trusts, or this machine.
function checkEncrypted(url: URL, config: PipConfig): void {
  const own = ["localhost", "127.0.0.1", "[::1]"];
  if (url.protocol !== "http:" || own.includes(url.hostname)) return;
  if (config.trustedHosts.some((host) => host === url.hostname || host === url.host)) {
    return;
  }
  throw new SetupError(
    `${shown(url)} is not encrypted: use its https address, or set ` +
      `PIP_TRUSTED_HOST=${url.hostname} if you trust the way to it.`,
  );
}

function readCertificate(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (!isNotFound(error)) {
      throw asSetupError(error, `reading pip's certificate ${path}`);
    }
    throw new SetupError(
      `pip's cert is "${path}", and there is no such file: mend it, or unset PIP_CERT.`,
    );
  }
}

/** A reader of addresses with pip's settings. */
export function openWeb(config: PipConfig, purpose: WebPurpose = tensorflow): Web {
  const client = Deno.createHttpClient({
    ...(config.certificate === undefined
      ? {}
      : { caCerts: [readCertificate(config.certificate)] }),
    ...(config.proxy === undefined ? {} : { proxy: { url: config.proxy } }),
  });
  const authorization = passwords(config);

  async function getOnce(url: URL, request: WebRequest): Promise<Response> {
    const { accept = "*/*", offset = 0, edition } = request;
    const headers = new Headers({ accept });
    const password = authorization.get(url.origin);
    if (password !== undefined) headers.set("authorization", password);
    if (offset > 0) headers.set("range", `bytes=${offset}-`);
    if (offset > 0 && edition !== undefined) headers.set("if-range", edition);
    const silence = new AbortController();
    const timer = setTimeout(
      () => silence.abort(new Error(`silent for ${config.timeoutSeconds} s`)),
      config.timeoutSeconds * 1000,
    );
    try {
      return await fetch(shown(url), { client, headers, signal: silence.signal });
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    timeoutSeconds: config.timeoutSeconds,
    async get(url, request = {}) {
      if (url.protocol === "file:") return await getFile(url, request.offset ?? 0);
      checkEncrypted(url, config);
      for (let attempt = 0;; attempt++) {
        const pause = pausesInMilliseconds[attempt];
        try {
          const answer = await getOnce(url, request);
          if (answer.status < 500 || pause === undefined) return answer;
          await answer.body?.cancel();
        } catch (error) {
          if (pause === undefined || error instanceof Deno.errors.NotCapable) {
            throw explained(error, url, purpose);
          }
        }
        await new Promise((done) => setTimeout(done, pause));
      }
    },
    close: () => client.close(),
  };
}
