/**
 * Reads addresses the way pip's settings ask for: through their proxy, with their certificates,
 * passwords and time-out; `file://` addresses are read like any other.
 *
 * @module
 */
import type { PipConfig } from "./pip_config.ts";
import { asSetupError, isNotFound, rootMessage, SetupError } from "./setup_error.ts";

/** Reads addresses; {@link Web.close} it when done. */
export interface Web {
  /**
   * The answer to a GET of `url` from byte `offset` on (status 206 if the server can do that).
   * Rejects with a one-sentence error if there is no answer; a status such as 404 is an answer.
   */
  get(url: URL, options?: { accept?: string; offset?: number }): Promise<Response>;
  /** How long a server may stay silent in the middle of an answer. */
  readonly timeoutSeconds: number;
  close(): void;
}

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

function explained(error: unknown, url: URL): SetupError {
  if (error instanceof Deno.errors.NotCapable) {
    return asSetupError(error, `asking ${url.host} for TensorFlow`);
  }
  const reason = rootMessage(error);
  const wayOut = /certificate|UnknownIssuer/i.test(reason)
    ? "set PIP_CERT to the PEM file of your organisation's certificate"
    : "check the network, or set PIP_INDEX_URL (and PIP_PROXY) to a mirror within reach";
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
export function openWeb(config: PipConfig): Web {
  const client = Deno.createHttpClient({
    ...(config.certificate === undefined
      ? {}
      : { caCerts: [readCertificate(config.certificate)] }),
    ...(config.proxy === undefined ? {} : { proxy: { url: config.proxy } }),
  });
  const authorization = passwords(config);

  async function getOnce(url: URL, accept: string, offset: number): Promise<Response> {
    const headers = new Headers({ accept });
    const password = authorization.get(url.origin);
    if (password !== undefined) headers.set("authorization", password);
    if (offset > 0) headers.set("range", `bytes=${offset}-`);
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
    async get(url, { accept = "*/*", offset = 0 } = {}) {
      if (url.protocol === "file:") return await getFile(url, offset);
      checkEncrypted(url, config);
      for (let attempt = 0;; attempt++) {
        const pause = pausesInMilliseconds[attempt];
        try {
          const answer = await getOnce(url, accept, offset);
          if (answer.status < 500 || pause === undefined) return answer;
          await answer.body?.cancel();
        } catch (error) {
          if (pause === undefined || error instanceof Deno.errors.NotCapable) {
            throw explained(error, url);
          }
        }
        await new Promise((done) => setTimeout(done, pause));
      }
    },
    close: () => client.close(),
  };
}
